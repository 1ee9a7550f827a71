/* SPDX-License-Identifier: MIT */

/* The catalog: what can be added to a source, the partner's own first. */

#include "base/err.h"
#include "base/html.h"
#include "emulator/frame/exchange.h"
#include "emulator/pages/page.h"
#include "emulator/pages/page_routes.h"
#include "emulator/pages/tabs.h"
#include "emulator/world/world.h"
#include "json/json.h"

/* --- one card ----------------------------------------------------------------------- */

static void show_settings(struct buf *out, const struct json *item)
{
    const struct json *settings = json_get(item, "settings");
    const char *separator = "<dt>Settings</dt><dd>";

    for (size_t i = 0; i < json_count(settings); i++) {
        const struct json *setting = json_at(settings, i);
        const struct bytes key = json_string(json_get(setting, "name"));

        html_add_literal(out, separator, strlen(separator));
        html_addf(out, "<code>%b</code>%s", &key,
                  json_bool(json_get(setting, "required")) ? "*" : "");
        separator = ", ";
    }
    if (json_count(settings) > 0)
        html_add(out, "</dd>");
}

static void show_places(struct exchange *exchange, struct bytes slug)
{
    struct buf *out = &exchange->out;
    struct sql_statement *row =
        world_use(exchange->world, "SELECT s.workspace, s.slug FROM destination d JOIN "
                                   "source s ON s.name = d.source WHERE d.slug = ?1"
                                   " ORDER BY s.rowid");
    int n = 0;

    sql_bind_text(row, 1, slug);
    html_add(out, "<dt>On</dt><dd>");
    for (; world_step(exchange->world, row); n++) {
        const struct bytes workspace = sql_bytes(row, 0), source = sql_bytes(row, 1);

        html_addf(out, "%s<a href=\"/destinations/%b/%b/%b\">%b/%b</a>",
                  n > 0 ? ", " : "", &workspace, &source, &slug, &workspace, &source);
    }
    html_addf(out, "%s</dd>", n == 0 ? "–" : "");
}

/* Columns: kind, slug, display_name, body, is it the app's own. */
static void show_card(struct exchange *exchange, struct sql_statement *row)
{
    struct buf *out = &exchange->out;
    cleanup(json_freep) struct json *item = NULL;
    const struct bytes kind = sql_bytes(row, 0), slug = sql_bytes(row, 1);
    const struct bytes title = sql_bytes(row, 2);
    const bool is_destination = bytes_eq(kind, BYTES("destinations"));
    struct err err = {0};

    if (json_parse(sql_bytes(row, 3), &item, &err) < 0)
        return;
    html_addf(
        out,
        "<li class=\"panel\"><div class=\"row\"><h2><a href=\"/catalog/%b/%b\"><bdi>"
        "%b</bdi></a></h2>",
        &kind, &slug, &title);
    if (sql_i64(row, 4) != 0)
        html_add(out, "<span class=\"badge is-ok end\">yours</span>");
    else
        html_addf(out, "<span class=\"muted end\">%s</span>",
                  is_destination ? "destination" : "source");
    html_addf(out, "</div><dl><dt>Slug</dt><dd><code>%b</code></dd>", &slug);
    show_settings(out, item);
    if (is_destination)
        show_places(exchange, slug);
    html_add(out, "</dl>");
    if (is_destination)
        html_addf(out,
                  "<a class=\"button\" href=\"/catalog/%b/%b\">Configure App<span "
                  "class=\"unseen\"> %b</span></a>",
                  &kind, &slug, &title);
    html_add(out, "</li>\n");
}

/* --- the list ----------------------------------------------------------------------- */

static size_t show_cards(struct exchange *exchange, struct bytes kind, struct bytes text)
{
    struct sql_statement *row = world_use(
        exchange->world,
        "SELECT c.kind, c.slug, c.display_name, c.body, c.kind = 'destinations' AND"
        " EXISTS (SELECT 1 FROM app a WHERE a.slug = c.slug) AS own FROM catalog c"
        " WHERE (?1 IS NULL OR c.kind = ?1 OR (?1 = 'yours' AND own)) AND (?2 IS NULL OR"
        " instr(lower(c.slug || ' ' || c.display_name), lower(?2)) > 0)"
        " ORDER BY own DESC, c.kind, c.rowid");
    size_t n = 0;

    sql_bind_text(row, 1, kind);
    sql_bind_text(row, 2, text);
    html_add(&exchange->out, "<ul class=\"cards\">\n");
    for (; world_step(exchange->world, row); n++)
        show_card(exchange, row);
    html_add(&exchange->out, "</ul>\n");
    return n;
}

static void show_search(struct buf *out, struct bytes kind, struct bytes text)
{
    static const struct {
        struct bytes value;
        const char *label;
    } kinds[] = {{BYTES(""), "Everything"},
                 {BYTES("yours"), "Yours"},
                 {BYTES("destinations"), "Destinations"},
                 {BYTES("sources"), "Sources"}};

    html_addf(out,
              "<form class=\"row search\" role=\"search\"><label for=\"f-q\" "
              "class=\"unseen\">Search the catalog</label><input type=\"search\" "
              "id=\"f-q\" name=\"q\" value=\"%b\" placeholder=\"Search\"><label "
              "for=\"f-kind\" class=\"unseen\">Kind</label><select id=\"f-kind\" "
              "name=\"kind\">",
              &text);
    for (size_t i = 0; i < COUNT(kinds); i++)
        html_addf(out, "<option value=\"%b\"%s>%s</option>", &kinds[i].value,
                  bytes_eq(kinds[i].value, kind) ? " selected" : "", kinds[i].label);
    html_add(out, "</select><button>Search</button></form>\n");
}

void catalog_get_list(struct exchange *exchange)
{
    struct buf *out = &exchange->out;
    const struct bytes text = exchange_query(exchange, "q");
    const struct bytes kind = exchange_query(exchange, "kind");

    page_begin(exchange, &(struct page){.title = "Catalog", .section = "Catalog"});
    html_add(out, "<h1>Catalog</h1>\n");
    show_search(out, kind, text);
    if (show_cards(exchange, kind, text) == 0)
        html_addf(out,
                  "<p>Nothing in the catalog matches <bdi>%b</bdi>. <a href=\"/catalog\">"
                  "Show everything</a></p>\n",
                  &text);
    page_end(exchange);
}
