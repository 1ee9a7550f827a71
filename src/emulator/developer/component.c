/* SPDX-License-Identifier: MIT */

/* Components: where the app's events go, the same as PUT /_emulator/subscription. */

#include "base/err.h"
#include "base/html.h"
#include "emulator/control/control_routes.h"
#include "emulator/delivery/subscription.h"
#include "emulator/developer/developer.h"
#include "emulator/frame/exchange.h"
#include "emulator/pages/as_control.h"
#include "emulator/pages/input.h"
#include "emulator/pages/page.h"
#include "emulator/pages/page_routes.h"
#include "emulator/pages/posted.h"
#include "json/json.h"

static const struct {
    const char *kind;
    struct bytes title;
} kinds[] = {
    {"webhook", BYTES("Webhook: an HTTP endpoint")},
    {"function", BYTES("Function: a file of JavaScript")},
    {"lambda", BYTES("Lambda: AWS, or partnerapp lambda serve")},
};

static const struct {
    const char *kind, *key;
    struct bytes label, hint;
} fields[] = {
    {"webhook", "url", BYTES("Endpoint URL"), BYTES("https, or http on this machine.")},
    {"webhook", "shared_secret", BYTES("Shared secret"),
     BYTES("Signs every body in X-Signature; empty: none.")},
    {"function", "function", BYTES("File of the function"),
     BYTES("A path on this machine, such as /home/me/app/functions/demo/index.js.")},
    {"lambda", "arn", BYTES("Lambda ARN"), BYTES("Name, name:alias or ARN.")},
    {"lambda", "role", BYTES("Role ARN"),
     BYTES("Assumed before each Invoke; empty: Invoke is signed without.")},
    {"lambda", "external_id", BYTES("External ID"), BYTES("")},
    {"lambda", "region", BYTES("Region"), BYTES("us-west-2")},
    {"lambda", "invoke_url", BYTES("Invoke URL"),
     BYTES("Where Invoke is called: http://127.0.0.1:9001, or AWS.")},
    {"lambda", "sts_url", BYTES("STS URL"),
     BYTES("Where the role is assumed; empty: at the Invoke URL when that is this "
           "machine, else at AWS.")},
};

static const char *const log_types[] = {"None", "Tail"};

/* Of the two generations of functions (dossier §4, §5.2). */
static const struct {
    const char *payload;
    struct bytes title;
} payloads[] = {
    {"", BYTES("As its kind has it")},
    {"event", BYTES("The bare event")},
    {"envelope", BYTES("{event, settings, version}")},
};

/* --- showing ------------------------------------------------------------------------ */

static struct bytes value_of(struct exchange *exchange, const struct json *subscription,
                             const char *key)
{
    if (bytes_eq(exchange->method, BYTES("POST")))
        return posted_field(exchange, key);
    return subscription_text(subscription, key);
}

static void show_kinds(struct buf *out, struct bytes current)
{
    input_choice_begin(out, "kind", BYTES("Kind"));
    for (size_t i = 0; i < COUNT(kinds); i++)
        input_option(out, bytes_str(kinds[i].kind), kinds[i].title,
                     bytes_eq(current, bytes_str(kinds[i].kind)));
    input_choice_end(out, BYTES("Only the fields of this kind count."));
}

/* Segment shows it and lets nobody choose; here a wrong one can be tried. */
static struct bytes hint_of(struct exchange *exchange, const struct app *app, size_t i)
{
    struct target target = {.role = BYTES("any")};

    if (strcmp(fields[i].key, "external_id") != 0)
        return fields[i].hint;
    target_default_external_id(exchange->world, app->id, &exchange->arena, &target);
    return bytes_str(arena_printf(&exchange->arena, "Empty: the workspace's id, %.*s.",
                                  BYTES_FMT(target.external_id)));
}

static void show_log_types(struct buf *out, struct bytes current)
{
    input_choice_begin(out, "log_type", BYTES("Log type"));
    for (size_t i = 0; i < COUNT(log_types); i++)
        input_option(out, bytes_str(log_types[i]), bytes_str(log_types[i]),
                     bytes_eq(current, bytes_str(log_types[i])));
    input_choice_end(out, BYTES("Tail: the last 4 KB of the log come with the answer."));
}

