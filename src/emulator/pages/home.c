/* SPDX-License-Identifier: MIT */

/* The first page: workspaces, their sources, and where each source's events go. */

#include "base/err.h"
#include "base/html.h"
#include "base/time_text.h"
#include "emulator/frame/exchange.h"
#include "emulator/pages/input.h"
#include "emulator/pages/masked.h"
#include "emulator/pages/page.h"
#include "emulator/pages/page_routes.h"
#include "emulator/pages/posted.h"
#include "emulator/pages/setup.h"
#include "emulator/pages/snippets.h"
#include "emulator/tracking/journal.h"
#include "emulator/world/world.h"
#include "json/json.h"

enum { MINUTE_MS = 60000 };

/* --- destinations ------------------------------------------------------------------- */

static void show_api_key(struct buf *out, struct bytes config)
{
    cleanup(json_freep) struct json *json = NULL;
    struct err err = {0};

    if (json_parse(config, &json, &err) == 0)
        masked_show(out, "apiKey", json_string(json_get(json, "apiKey")));
}

static void show_toggle(struct buf *out, struct bytes name, struct bytes title,
                        bool is_enabled)
{
    html_add(out, "<form method=\"post\" class=\"inline\">");
    input_hidden(out, "do", BYTES("toggle"));
    input_hidden(out, "destination", name);
    input_hidden(out, "enabled", is_enabled ? BYTES("false") : BYTES("true"));
    html_addf(
        out,
        "<button class=\"small\">%s<span class=\"unseen\"> %b</span></button></form>",
        is_enabled ? "Turn off" : "Turn on", &title);
}

/* Columns: name, slug, title, enabled, config, made_by. */
static void show_destination(struct exchange *exchange, struct sql_statement *row,
                             const char *place)
{
    struct buf *out = &exchange->out;
    const struct bytes title = sql_bytes(row, 2), made_by = sql_bytes(row, 5);
    const struct bytes slug = sql_bytes(row, 1);
    const bool is_enabled = sql_i64(row, 3) != 0;

    html_addf(out, "<li class=\"row\"><a href=\"/destinations/%s/%b\"><bdi>%b</bdi></a>",
              place, &slug, &title);
    if (is_enabled)
        html_add(out, "<span class=\"is-ok\">● enabled</span>");
    else
        html_add(out, "<span class=\"muted\">○ disabled</span>");
    show_api_key(out, sql_bytes(row, 4));
    if (made_by.len > 0)
        html_addf(out, "<span class=\"muted\">made by <bdi>%b</bdi></span>", &made_by);
    html_addf(out,
              "<span class=\"end row\"><a href=\"/destinations/%s/%b/tester\">Event "
              "Tester</a><a href=\"/destinations/%s/%b/delivery\">Delivery</a>",
              place, &slug, place, &slug);
    show_toggle(out, sql_bytes(row, 0), title, is_enabled);
    html_add(out, "</span></li>\n");
}

static void show_destinations(struct exchange *exchange, struct bytes source,
                              const char *place)
{
    struct buf *out = &exchange->out;
    struct sql_statement *row = world_use(
        exchange->world,
        "SELECT d.name, d.slug, coalesce(d.display_name, c.display_name, d.slug),"
        " d.enabled, d.config, coalesce(d.made_by, '') FROM destination d"
        " LEFT JOIN catalog c ON c.kind = 'destinations' AND c.slug = d.slug"
        " WHERE d.source = ?1 ORDER BY d.create_time, d.name");
    size_t n = 0;

    sql_bind_text(row, 1, source);
    html_add(out, "<ul class=\"destinations\">\n");
    for (; world_step(exchange->world, row); n++)
        show_destination(exchange, row, place);
    if (n == 0)
        html_add(out,
                 "<li class=\"muted\">No destinations. <a href=\"/catalog\">Add one "
                 "from the catalog</a>, or press <em>Enable with Segment</em> in the "
                 "partner's app.</li>\n");
    html_add(out, "</ul>\n");
}

/* --- sources ------------------------------------------------------------------------ */

