/* SPDX-License-Identifier: MIT */

/* Publish: what has to be done before Segment would look at an app (dossier §3.10). Here
 * it is only a list: there is nobody to send it to. */

#include "base/html.h"
#include "emulator/delivery/subscription.h"
#include "emulator/developer/developer.h"
#include "emulator/frame/exchange.h"
#include "emulator/pages/page.h"
#include "emulator/pages/page_routes.h"
#include "emulator/world/world.h"
#include "json/json.h"

static bool has_passed(struct exchange *exchange, const struct app *app)
{
    cleanup(buf_done) struct buf result = {0};

    buf_init(&result, 16);
    return world_get(exchange->world,
                     arena_printf(&exchange->arena, "suite:%lld", (long long)app->id),
                     &result) &&
           bytes_eq(buf_bytes(&result), BYTES("passed"));
}

/* Somebody went the whole way: an install of this app is there. */
static bool has_install(struct exchange *exchange, const struct app *app)
{
    struct sql_statement *row =
        world_use(exchange->world, "SELECT 1 FROM install WHERE app = ?1 LIMIT 1");
    bool is_there;

    sql_bind(row, 1, app->id);
    is_there = world_step(exchange->world, row);
    sql_reset(row);
    return is_there;
}

static bool has_subscription(struct exchange *exchange, const struct app *app)
{
    cleanup(json_freep) struct json *subscription =
        subscription_read(exchange->world, app->id);

    return subscription != NULL;
}

static bool has_info(struct exchange *exchange, const struct app *app)
{
    return app->display_name.len > 0 &&
           world_number(exchange->world,
                        "SELECT 1 FROM catalog WHERE kind = 'destinations' AND slug = ?1",
                        app->slug, 0) == 1;
}

static const struct {
    bool (*is_done)(struct exchange *exchange, const struct app *app);
    const char *title, *path;
    const char *done, *open; /* what is so; what to do */
} points[] = {
    {has_passed, "Endpoint completed and tested", "/developer/test",
     "the last test of all eight events had no red one",
     "run the test of all eight events until none is red"},
    {has_install, "OAuth implemented", "/developer/oauth",
     "somebody has installed the app through Enable with Segment",
     "press Enable with Segment in the app, and allow it"},
    {has_info, "App info", "/developer", "it has a name and a catalog item",
     "give it a name, and a slug that the catalog has"},
    {has_subscription, "Subscription info", "/developer/components",
     "there is a component", "say where its events go"},
};

static void show_point(struct exchange *exchange, const struct app *app, size_t i,
                       bool is_done)
{
    html_addf(&exchange->out,
              "<li><span class=\"%s\">%s</span> <a href=\"%s\">%s</a> <span "
              "class=\"muted\">%s</span></li>\n",
              is_done ? "is-ok" : "is-warn", is_done ? "✔ done" : "○ open",
              developer_path(exchange, app, points[i].path), points[i].title,
              is_done ? points[i].done : points[i].open);
}

void developer_get_publish(struct exchange *exchange)
{
    struct buf *out = &exchange->out;
    bool is_done[COUNT(points)];
    struct app app;
    int n = 0;

    if (!developer_find(exchange, &app))
        return;
    for (size_t i = 0; i < COUNT(points); i++) {
        is_done[i] = points[i].is_done(exchange, &app);
        n += is_done[i] ? 1 : 0;
    }
    developer_begin(exchange, &app, "Publish", NULL);
    html_addf(out,
              "<p>What Segment asks for before it looks at an app. Nothing is sent from "
              "here.</p>\n<p class=\"%s\"><strong>%d of %d done.</strong></p>\n<ul "
              "class=\"checklist\">\n",
              n == (int)COUNT(points) ? "is-ok" : "", n, (int)COUNT(points));
    for (size_t i = 0; i < COUNT(points); i++)
        show_point(exchange, &app, i, is_done[i]);
    html_add(out, "</ul>\n");
    page_end(exchange);
}
