/* SPDX-License-Identifier: MIT */

/* Build: one event to the component, and what comes of it (dossier §3.10). */

#include "base/err.h"
#include "base/html.h"
#include "emulator/delivery/subscription.h"
#include "emulator/developer/developer.h"
#include "emulator/developer/outcome.h"
#include "emulator/developer/trial.h"
#include "emulator/pages/input.h"
#include "emulator/pages/page.h"
#include "emulator/pages/page_routes.h"
#include "emulator/pages/posted.h"
#include "emulator/pages/pretty.h"
#include "emulator/pages/settings_form.h"
#include "json/json.h"

enum { TEXT_BYTES = 1 << 20, EVENT_LINES = 14 };

/* What the page is about; in the exchange's arena, as a result comes later. */
struct build {
    struct app app;
    struct bytes kind; /* of the subscription: "webhook"; empty: there is none */
    bool is_posted;    /* fields are as they were typed */
};

/* Which members of the subscription a test may replace. */
static const struct {
    const char *kind, *key;
    struct bytes label;
    bool is_required;
} fields[] = {
    {"webhook", "url", BYTES("Endpoint URL"), true},
    {"webhook", "api_key", BYTES("API key"), true},
    {"function", "function", BYTES("File of the function"), true},
    {"function", "api_key", BYTES("Testing API key"), false},
    {"lambda", "arn", BYTES("Lambda ARN"), true},
    {"lambda", "role", BYTES("Role ARN"), false},
    {"lambda", "external_id", BYTES("External ID"), false},
    {"lambda", "invoke_url", BYTES("Invoke URL"), true},
    {"lambda", "api_key", BYTES("API key"), false},
};

static bool is_function(const struct build *build)
{
    return bytes_eq(build->kind, BYTES("function"));
}

static enum target_kind kind_of(const struct build *build)
{
    if (is_function(build))
        return TARGET_FUNCTION;
    return bytes_eq(build->kind, BYTES("lambda")) ? TARGET_LAMBDA : TARGET_WEBHOOK;
}

static struct bytes copy(struct exchange *exchange, struct bytes text)
{
    return bytes_of(arena_copy(&exchange->arena, text), text.len);
}

/* --- showing ------------------------------------------------------------------------ */

static void show_fields(struct exchange *exchange, const struct build *build,
                        const struct json *subscription)
{
    for (size_t i = 0; i < COUNT(fields); i++) {
        if (!bytes_eq(bytes_str(fields[i].kind), build->kind))
            continue;
        input_show(&exchange->out,
                   &(struct input){
                       .name = fields[i].key,
                       .label = fields[i].label,
                       .is_required = fields[i].is_required,
                       .value = build->is_posted
                                    ? posted_field(exchange, fields[i].key)
                                    : subscription_text(subscription, fields[i].key),
                   });
    }
}

static void show_settings(struct exchange *exchange, const struct build *build)
{
    cleanup(json_freep) struct json *item =
        config_settings_item(exchange->world, "destinations", build->app.slug);

    settings_form_show(exchange, &(struct settings_form){.item = item,
                                                         .but = "apiKey",
                                                         .is_posted = build->is_posted});
}

static void show_event(struct exchange *exchange, const struct build *build)
{
    cleanup(buf_done) struct buf event = {0};

    buf_init(&event, TEXT_BYTES);
    if (build->is_posted)
        buf_add(&event, posted_text(exchange, "event"));
    else
        pretty_print(&event, trial_default_event(is_function(build) ? TARGET_FUNCTION
                                                                    : TARGET_WEBHOOK));
    input_show(&exchange->out, &(struct input){.name = "event",
                                               .label = BYTES("Event"),
                                               .value = buf_bytes(&event),
                                               .is_required = true,
                                               .n_lines = EVENT_LINES});
}

