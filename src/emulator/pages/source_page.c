/* SPDX-License-Identifier: MIT */

/* One source: what it is, its keys, and where its events go. */

#include "emulator/pages/source_page.h"

#include "base/html.h"
#include "emulator/frame/exchange.h"
#include "emulator/pages/page.h"
#include "emulator/pages/page_routes.h"
#include "emulator/pages/place.h"
#include "emulator/pages/tabs.h"
#include "emulator/world/world.h"

void source_page_begin(struct exchange *exchange, const struct place *place,
                       const char *tab)
{
    struct arena *arena = &exchange->arena;
    const struct tab tabs[] = {
        {"Overview", place->path},
        {"Debugger", arena_printf(arena, "%s/debugger", place->path)},
        {NULL, NULL},
    };

    page_begin(exchange,
               &(struct page){.title = arena_printf(arena, "%.*s · %s",
                                                    BYTES_FMT(place->source_title), tab),
                              .section = "Workspaces"});
    html_addf(&exchange->out,
              "<h1><bdi>%b</bdi> <span class=\"muted\">%b/%b</span></h1>\n",
              &place->source_title, &place->workspace, &place->slug);
    tabs_show(&exchange->out, "Source", tabs, tab);
}

static void show_write_keys(struct exchange *exchange, struct bytes source)
{
    struct sql_statement *row = world_use(
        exchange->world, "SELECT write_key, region FROM write_key WHERE source = ?1");

    sql_bind_text(row, 1, source);
    html_add(&exchange->out, "<dt>Write keys</dt><dd>");
    while (world_step(exchange->world, row)) {
        const struct bytes key = sql_bytes(row, 0), region = sql_bytes(row, 1);

        html_addf(&exchange->out,
                  "<div><code>%b</code> <span class=\"muted\">%b</span>"
                  "</div>",
                  &key, &region);
    }
    html_add(&exchange->out, "</dd>");
}

static void show_destinations(struct exchange *exchange, const struct place *place)
{
    struct buf *out = &exchange->out;
    struct sql_statement *row =
        world_use(exchange->world,
                  "SELECT d.slug, coalesce(d.display_name, c.display_name, d.slug),"
                  " d.enabled FROM destination d LEFT JOIN catalog c ON c.kind ="
                  " 'destinations' AND c.slug = d.slug WHERE d.source = ?1"
                  " ORDER BY d.create_time");
    int n = 0;

    sql_bind_text(row, 1, place->source);
    html_add(out, "<h2>Destinations</h2>\n<ul class=\"plain\">\n");
    for (; world_step(exchange->world, row); n++) {
        const struct bytes slug = sql_bytes(row, 0), title = sql_bytes(row, 1);

        html_addf(out,
                  "<li><a href=\"/destinations/%b/%b/%b\"><bdi>%b</bdi></a> <span "
                  "class=\"%s\">%s</span></li>\n",
                  &place->workspace, &place->slug, &slug, &title,
                  sql_i64(row, 2) != 0 ? "is-ok" : "muted",
                  sql_i64(row, 2) != 0 ? "● enabled" : "○ disabled");
    }
    if (n == 0)
        html_add(out,
                 "<li>None. <a href=\"/catalog\">Add one from the catalog</a></li>\n");
    html_add(out, "</ul>\n");
}

void source_get_overview(struct exchange *exchange)
{
    struct buf *out = &exchange->out;
    struct place place;

    if (!place_find_source(exchange, &place))
        return;
    source_page_begin(exchange, &place, "Overview");
    html_addf(out,
              "<dl><dt>Name</dt><dd><code>%b</code></dd><dt>Kind</dt><dd><code>%b</code>"
              "</dd><dt>Project id</dt><dd><code>%b</code></dd><dt>State</dt><dd>%s</dd>",
              &place.source, &place.catalog_name, &place.source_id,
              place.is_source_enabled ? "enabled" : "disabled: its events are discarded");
    show_write_keys(exchange, place.source);
    html_add(out, "</dl>\n");
    show_destinations(exchange, &place);
    page_end(exchange);
}
