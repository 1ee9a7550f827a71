/* SPDX-License-Identifier: MIT */

/* A source's debugger: what came in, what is wrong with it, where it went (ux §4.4).
 * Works without scripts; with them it is live (debugger_stream.h). */

#include "base/html.h"
#include "base/time_text.h"
#include "emulator/frame/exchange.h"
#include "emulator/pages/debugger_event.h"
#include "emulator/pages/page.h"
#include "emulator/pages/page_routes.h"
#include "emulator/pages/place.h"
#include "emulator/pages/source_page.h"
#include "emulator/tracking/journal.h"
#include "emulator/world/world.h"

enum { MAX_ROWS = 100, TIME_OF_DAY_AT = 11 };

/* What is looked at. */
struct look {
    struct place place;
    struct bytes text;                 /* searched for; may be empty */
    const struct journal_entry *entry; /* NULL: none is chosen */
};

/* --- the list ----------------------------------------------------------------------- */

static bool has_part(struct bytes text, struct bytes part)
{
    for (size_t at = 0; at + part.len <= text.len; at++) {
        if (bytes_eq_nocase(bytes_slice(text, at, part.len), part))
            return true;
    }
    return false;
}

static bool is_wanted(const struct look *look, const struct journal_entry *entry)
{
    return look->text.len == 0 || has_part(bytes_str(entry->title), look->text) ||
           has_part(bytes_str(entry->message_id), look->text) ||
           has_part(entry->sent, look->text);
}

static void show_mark(struct buf *out, const struct journal_entry *entry)
{
    if (entry->verdict != INGEST_GOOD)
        html_add(out, "<span class=\"is-error\" title=\"discarded\">✖<span "
                      "class=\"unseen\"> discarded</span></span>");
    else if (entry->is_duplicate)
        html_add(out, "<span class=\"is-warn\" title=\"duplicate\">=<span "
                      "class=\"unseen\"> duplicate</span></span>");
    else
        html_add(out, "<span class=\"is-ok\" title=\"allowed\">✔<span class=\"unseen\"> "
                      "allowed</span></span>");
}

static void show_row(struct exchange *exchange, const struct look *look,
                     const struct journal_entry *entry)
{
    struct buf *out = &exchange->out;
    char at[TIME_TEXT_LEN + 1];
    struct bytes time_of_day;

    time_text_format(entry->at_ms, at);
    time_of_day = bytes_slice(bytes_str(at), TIME_OF_DAY_AT, 8);
    html_addf(out, "<li class=\"%s\">", entry == look->entry ? "is-current" : "");
    html_addf(out, "<a href=\"%s/debugger?event=%l\">", look->place.path,
              (int64_t)entry->number);
    show_mark(out, entry);
    html_addf(out,
              " <span class=\"kind\">%s</span> <bdi>%s</bdi> <time datetime=\"%s\">%b"
              "</time></a>",
              event_kind_text(entry->kind),
              entry->title[0] != '\0' ? entry->title : "(no name)", at, &time_of_day);
    if (entry->verdict != INGEST_GOOD)
        html_addf(out, "<div class=\"is-error\">%s</div>",
                  ingest_verdict_text(entry->verdict));
    html_add(out, "</li>\n");
}

static void show_nothing(struct exchange *exchange, const struct look *look)
{
    struct buf *out = &exchange->out;

    if (look->text.len > 0)
        html_addf(out,
                  "<p>No event has <bdi>%b</bdi> in it. <a href=\"%s/debugger\">Show all"
                  "</a></p>\n",
                  &look->text, look->place.path);
    else
        html_add(out,
                 "<p class=\"muted\" id=\"no-events\">No events yet. The <a "
                 "href=\"/#sdk\">first page</a> has a command that sends one.</p>\n");
}

static void show_list(struct exchange *exchange, const struct look *look)
{
    const struct journal_entry *entry = NULL;
    int n = 0;

    html_addf(&exchange->out,
              "<ol class=\"events\" id=\"events\" data-path=\"%s/debugger\">\n",
              look->place.path);
    while (n < MAX_ROWS && (entry = journal_next(exchange->world->journal, entry,
                                                 look->place.source)) != NULL) {
        if (!is_wanted(look, entry))
            continue;
        show_row(exchange, look, entry);
        n++;
    }
    html_add(&exchange->out, "</ol>\n");
    if (n == 0)
        show_nothing(exchange, look);
}

static void show_tools(struct exchange *exchange, const struct look *look)
{
    struct buf *out = &exchange->out;

    html_addf(out,
              "<div class=\"row\"><form class=\"row search\" role=\"search\"><label "
              "for=\"f-q\" class=\"unseen\">Search events</label><input type=\"search\" "
              "id=\"f-q\" name=\"q\" value=\"%b\" placeholder=\"Search\"><button>Search"
              "</button></form>",
              &look->text);
    /* Without scripts the list stands still: the link is its way to go on. */
    html_addf(out,
              "<a class=\"button end\" href=\"%s/debugger\" id=\"fresh\">Load new "
              "events</a>",
              look->place.path);
    if (look->text.len == 0)
        html_addf(out,
                  "<button id=\"live\" class=\"end\" data-stream=\"%s/debugger/stream\" "
                  "hidden>Pause</button>",
                  look->place.path);
    html_add(out, "</div>\n<p role=\"status\" id=\"arrivals\" class=\"hint\"></p>\n");
}

/* --- the page ----------------------------------------------------------------------- */

/* The event that is asked for; of this source, not of another. */
static const struct journal_entry *find_entry(struct exchange *exchange,
                                              struct bytes source)
{
    const struct journal_entry *entry;
    int64_t number;

    if (!bytes_to_i64(exchange_query(exchange, "event"), &number) || number <= 0)
        return NULL;
    entry = journal_find(exchange->world->journal, (uint64_t)number);
    return entry != NULL && bytes_eq(bytes_str(entry->source), source) ? entry : NULL;
}

void debugger_get_page(struct exchange *exchange)
{
    struct buf *out = &exchange->out;
    struct look look = {.entry = NULL};

    if (!place_find_source(exchange, &look.place))
        return;
    look.text = exchange_query(exchange, "q");
    look.entry = find_entry(exchange, look.place.source);
    source_page_begin(exchange, &look.place, "Debugger");
    show_tools(exchange, &look);
    html_add(out, "<div class=\"columns\"><section aria-label=\"Events\">\n");
    show_list(exchange, &look);
    html_add(out, "</section><section aria-label=\"Event\" class=\"event\">\n");
    if (look.entry != NULL)
        debugger_show_event(exchange, &look.place, look.entry);
    else
        html_add(out, "<p class=\"muted\">Choose an event to see what is in it.</p>\n");
    html_add(out, "</section></div>\n");
    page_end(exchange);
}