static void show_form(struct exchange *exchange, const struct build *build)
{
    struct buf *out = &exchange->out;
    cleanup(json_freep) struct json *subscription =
        subscription_read(exchange->world, build->app.id);

    input_form(out, NULL);
    html_add(out, "<div class=\"columns\"><div>\n");
    show_fields(exchange, build, subscription);
    show_settings(exchange, build);
    html_add(out, "</div><div>\n");
    show_event(exchange, build);
    html_addf(out, "</div></div>\n<button class=\"main\">%s</button></form>\n",
              bytes_eq(build->kind, BYTES("webhook")) ? "Send to Endpoint"
                                                      : "Send Test Event");
}

static void show(struct exchange *exchange, const struct build *build, const char *why,
                 const struct attempt_result *result)
{
    struct buf *out = &exchange->out;

    developer_begin(exchange, &build->app, "Build", why);
    html_addf(out,
              "<h2>Send Test Event</h2>\n<p>To the app's %b; what kind it is, <a "
              "href=\"%s\">Components</a> says.</p>\n",
              &build->kind,
              developer_path(exchange, &build->app, "/developer/components"));
    if (result != NULL) {
        html_add(out, "<div class=\"outcome\">\n");
        outcome_show_test(out, kind_of(build), result);
        html_add(out, "</div>\n");
    }
    show_form(exchange, build);
    page_end(exchange);
}

static void show_result(struct exchange *exchange, void *arg,
                        const struct attempt_result *result)
{
    show(exchange, arg, NULL, result);
}

/* --- sending ------------------------------------------------------------------------ */

static struct build *find(struct exchange *exchange)
{
    struct build *build = arena_new(&exchange->arena, struct build);
    cleanup(json_freep) struct json *subscription = NULL;

    if (!developer_find(exchange, &build->app))
        return NULL;
    subscription = subscription_read(exchange->world, build->app.id);
    build->kind = copy(exchange, json_string(json_get(subscription, "kind")));
    if (build->kind.len > 0)
        return build;
    page_refuse(exchange, 404, "the app has no component yet: see Components");
    return NULL;
}

static int read_settings(struct exchange *exchange, const struct build *build,
                         struct json *over, struct err *err)
{
    cleanup(json_freep) struct json *settings = json_object();
    cleanup(json_freep) struct json *item =
        config_settings_item(exchange->world, "destinations", build->app.slug);
    const struct settings_form form = {.item = item, .but = "apiKey"};
    cleanup(buf_done) struct buf text = {0};
    char why[CONFIG_WHY_BYTES];

    if (!settings_form_read(exchange, &form, settings, why))
        return err_set(err, "%s", why);
    buf_init(&text, TEXT_BYTES);
    config_settings_print(settings, &text); /* without those that are empty */
    return json_set_path(over, "settings", buf_bytes(&text), err);
}

static int read_form(struct exchange *exchange, const struct build *build,
                     struct target *ret_target, struct bytes *ret_event, struct err *err)
{
    cleanup(json_freep) struct json *over = json_object();

    for (size_t i = 0; i < COUNT(fields); i++) {
        if (bytes_eq(bytes_str(fields[i].kind), build->kind))
            json_set_string(over, fields[i].key,
                            bytes_trim(posted_field(exchange, fields[i].key)));
    }
    if (read_settings(exchange, build, over, err) < 0 ||
        posted_object(exchange, "event", ret_event, err) < 0)
        return -1;
    return trial_target(exchange, build->app.id, over, ret_target, err);
}

void developer_get_build(struct exchange *exchange)
{
    const struct build *build = find(exchange);

    if (build != NULL)
        show(exchange, build, NULL, NULL);
}

void developer_post_build(struct exchange *exchange)
{
    struct build *build = find(exchange);
    struct target target;
    struct bytes event;
    struct err err = {0};

    if (build == NULL)
        return;
    build->is_posted = true;
    if (read_form(exchange, build, &target, &event, &err) < 0)
        show(exchange, build, err.text, NULL);
    else
        trial_start(exchange, &target, event, show_result, build);
}
