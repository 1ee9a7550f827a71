/* SPDX-License-Identifier: MIT */

#include "emulator/pages/debugger_event.h"

#include "base/err.h"
#include "base/html.h"
#include "base/time_text.h"
#include "emulator/delivery/deliveries.h"
#include "emulator/frame/exchange.h"
#include "emulator/pages/partner_event.h"
#include "emulator/pages/place.h"
#include "emulator/pages/pretty.h"
#include "emulator/pages/setup.h"
#include "emulator/pages/tabs.h"
#include "emulator/tracking/journal.h"
#include "emulator/world/world.h"
#include "segment/name.h"
#include "json/json.h"
#include "json/write.h"

enum { REPORT_BYTES = 32 << 20 };

static struct bytes best_text(const struct journal_entry *entry)
{
    return entry->stamped.len > 0 ? entry->stamped : entry->sent;
}

static void show_pretty(struct exchange *exchange, const struct journal_entry *entry)
{
    pretty_call(&exchange->out, best_text(entry));
}

static void show_raw(struct exchange *exchange, const struct journal_entry *entry)
{
    struct buf *out = &exchange->out;

    if (entry->stamped.len > 0) {
        html_add(out, "<h3>As it went on</h3>\n");
        pretty_show(out, entry->stamped);
    }
    html_add(out, "<h3>As it was sent</h3>\n");
    pretty_show(out, entry->sent);
}

static void show_problems(struct exchange *exchange, const struct journal_entry *entry)
{
    struct buf *out = &exchange->out;

    if (entry->verdict != INGEST_GOOD)
        html_addf(out, "<p class=\"is-error\"><code>%s</code></p>\n<p>%s</p>\n",
                  ingest_verdict_text(entry->verdict),
                  ingest_verdict_remedy(entry->verdict));
    else if (entry->is_duplicate)
        html_add(out,
                 "<p class=\"is-warn\">An event with the same messageId came before, "
                 "so this one was taken and not delivered again.</p>\n");
    else
        html_add(out, "<p class=\"is-ok\">✔ None.</p>\n");
}

/* --- where it went ------------------------------------------------------------------ */

static struct json *read_deliveries(struct world *world)
{
    cleanup(buf_done) struct buf text = {0};
    struct json *list = NULL;
    struct write write;
    struct err err = {0};

    buf_init(&text, REPORT_BYTES);
    write_init(&write, &text);
    deliveries_write(world->deliveries, BYTES(""), DELIVERIES_KEPT, &write);
    if (text.full || json_parse(buf_bytes(&text), &list, &err) < 0)
        return NULL;
    return list;
}

/* Of the last attempt that partnerapp took: its own name for this event. */
static bool show_partner_event(struct buf *out, const struct json *attempts)
{
    for (size_t i = json_count(attempts); i > 0; i--) {
        const struct json *calls = json_get(json_at(attempts, i - 1), "calls");

        if (partner_event_show(out, json_at(calls, 0)))
            return true;
    }
    return false;
}

static void show_delivery(struct exchange *exchange, const struct json *delivery)
{
    struct buf *out = &exchange->out;
    const struct json *attempts = json_get(delivery, "attempts");
    const size_t n = json_count(attempts);
    const struct bytes name = json_string(json_get(delivery, "destination"));
    const struct bytes slug = name_last(name);
    const struct bytes state = json_string(json_get(delivery, "state"));
    const struct bytes code =
        json_string(json_get(json_at(attempts, n > 0 ? n - 1 : 0), "code"));

    html_addf(
        out,
        "<tr><th scope=\"row\"><a href=\"%s/delivery\"><bdi>%b</bdi></a></th><td>%b"
        "</td><td class=\"number\">%d<span class=\"when-folded\"> attempts</span></td>"
        "<td><span class=\"when-folded\">last answer </span>%b</td><td>",
        setup_path(exchange, name), &slug, &state, (int)n, &code);
    if (!show_partner_event(out, attempts))
        html_add(out, "<span class=\"muted\">–</span>");
    html_add(out, "</td></tr>\n");
}

static void show_deliveries(struct exchange *exchange, const struct journal_entry *entry)
{
    struct buf *out = &exchange->out;
    cleanup(json_freep) struct json *list = read_deliveries(exchange->world);
    const struct bytes message_id = bytes_str(entry->message_id);

    html_addf(out, "<p>%d destination%s.</p>\n", (int)entry->n_destinations,
              entry->n_destinations == 1 ? "" : "s");
    if (entry->n_destinations == 0) {
        html_add(out,
                 "<p class=\"muted\">None was there or turned on, or the event, a "
                 "filter or the type kept it from them. <a href=\"/\">Workspaces</a> "
                 "shows which there are.</p>\n");
        return;
    }
    html_add(out,
             "<table class=\"folds\"><thead><tr><th scope=\"col\">Destination</th><th "
             "scope=\"col\">State</th><th scope=\"col\" class=\"number\">Attempts</th>"
             "<th scope=\"col\">Last answer</th><th scope=\"col\">At partnerapp</th></tr>"
             "</thead>\n<tbody>\n");
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json *delivery = json_at(list, i);

        if (message_id.len > 0 &&
            bytes_eq(json_string(json_get(delivery, "message_id")), message_id))
            show_delivery(exchange, delivery);
    }
    html_add(out, "</tbody></table>\n");
}

/* --- the event ---------------------------------------------------------------------- */

static const struct {
    const char *view, *label;
    void (*fn)(struct exchange *exchange, const struct journal_entry *entry);
} views[] = {
    {"pretty", "Pretty", show_pretty},
    {"raw", "Raw", show_raw},
    {"problems", "Problems", show_problems},
    {"went-to", "Went to", show_deliveries},
};

static size_t chosen_view(struct exchange *exchange, const struct journal_entry *entry)
{
    const struct bytes view = exchange_query(exchange, "view");

    for (size_t i = 0; i < COUNT(views); i++) {
        if (bytes_eq(view, bytes_str(views[i].view)))
            return i;
    }
    return entry->verdict == INGEST_GOOD ? 0 : 2;
}

static void show_head(struct exchange *exchange, const struct journal_entry *entry)
{
    struct buf *out = &exchange->out;
    char at[TIME_TEXT_LEN + 1];

    time_text_format(entry->at_ms, at);
    html_addf(out, "<h2><bdi>%s</bdi> ",
              entry->title[0] != '\0' ? entry->title : "(no name)");
    if (entry->verdict == INGEST_GOOD)
        html_add(out, "<span class=\"badge is-ok\">Allowed</span></h2>\n");
    else
        html_add(out, "<span class=\"badge is-error\">Discarded</span></h2>\n");
    html_addf(out, "<p class=\"muted\"><time>%s</time> · %s · <code>%s</code></p>\n", at,
              event_kind_text(entry->kind), entry->message_id);
}

void debugger_show_event(struct exchange *exchange, const struct place *place,
                         const struct journal_entry *entry)
{
    const size_t chosen = chosen_view(exchange, entry);
    struct tab tabs[COUNT(views) + 1] = {0};

    for (size_t i = 0; i < COUNT(views); i++) {
        tabs[i].label = views[i].fn == show_deliveries
                            ? arena_printf(&exchange->arena, "%s (%u)", views[i].label,
                                           entry->n_destinations)
                            : views[i].label;
        tabs[i].path =
            arena_printf(&exchange->arena, "%s/debugger?event=%llu&view=%s", place->path,
                         (unsigned long long)entry->number, views[i].view);
    }
    show_head(exchange, entry);
    tabs_show(&exchange->out, "Event", tabs, tabs[chosen].label);
    views[chosen].fn(exchange, entry);
}