static int count_events(const struct world *world, struct bytes source)
{
    const int64_t since_ms = world_now_ms(world) - MINUTE_MS;
    const struct journal_entry *entry = NULL;
    int n = 0;

    while ((entry = journal_next(world->journal, entry, source)) != NULL &&
           entry->at_ms > since_ms)
        n++;
    return n;
}

static void show_rate(struct exchange *exchange, struct bytes source)
{
    const int n = count_events(exchange->world, source);

    if (n == 0)
        html_add(&exchange->out, "<span class=\"muted\">no events this minute</span>");
    else
        html_addf(&exchange->out, "<span>%d event%s/min</span>", n, n == 1 ? "" : "s");
}

/* Columns: name, workspace, slug, title, catalog_name, enabled, write key. */
static void show_source(struct exchange *exchange, struct sql_statement *row)
{
    struct buf *out = &exchange->out;
    const struct bytes title = sql_bytes(row, 3), kind = sql_bytes(row, 4);
    const struct bytes write_key = sql_bytes(row, 6);
    const char *place =
        arena_printf(&exchange->arena, "%.*s/%.*s", BYTES_FMT(sql_bytes(row, 1)),
                     BYTES_FMT(sql_bytes(row, 2)));

    html_addf(
        out,
        "<li><div class=\"row source\"><h3><a href=\"/sources/%s\"><bdi>%b</bdi></a></h3>"
        "<span class=\"muted\">%b</span>",
        place, &title, &kind);
    html_addf(out,
              "<span>write key <code id=\"key-%s\">%b</code> <button class=\"small\" "
              "data-copy=\"key-%s\" aria-label=\"Copy the write key of %s\" hidden>Copy"
              "</button></span>",
              place, &write_key, place, place);
    show_rate(exchange, sql_bytes(row, 0));
    if (sql_i64(row, 5) == 0)
        html_add(out, "<span class=\"is-warn\">▲ disabled</span>");
    html_addf(out,
              "<a class=\"button small end\" href=\"/sources/%s/debugger\">Debugger"
              "<span class=\"unseen\"> of %b</span></a></div>\n",
              place, &title);
    show_destinations(exchange, sql_bytes(row, 0), place);
    html_add(out, "</li>\n");
}

static void show_sources(struct exchange *exchange, struct bytes workspace)
{
    struct sql_statement *row = world_use(
        exchange->world,
        "SELECT s.name, s.workspace, s.slug, coalesce(s.display_name, s.slug),"
        " coalesce(c.display_name, s.catalog_name), s.enabled, coalesce((SELECT "
        "write_key "
        "FROM write_key WHERE source = s.name LIMIT 1), '-') FROM source s LEFT JOIN "
        "catalog c ON c.kind = 'sources'"
        " AND 'catalog/sources/' || c.slug = s.catalog_name WHERE s.workspace = ?1"
        " ORDER BY s.rowid");

    sql_bind_text(row, 1, workspace);
    html_add(&exchange->out, "<ul class=\"sources\">\n");
    while (world_step(exchange->world, row))
        show_source(exchange, row);
    html_add(&exchange->out, "</ul>\n");
}

static void show_workspaces(struct exchange *exchange)
{
    struct buf *out = &exchange->out;
    struct sql_statement *row =
        world_use(exchange->world, "SELECT slug, coalesce(display_name, slug)"
                                   " FROM workspace ORDER BY rowid");

    while (world_step(exchange->world, row)) {
        const struct bytes slug = sql_bytes(row, 0), title = sql_bytes(row, 1);

        html_addf(out,
                  "<section class=\"panel\" aria-labelledby=\"w-%b\"><h2 "
                  "id=\"w-%b\"><bdi>%b</bdi> <span class=\"muted\">%b</span></h2>\n",
                  &slug, &slug, &title, &slug);
        show_sources(exchange, slug);
        html_add(out, "</section>\n");
    }
}

/* --- the world ---------------------------------------------------------------------- */

