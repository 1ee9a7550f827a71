/* SPDX-License-Identifier: MIT */

/* App Info: what the app is called, and the settings that its customers fill in. */

#include "base/html.h"
#include "emulator/config/settings.h"
#include "emulator/control/control_routes.h"
#include "emulator/developer/developer.h"
#include "emulator/frame/exchange.h"
#include "emulator/pages/as_control.h"
#include "emulator/pages/input.h"
#include "emulator/pages/page.h"
#include "emulator/pages/page_routes.h"
#include "emulator/pages/posted.h"
#include "json/json.h"
#include "json/write.h"

static void show_setting(struct buf *out, const struct json *setting)
{
    const struct bytes label = json_string(json_get(setting, "display_name"));
    const struct bytes key = json_string(json_get(setting, "name"));
    const struct bytes type = json_string(json_get(setting, "type"));
    const struct bytes description = json_string(json_get(setting, "description"));

    html_addf(out,
              "<tr><th scope=\"row\"><bdi>%b</bdi></th><td><code>%b</code></td>"
              "<td>%b</td><td>%s</td><td>%b</td></tr>\n",
              &label, &key, &type,
              json_bool(json_get(setting, "required")) ? "required" : "optional",
              &description);
}

static void show_settings(struct exchange *exchange, const struct app *app)
{
    struct buf *out = &exchange->out;
    cleanup(json_freep) struct json *item =
        config_settings_item(exchange->world, "destinations", app->slug);
    const struct json *settings = json_get(item, "settings");

    if (item == NULL)
        return;
    html_addf(out,
              "<h2>Settings</h2>\n<p class=\"hint\">What a customer fills in; keys are "
              "what arrives in X-Segment-Settings. From the catalog item <a "
              "href=\"/catalog/destinations/%b\">%b</a>.</p>\n<table class=\"folds\">"
              "<thead><tr><th scope=\"col\">Label</th><th scope=\"col\">Key</th><th "
              "scope=\"col\">Type</th><th scope=\"col\">Required</th><th "
              "scope=\"col\">Description</th></tr></thead>\n<tbody>\n",
              &app->slug, &app->slug);
    for (size_t i = 0; i < json_count(settings); i++)
        show_setting(out, json_at(settings, i));
    html_add(out, "</tbody></table>\n");
}

static void show_info(struct exchange *exchange, const struct app *app, const char *why)
{
    struct buf *out = &exchange->out;

    developer_begin(exchange, app, "App Info", why);
    html_addf(out,
              "<dl><dt>Slug</dt><dd><code>%b</code></dd><dt>Workspace</dt><dd>%b"
              "</dd></dl>\n",
              &app->slug, &app->workspace);
    input_form(out, NULL);
    input_show(out, &(struct input){.name = "display_name",
                                    .label = BYTES("Name"),
                                    .value = app->display_name,
                                    .is_required = true});
    input_tick(out, "public", BYTES("Public: any workspace may install it"),
               app->is_public);
    input_tick(out, "reinstall",
               BYTES("A workspace may install it a second time (Segment refuses that)"),
               app->allows_reinstall);
    html_add(out, "<button class=\"main\">Save</button></form>\n");
    show_settings(exchange, app);
    page_end(exchange);
}

void developer_get_info(struct exchange *exchange)
{
    struct app app;

    if (developer_find(exchange, &app))
        show_info(exchange, &app, NULL);
}

void developer_post_info(struct exchange *exchange)
{
    cleanup(buf_done) struct buf body = {0};
    struct write write;
    struct app app;
    const char *why;

    if (!developer_find(exchange, &app))
        return;
    app.display_name = posted_field(exchange, "display_name");
    app.is_public = posted_is(exchange, "public", "true");
    app.allows_reinstall = posted_is(exchange, "reinstall", "true");
    buf_init(&body, 6 * exchange->body.len + 1024);
    write_init(&write, &body);
    write_object(&write);
    write_member_string(&write, "display_name", app.display_name);
    write_member_bool(&write, "public", app.is_public);
    write_member_text(&write, "reinstall", app.allows_reinstall ? "allow" : "refuse");
    write_object_end(&write);
    why = as_control(exchange, app_put, buf_bytes(&body));
    if (why != NULL)
        show_info(exchange, &app, why);
    else
        page_done(exchange, developer_path(exchange, &app, "/developer"),
                  PAGE_NOTE_APP_UPDATED);
}
