/* SPDX-License-Identifier: MIT */

/* Event Delivery: counters, what waits for its next attempt, and what has ended. */

#include "base/err.h"
#include "base/form.h"
#include "base/html.h"
#include "emulator/delivery/deliveries.h"
#include "emulator/frame/exchange.h"
#include "emulator/pages/attempt_list.h"
#include "emulator/pages/destination_page.h"
#include "emulator/pages/page.h"
#include "emulator/pages/page_routes.h"
#include "emulator/pages/place.h"
#include "emulator/world/world.h"
#include "json/json.h"
#include "json/write.h"

enum { MAX_ROWS = 50, REPORT_BYTES = 16 << 20 };
enum { TIME_OF_DAY_AT = 11, TIME_OF_DAY_LEN = 12 }; /* 14:03:40.123 */

/* --- counters ----------------------------------------------------------------------- */

static void show_counters(struct exchange *exchange, struct bytes destination)
{
    struct buf *out = &exchange->out;
    struct sql_statement *row =
        world_use(exchange->world, "SELECT metric, sum(value) FROM counter WHERE "
                                   "destination = ?1 GROUP BY metric ORDER BY metric");
    int n = 0;

    sql_bind_text(row, 1, destination);
    html_add(out, "<h2>Counters</h2>\n<table class=\"counts\"><thead><tr><th "
                  "scope=\"col\">Metric</th><th "
                  "scope=\"col\" class=\"number\">Events</th></tr></thead>\n<tbody>\n");
    for (; world_step(exchange->world, row); n++) {
        const struct bytes metric = sql_bytes(row, 0);

        html_addf(out,
                  "<tr><th scope=\"row\"><code>%b</code></th><td class=\"number\">%l</td>"
                  "</tr>\n",
                  &metric, sql_i64(row, 1));
    }
    html_add(out, "</tbody></table>\n");
    if (n == 0)
        html_add(out, "<p class=\"muted\">Nothing has been counted yet.</p>\n");
}

/* --- deliveries --------------------------------------------------------------------- */

static const struct {
    const char *state, *class, *mark;
} looks[] = {
    {"delivered", "is-ok", "✔"},    {"waiting", "is-warn", "▲"},
    {"running", "muted", "…"},      {"unsupported", "is-warn", "▲"},
    {"discarded", "is-error", "✖"}, {"expired", "is-error", "✖"},
};

static void show_state(struct buf *out, struct bytes state)
{
    const char *class = "muted", *mark = "";

    for (size_t i = 0; i < COUNT(looks); i++) {
        if (bytes_eq(state, bytes_str(looks[i].state))) {
            class = looks[i].class;
            mark = looks[i].mark;
        }
    }
    html_addf(out, "<td class=\"%s\">%s %b</td>", class, mark, &state);
}

static struct bytes text_of(const struct json *object, const char *key)
{
    return json_string(json_get(object, key));
}

static void show_time(struct buf *out, const char *label, struct bytes time)
{
    const struct bytes time_of_day = bytes_slice(time, TIME_OF_DAY_AT, TIME_OF_DAY_LEN);

    html_addf(out,
              "<td><span class=\"when-folded\">%s </span><time datetime=\"%b\" "
              "title=\"%b\">%b</time></td>",
              label, &time, &time, &time_of_day);
}

/* The attempts have a row of their own: both sides of a call are wide. */
static void show_attempts(struct buf *out, const struct json *attempts)
{
    const size_t n = json_count(attempts);

    if (n == 0)
        return;
    html_addf(out,
              "<tr class=\"more\"><td colspan=\"5\"><details><summary>%d attempt%s: what "
              "was sent, what came back</summary>\n",
              (int)n, n == 1 ? "" : "s");
    attempt_list_show(out, attempts);
    html_add(out, "</details></td></tr>\n");
}

