/* SPDX-License-Identifier: MIT */

#include "emulator/developer/developer.h"

#include "base/html.h"
#include "emulator/frame/exchange.h"
#include "emulator/pages/page.h"
#include "emulator/pages/tabs.h"
#include "emulator/world/world.h"

static const struct tab places[] = {
    {"App Info", "/developer"},
    {"OAuth", "/developer/oauth"},
    {"Components", "/developer/components"},
    {"Build", "/developer/build"},
    {"Test", "/developer/test"},
    {"Publish", "/developer/publish"},
};

static int64_t first_app(struct world *world)
{
    return world_number(world, "SELECT min(id) FROM app", bytes_of(NULL, 0), 0);
}

bool developer_find(struct exchange *exchange, struct app *ret_app)
{
    const struct bytes text = exchange_query(exchange, "app");
    int64_t id = first_app(exchange->world);

    if ((text.ptr == NULL || bytes_to_i64(text, &id)) &&
        app_find(exchange->world, id, &exchange->arena, ret_app))
        return true;
    page_refuse(exchange, 404, "there is no such app");
    return false;
}

const char *developer_path(struct exchange *exchange, const struct app *app,
                           const char *path)
{
    if (app->id == first_app(exchange->world))
        return path;
    return arena_printf(&exchange->arena, "%s?app=%lld", path, (long long)app->id);
}

/* Links to the others, when there are any. */
static void show_apps(struct exchange *exchange, const struct app *app, const char *path)
{
    struct buf *out = &exchange->out;
    struct sql_statement *row = world_use(
        exchange->world, "SELECT id, display_name FROM app WHERE id <> ?1 ORDER BY id");

    sql_bind(row, 1, app->id);
    while (world_step(exchange->world, row)) {
        const struct bytes name = sql_bytes(row, 1);

        html_addf(out, "<a href=\"%s?app=%l\"><bdi>%b</bdi></a>", path, sql_i64(row, 0),
                  &name);
    }
}

void developer_begin(struct exchange *exchange, const struct app *app, const char *tab,
                     const char *why)
{
    struct buf *out = &exchange->out;
    struct tab tabs[COUNT(places) + 1] = {0};
    const char *path = places[0].path;

    if (why != NULL)
        exchange->status = 400;
    page_begin(exchange, &(struct page){.title = arena_printf(&exchange->arena,
                                                              "%s · Developer", tab),
                                        .section = "Developer"});
    for (size_t i = 0; i < COUNT(places); i++) {
        tabs[i] =
            (struct tab){places[i].label, developer_path(exchange, app, places[i].path)};
        if (strcmp(places[i].label, tab) == 0)
            path = places[i].path;
    }
    html_addf(out,
              "<div class=\"row\"><h1><bdi>%b</bdi> <span class=\"muted\">apps/%l</span>"
              "</h1>",
              &app->display_name, app->id);
    show_apps(exchange, app, path);
    html_add(out, "</div>\n");
    tabs_show(out, "Developer Center", tabs, tab);
    if (why != NULL)
        html_addf(out, "<p class=\"note is-error\" role=\"alert\">✖ %s</p>\n", why);
}