static void show_fields(struct exchange *exchange, const struct app *app,
                        const struct json *subscription, const char *kind)
{
    for (size_t i = 0; i < COUNT(fields); i++) {
        if (strcmp(fields[i].kind, kind) == 0)
            input_show(
                &exchange->out,
                &(struct input){.name = fields[i].key,
                                .label = fields[i].label,
                                .value = value_of(exchange, subscription, fields[i].key),
                                .hint = hint_of(exchange, app, i)});
    }
    if (strcmp(kind, "lambda") == 0)
        show_log_types(&exchange->out, value_of(exchange, subscription, "log_type"));
}

static void show_payloads(struct buf *out, struct bytes current)
{
    input_choice_begin(out, "payload", BYTES("Payload of functions and lambdas"));
    for (size_t i = 0; i < COUNT(payloads); i++)
        input_option(out, bytes_str(payloads[i].payload), payloads[i].title,
                     bytes_eq(current, bytes_str(payloads[i].payload)));
    input_choice_end(out, BYTES(""));
}

static void show(struct exchange *exchange, const struct app *app, const char *why)
{
    struct buf *out = &exchange->out;
    cleanup(json_freep) struct json *subscription =
        subscription_read(exchange->world, app->id);

    developer_begin(exchange, app, "Components", why);
    html_add(out, "<p>Where the events of every destination of this app go.</p>\n");
    input_form(out, NULL);
    show_kinds(out, value_of(exchange, subscription, "kind"));
    for (size_t i = 0; i < COUNT(kinds); i++) {
        html_addf(out, "<fieldset><legend>%b</legend>\n", &kinds[i].title);
        show_fields(exchange, app, subscription, kinds[i].kind);
        html_add(out, "</fieldset>\n");
    }
    show_payloads(out, value_of(exchange, subscription, "payload"));
    html_add(out, "<button class=\"main\">Save</button></form>\n");
    page_end(exchange);
}

void developer_get_components(struct exchange *exchange)
{
    struct app app;

    if (developer_find(exchange, &app))
        show(exchange, &app, NULL);
}

/* --- saving ------------------------------------------------------------------------- */

static void take_fields(struct exchange *exchange, struct bytes kind, struct json *body)
{
    for (size_t i = 0; i < COUNT(fields); i++) {
        const struct bytes value = bytes_trim(posted_field(exchange, fields[i].key));

        if (value.len > 0 && bytes_eq(bytes_str(fields[i].kind), kind))
            json_set_string(body, fields[i].key, value);
    }
}

/* What the form has no field for stays as it is. */
static void print_body(struct exchange *exchange, const struct app *app,
                       struct buf *ret_text)
{
    cleanup(json_freep) struct json *body = json_object();
    cleanup(json_freep) struct json *before = subscription_read(exchange->world, app->id);
    static const char *const kept[] = {"api_key", "settings", "client_context",
                                       "generation"};
    const struct bytes kind = posted_field(exchange, "kind");
    const struct bytes number =
        bytes_str(arena_printf(&exchange->arena, "%lld", (long long)app->id));
    const struct bytes payload = posted_field(exchange, "payload");
    const struct bytes log_type = posted_field(exchange, "log_type");
    struct err err = {0};

    for (size_t i = 0; i < COUNT(kept); i++) {
        if (json_get(before, kept[i]) != NULL)
            json_set(body, kept[i], json_get(before, kept[i]));
    }
    json_set_string(body, "kind", kind);
    if (json_set_path(body, "app", number, &err) < 0)
        return; /* a member of its own object */
    take_fields(exchange, kind, body);
    if (bytes_eq(kind, BYTES("lambda")) && log_type.len > 0)
        json_set_string(body, "log_type", log_type);
    if (payload.len > 0 && !bytes_eq(kind, BYTES("webhook")))
        json_set_string(body, "payload", payload);
    json_print(body, /* indented= */ false, ret_text);
}

void developer_post_components(struct exchange *exchange)
{
    cleanup(buf_done) struct buf body = {0};
    struct app app;
    const char *why;

    if (!developer_find(exchange, &app))
        return;
    buf_init(&body, 4 << 20);
    print_body(exchange, &app, &body);
    why = as_control(exchange, control_put_subscription, buf_bytes(&body));
    if (why != NULL)
        show(exchange, &app, why);
    else
        page_done(exchange, developer_path(exchange, &app, "/developer/components"),
                  PAGE_NOTE_APP_UPDATED);
}