/* The debugger of the source finds an event by its messageId. */
static const char *debugger_path(struct exchange *exchange, const struct place *place,
                                 struct bytes message_id)
{
    cleanup(buf_done) struct buf query = {0};

    buf_init(&query, 4 * message_id.len + 8);
    (void)form_add(&query, "q", message_id, FORM_SPACE_PLUS);
    return arena_printf(&exchange->arena, "/sources/%.*s/%.*s/debugger?%s",
                        BYTES_FMT(place->workspace), BYTES_FMT(place->slug),
                        buf_text(&query));
}

static void show_delivery(struct exchange *exchange, const struct place *place,
                          const struct json *delivery)
{
    struct buf *out = &exchange->out;
    const struct bytes message_id = text_of(delivery, "message_id");
    const struct bytes state = text_of(delivery, "state");
    const struct json *attempts = json_get(delivery, "attempts");

    html_addf(out, "<tr><th scope=\"row\"><a href=\"%s\"><code>%b</code></a></th>",
              debugger_path(exchange, place, message_id), &message_id);
    show_time(out, "received", text_of(delivery, "received_at"));
    show_state(out, state);
    if (bytes_eq(state, BYTES("waiting")))
        show_time(out, "next attempt", text_of(delivery, "next_at"));
    else
        html_add(out, "<td class=\"muted\">–</td>");
    html_addf(out,
              "<td class=\"number\">%d<span class=\"when-folded\"> attempts</span></td>"
              "</tr>\n",
              (int)json_count(attempts));
    show_attempts(out, attempts);
}

static struct json *read_deliveries(struct world *world, struct bytes destination)
{
    cleanup(buf_done) struct buf text = {0};
    struct json *list = NULL;
    struct write write;
    struct err err = {0};

    buf_init(&text, REPORT_BYTES);
    write_init(&write, &text);
    deliveries_write(world->deliveries, destination, MAX_ROWS, &write);
    if (text.full || json_parse(buf_bytes(&text), &list, &err) < 0)
        return NULL;
    return list;
}

static void show_deliveries(struct exchange *exchange, const struct place *place)
{
    struct buf *out = &exchange->out;
    cleanup(json_freep) struct json *list =
        read_deliveries(exchange->world, place->destination);

    html_add(out, "<h2>Events</h2>\n");
    if (json_count(list) == 0) {
        html_addf(
            out,
            "<p class=\"muted\">No event has been on its way here. Send one to the "
            "source with a snippet of <a href=\"/#sdk\">Workspaces</a>, or straight "
            "to the destination with the <a href=\"%s/tester\">Event Tester</a>%s"
            "</p>\n",
            place->path,
            place->is_enabled ? "."
                              : ". It is disabled: events of the source pass it "
                                "by until it is turned on.");
        return;
    }
    html_add(out,
             "<form method=\"post\" class=\"alone\"><button>Retry now</button> <span "
             "class=\"hint\">"
             "what waits is due at once</span></form>\n<table class=\"folds\"><thead>"
             "<tr><th scope=\"col\">Message</th><th scope=\"col\">Received</th><th "
             "scope=\"col\">State</th><th scope=\"col\">Next attempt</th><th "
             "scope=\"col\" class=\"number\">Attempts</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < json_count(list); i++)
        show_delivery(exchange, place, json_at(list, i));
    html_add(out, "</tbody></table>\n");
}

void delivery_get_page(struct exchange *exchange)
{
    struct place place;

    if (!place_find_destination(exchange, &place))
        return;
    destination_page_begin(exchange, &place, "Event Delivery");
    show_counters(exchange, place.destination);
    show_deliveries(exchange, &place);
    page_end(exchange);
}

void delivery_post_page(struct exchange *exchange)
{
    struct place place;

    if (!place_find_destination(exchange, &place))
        return;
    (void)deliveries_hurry(exchange->world->deliveries, place.destination);
    page_done(exchange, arena_printf(&exchange->arena, "%s/delivery", place.path),
              PAGE_NOTE_HURRIED);
}
