/* SPDX-License-Identifier: MIT */

/* Event Delivery: counters, what waits for its next attempt, and what has ended. */

#include "base/err.h"
#include "base/html.h"
#include "emulator/delivery/deliveries.h"
#include "emulator/frame/exchange.h"
#include "emulator/pages/destination_page.h"
#include "emulator/pages/page.h"
#include "emulator/pages/page_routes.h"
#include "emulator/pages/place.h"
#include "emulator/world/world.h"
#include "json/json.h"
#include "json/write.h"

enum { MAX_ROWS = 50, REPORT_BYTES = 16 << 20 };

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

static void show_attempt(struct buf *out, const struct json *attempt)
{
    const struct bytes at = text_of(attempt, "at"), code = text_of(attempt, "code");
    const struct bytes message = text_of(attempt, "message");
    cleanup(buf_done) struct buf text = {0};

    html_addf(out,
              "<p><time>%b</time> <strong><bdi>%b</bdi></strong> <bdi>%b</bdi></p>\n",
              &at, &code, &message);
    buf_init(&text, REPORT_BYTES);
    json_print(json_get(attempt, "calls"), /* indented= */ true, &text);
    html_add(out, "<pre>");
    html_text(out, buf_bytes(&text));
    html_add(out, "</pre>\n");
}

static void show_attempts(struct buf *out, const struct json *attempts)
{
    const size_t n = json_count(attempts);

    if (n == 0) {
        html_add(out, "<td>none yet</td>");
        return;
    }
    html_addf(out, "<td><details><summary>%d</summary>\n", (int)n);
    for (size_t i = 0; i < n; i++)
        show_attempt(out, json_at(attempts, i));
    html_add(out, "</details></td>");
}

static void show_delivery(struct buf *out, const struct json *delivery)
{
    const struct bytes message_id = text_of(delivery, "message_id");
    const struct bytes received_at = text_of(delivery, "received_at");
    const struct bytes next_at = text_of(delivery, "next_at");
    const struct bytes state = text_of(delivery, "state");

    html_addf(out, "<tr><th scope=\"row\"><code>%b</code></th><td><time>%b</time></td>",
              &message_id, &received_at);
    show_state(out, state);
    if (bytes_eq(state, BYTES("waiting")))
        html_addf(out, "<td><time>%b</time></td>", &next_at);
    else
        html_add(out, "<td class=\"muted\">–</td>");
    show_attempts(out, json_get(delivery, "attempts"));
    html_add(out, "</tr>\n");
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

static void show_deliveries(struct exchange *exchange, struct bytes destination)
{
    struct buf *out = &exchange->out;
    cleanup(json_freep) struct json *list = read_deliveries(exchange->world, destination);

    html_add(out, "<h2>Events</h2>\n");
    if (json_count(list) == 0) {
        html_add(out, "<p class=\"muted\">No event has been on its way here.</p>\n");
        return;
    }
    html_add(out,
             "<form method=\"post\" class=\"alone\"><button>Retry now</button> <span "
             "class=\"hint\">"
             "what waits is due at once</span></form>\n<table class=\"folds\"><thead>"
             "<tr><th scope=\"col\">Message</th><th scope=\"col\">Received</th><th "
             "scope=\"col\">State</th><th scope=\"col\">Next attempt</th><th "
             "scope=\"col\">Attempts</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < json_count(list); i++)
        show_delivery(out, json_at(list, i));
    html_add(out, "</tbody></table>\n");
}

void delivery_get_page(struct exchange *exchange)
{
    struct place place;

    if (!place_find_destination(exchange, &place))
        return;
    destination_page_begin(exchange, &place, "Event Delivery");
    show_counters(exchange, place.destination);
    show_deliveries(exchange, place.destination);
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
