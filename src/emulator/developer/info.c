/* SPDX-License-Identifier: MIT */

/* App Info: what the app is called, and the settings that its customers fill in. */

#include "base/html.h"
#include "emulator/control/control_routes.h"
#include "emulator/developer/builder.h"
#include "emulator/developer/developer.h"
#include "emulator/frame/exchange.h"
#include "emulator/pages/as_control.h"
#include "emulator/pages/input.h"
#include "emulator/pages/page.h"
#include "emulator/pages/page_routes.h"
#include "emulator/pages/posted.h"
#include "json/write.h"

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
    builder_show(exchange, app);
    page_end(exchange);
}

void developer_get_info(struct exchange *exchange)
{
    struct app app;

    if (developer_find(exchange, &app))
        show_info(exchange, &app, NULL);
}

/* Name, public, reinstall. */
static const char *save_basics(struct exchange *exchange, struct app *app)
{
    cleanup(buf_done) struct buf body = {0};
    struct write write;

    app->display_name = posted_field(exchange, "display_name");
    app->is_public = posted_is(exchange, "public", "true");
    app->allows_reinstall = posted_is(exchange, "reinstall", "true");
    buf_init(&body, 6 * exchange->body.len + 1024);
    write_init(&write, &body);
    write_object(&write);
    write_member_string(&write, "display_name", app->display_name);
    write_member_bool(&write, "public", app->is_public);
    write_member_text(&write, "reinstall", app->allows_reinstall ? "allow" : "refuse");
    write_object_end(&write);
    return as_control(exchange, app_put, buf_bytes(&body));
}

void developer_post_info(struct exchange *exchange)
{
    struct app app;
    const char *why;

    if (!developer_find(exchange, &app))
        return;
    if (posted_is(exchange, "do", "setting") ||
        posted_is(exchange, "do", "remove-setting"))
        why = builder_post(exchange, &app);
    else
        why = save_basics(exchange, &app);
    if (why != NULL)
        show_info(exchange, &app, why);
    else
        page_done(exchange, developer_path(exchange, &app, "/developer"),
                  PAGE_NOTE_APP_UPDATED);
}
