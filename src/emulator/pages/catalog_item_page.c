/* SPDX-License-Identifier: MIT */

/* Configure App: choose a source, confirm it, fill in the settings, turn it on. */

#include "base/html.h"
#include "emulator/config/definition.h"
#include "emulator/frame/exchange.h"
#include "emulator/pages/input.h"
#include "emulator/pages/page.h"
#include "emulator/pages/page_routes.h"
#include "emulator/pages/posted.h"
#include "emulator/pages/settings_form.h"
#include "emulator/pages/setup.h"
#include "emulator/world/world.h"
#include "json/json.h"

/* --- the item ----------------------------------------------------------------------- */

static void begin(struct exchange *exchange, const struct json *item)
{
    struct buf *out = &exchange->out;
    const struct bytes title = json_string(json_get(item, "display_name"));
    const struct bytes description = json_string(json_get(item, "description"));

    page_begin(exchange,
               &(struct page){.title = arena_printf(&exchange->arena, "%.*s · Catalog",
                                                    BYTES_FMT(title)),
                              .section = "Catalog"});
    html_addf(out,
              "<h1><bdi>%b</bdi> <span class=\"muted\">%b</span></h1>\n<p><bdi>%b</bdi>"
              "</p>\n",
              &title, &exchange->params[1], &description);
}

/* --- which source ------------------------------------------------------------------- */

/* Columns: name, workspace, slug, title, is the destination there already. */
static void show_source(struct exchange *exchange, struct sql_statement *row,
                        bool is_first)
{
    struct buf *out = &exchange->out;
    const struct bytes name = sql_bytes(row, 0), workspace = sql_bytes(row, 1);
    const struct bytes slug = sql_bytes(row, 2), title = sql_bytes(row, 3);

    if (sql_i64(row, 4) != 0) {
        html_addf(
            out,
            "<p><bdi>%b</bdi> <span class=\"muted\">%b/%b</span>: there already, <a "
            "href=\"/destinations/%b/%b/%b\">edit it</a></p>\n",
            &title, &workspace, &slug, &workspace, &slug, &exchange->params[1]);
        return;
    }
    html_addf(out,
              "<p><label class=\"inline\"><input type=\"radio\" name=\"source\" "
              "value=\"%b\"%s required><span><bdi>%b</bdi> <span class=\"muted\">%b/%b"
              "</span></span></label></p>\n",
              &name, is_first ? " checked" : "", &title, &workspace, &slug);
}

static void show_sources(struct exchange *exchange)
{
    struct buf *out = &exchange->out;
    struct sql_statement *row = world_use(
        exchange->world,
        "SELECT s.name, s.workspace, s.slug, coalesce(s.display_name, s.slug), EXISTS"
        " (SELECT 1 FROM destination d WHERE d.source = s.name AND d.slug = ?1)"
        " FROM source s ORDER BY s.rowid");
    bool is_first = true;

    sql_bind_text(row, 1, exchange->params[1]);
    html_add(out, "<form>\n<fieldset><legend>Which source should send its events "
                  "there?</legend>\n");
    while (world_step(exchange->world, row)) {
        show_source(exchange, row, is_first && sql_i64(row, 4) == 0);
        is_first = is_first && sql_i64(row, 4) != 0;
    }
    html_add(out, "</fieldset>\n");
    if (!is_first)
        html_add(out, "<button class=\"main\">Confirm Source</button>");
    html_add(out, "</form>\n");
}

static void show_form(struct exchange *exchange, const struct json *item,
                      struct bytes source, const char *why)
{
    struct buf *out = &exchange->out;
    const bool is_posted = bytes_eq(exchange->method, BYTES("POST"));
    cleanup(json_freep) struct json *sensitive =
        definition_sensitive(exchange->world, exchange->params[1]);

    if (why != NULL)
        html_addf(out, "<p class=\"note is-error\" role=\"alert\">✖ %s</p>\n", why);
    html_addf(out, "<h2>Settings</h2>\n<p>For <code>%b</code>.</p>\n", &source);
    input_form(out, NULL);
    input_hidden(out, "source", source);
    settings_form_show(exchange, &(struct settings_form){.item = item,
                                                         .sensitive = sensitive,
                                                         .is_posted = is_posted});
    input_tick(out, "enabled", BYTES("Turned on: events go there at once"),
               !is_posted || posted_is(exchange, "enabled", "true"));
    html_add(out, "<button class=\"main\">Save</button></form>\n");
}

/* --- the page ----------------------------------------------------------------------- */

static struct json *find_item(struct exchange *exchange)
{
    const bool is_kind = bytes_eq(exchange->params[0], BYTES("destinations")) ||
                         bytes_eq(exchange->params[0], BYTES("sources"));
    struct json *item = NULL;

    if (is_kind)
        item = config_settings_item(exchange->world,
                                    arena_copy(&exchange->arena, exchange->params[0]),
                                    exchange->params[1]);
    if (item == NULL)
        page_refuse(exchange, 404, "there is no such item in the catalog");
    return item;
}

static bool is_source(struct exchange *exchange, struct bytes name)
{
    return world_number(exchange->world, "SELECT 1 FROM source WHERE name = ?1", name,
                        0) == 1;
}

void catalog_get_item(struct exchange *exchange)
{
    cleanup(json_freep) struct json *item = find_item(exchange);
    const struct bytes source = exchange_query(exchange, "source");

    if (item == NULL)
        return;
    if (source.len > 0 && !is_source(exchange, source)) {
        page_refuse(exchange, 404, "there is no such source");
        return;
    }
    begin(exchange, item);
    if (bytes_eq(exchange->params[0], BYTES("sources")))
        html_add(&exchange->out, "<p>Sources are made through the Config API; three are "
                                 "there from the start.</p>\n");
    else if (source.len > 0)
        show_form(exchange, item, source, NULL);
    else
        show_sources(exchange);
    page_end(exchange);
}

void catalog_post_item(struct exchange *exchange)
{
    cleanup(json_freep) struct json *item = find_item(exchange);
    const struct bytes source = posted_field(exchange, "source");
    char why[CONFIG_WHY_BYTES] = "";
    struct bytes name;

    if (item == NULL)
        return;
    if (bytes_eq(exchange->params[0], BYTES("sources")) || !is_source(exchange, source)) {
        page_refuse(exchange, 404, "there is no such source");
        return;
    }
    name = bytes_str(arena_printf(&exchange->arena, "%.*s/destinations/%.*s",
                                  BYTES_FMT(source), BYTES_FMT(exchange->params[1])));
    if (setup_save(exchange, name, why)) {
        page_done(exchange, setup_path(exchange, name), PAGE_NOTE_DESTINATION_SAVED);
        return;
    }
    exchange->status = 400;
    begin(exchange, item);
    show_form(exchange, item, source, why);
    page_end(exchange);
}