static void show_world(struct exchange *exchange)
{
    struct buf *out = &exchange->out;
    const bool is_frozen = !(exchange->world->clock.rate > 0);

    html_add(out, "<section class=\"panel\" aria-labelledby=\"world\"><h2 "
                  "id=\"world\">This world</h2>\n<div class=\"row\">");
    html_add(out, "<form method=\"post\" class=\"row\">");
    input_hidden(out, "do", BYTES("advance"));
    html_add(out, "<label class=\"inline\">Move the clock by <input type=\"text\" "
                  "name=\"by\" value=\"2h\" size=\"6\" class=\"short\"></label>"
                  "<button>Move</button></form>\n");
    html_add(out, "<form method=\"post\" class=\"inline\">");
    input_hidden(out, "do", BYTES("rate"));
    input_hidden(out, "rate", is_frozen ? BYTES("1") : BYTES("0"));
    html_addf(out, "<button>%s</button></form>\n",
              is_frozen ? "Let the clock run" : "Freeze the clock");
    html_add(out, "<form method=\"post\" class=\"inline end\">");
    input_hidden(out, "do", BYTES("reset"));
    html_add(out, "<button class=\"danger\">Reset</button></form></div>\n"
                  "<p class=\"hint\">Reset forgets every event, destination and install, "
                  "and plants the same world again.</p></section>\n");
}

void page_get_home(struct exchange *exchange)
{
    page_begin(exchange, &(struct page){.title = "Workspaces", .section = "Workspaces"});
    html_add(&exchange->out, "<h1>Workspaces</h1>\n");
    show_workspaces(exchange);
    snippets_show(exchange);
    show_world(exchange);
    page_end(exchange);
}

/* --- what its forms do -------------------------------------------------------------- */

static bool is_plain(char c)
{
    const char lower = (char)(c | 0x20);

    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("/-_.", c) != NULL);
}

/* The page whose bar was used. Only a path of ours: nobody is led elsewhere. */
static const char *way_back(struct exchange *exchange)
{
    const struct bytes back = posted_field(exchange, "back");

    for (size_t i = 0; i < back.len; i++) {
        if (!is_plain(back.ptr[i]))
            return "/";
    }
    if (!bytes_starts(back, BYTES("/")) || bytes_starts(back, BYTES("//")))
        return "/";
    return back.ptr;
}

static void advance(struct exchange *exchange)
{
    int64_t by_ms;

    if (!time_text_parse_duration(posted_field(exchange, "by"), &by_ms)) {
        page_refuse(exchange, 400, "the clock moves by a duration, such as 2h or 90s");
        return;
    }
    world_advance(exchange->world, by_ms);
    page_done(exchange, way_back(exchange), PAGE_NOTE_CLOCK_MOVED);
}

static void change_rate(struct exchange *exchange)
{
    world_set_rate(exchange->world, posted_is(exchange, "rate", "0") ? 0 : 1);
    page_done(exchange, "/", PAGE_NOTE_CLOCK_CHANGED);
}

static void reset(struct exchange *exchange)
{
    world_reset(exchange->world);
    page_done(exchange, "/", PAGE_NOTE_RESET);
}

static void toggle(struct exchange *exchange)
{
    char why[CONFIG_WHY_BYTES] = "";

    if (!setup_enable(exchange, posted_field(exchange, "destination"),
                      posted_is(exchange, "enabled", "true"), why))
        page_refuse(exchange, 400, why);
    else
        page_done(exchange, "/", PAGE_NOTE_DESTINATION_SAVED);
}

void page_post_home(struct exchange *exchange)
{
    static const struct {
        const char *what;
        void (*fn)(struct exchange *exchange);
    } actions[] = {{"advance", advance},
                   {"rate", change_rate},
                   {"reset", reset},
                   {"toggle", toggle}};
    const struct bytes what = posted_field(exchange, "do");

    for (size_t i = 0; i < COUNT(actions); i++) {
        if (bytes_eq(what, bytes_str(actions[i].what))) {
            actions[i].fn(exchange);
            return;
        }
    }
    page_refuse(exchange, 400, "this form is of another version: load the page again");
}
