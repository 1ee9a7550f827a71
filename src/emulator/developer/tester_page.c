/* SPDX-License-Identifier: MIT */

/* Event Tester: one event straight to the destination, past filters and the like, and
 * both sides of what happens (dossier §3.10, ux §4.4). */

#include "base/err.h"
#include "base/html.h"
#include "emulator/developer/outcome.h"
#include "emulator/developer/sample.h"
#include "emulator/developer/trial.h"
#include "emulator/pages/destination_page.h"
#include "emulator/pages/input.h"
#include "emulator/pages/page.h"
#include "emulator/pages/page_routes.h"
#include "emulator/pages/place.h"
#include "emulator/pages/posted.h"
#include "emulator/pages/pretty.h"
#include "emulator/tracking/journal.h"
#include "emulator/world/world.h"

enum { TEXT_BYTES = 1 << 20, EVENT_LINES = 18 };

/* --- the event in the editor -------------------------------------------------------- */

/* The last good event of the source, as it went on. */
static struct bytes last_event(struct exchange *exchange, const struct place *place)
{
    const struct journal_entry *entry = NULL;

    while ((entry = journal_next(exchange->world->journal, entry, place->source)) !=
           NULL) {
        if (entry->stamped.len > 0)
            return entry->stamped;
    }
    return bytes_of(NULL, 0);
}

static enum event_kind asked_kind(struct exchange *exchange)
{
    const enum event_kind kind = event_kind_parse(posted_field(exchange, "type"));

    return kind >= EVENT_IDENTIFY && kind <= EVENT_ALIAS ? kind : EVENT_TRACK;
}

static bool does(struct exchange *exchange, const char *what)
{
    return posted_is(exchange, "do", what);
}

/* What is typed, unless a button asked for another. */
static void print_event(struct exchange *exchange, const struct place *place,
                        struct buf *ret_text)
{
    const struct bytes last = last_event(exchange, place);
    cleanup(buf_done) struct buf sample = {0};

    if (does(exchange, "send")) {
        buf_add(ret_text, posted_text(exchange, "event"));
        return;
    }
    if (does(exchange, "load") && last.len > 0) {
        pretty_print(ret_text, last);
        return;
    }
    buf_init(&sample, TEXT_BYTES);
    sample_print(asked_kind(exchange), world_now_ms(exchange->world), place->source_id,
                 &sample);
    pretty_print(ret_text, buf_bytes(&sample));
}

/* --- the page ----------------------------------------------------------------------- */

static void show_types(struct exchange *exchange)
{
    struct buf *out = &exchange->out;
    const enum event_kind current = asked_kind(exchange);

    input_choice_begin(out, "type", BYTES("Type"));
    for (enum event_kind kind = EVENT_IDENTIFY; kind <= EVENT_ALIAS; kind++) {
        const struct bytes text = bytes_str(event_kind_text(kind));

        input_option(out, text, text, kind == current);
    }
    input_choice_end(out, BYTES("Of the sample."));
}

static void show_form(struct exchange *exchange, const struct place *place)
{
    struct buf *out = &exchange->out;
    cleanup(buf_done) struct buf event = {0};

    buf_init(&event, TEXT_BYTES);
    print_event(exchange, place, &event);
    input_form(out, NULL);
    show_types(exchange);
    html_add(out,
             "<p class=\"row\"><button name=\"do\" value=\"load\" formnovalidate>Load "
             "event from source</button><button name=\"do\" value=\"sample\" "
             "formnovalidate>Generate sample event</button></p>\n");
    if (does(exchange, "load") && last_event(exchange, place).len == 0)
        html_add(out, "<p class=\"is-warn\" role=\"status\">The source has no event yet; "
                      "this is a sample.</p>\n");
    input_show(out, &(struct input){.name = "event",
                                    .label = BYTES("Event"),
                                    .value = buf_bytes(&event),
                                    .n_lines = EVENT_LINES});
    html_add(out, "<button class=\"main\" name=\"do\" value=\"send\">Send test event to "
                  "destination</button></form>\n");
}

static void show(struct exchange *exchange, const struct place *place, const char *why,
                 const struct attempt_result *result)
{
    struct buf *out = &exchange->out;

    if (why != NULL)
        exchange->status = 400;
    destination_page_begin(exchange, place, "Event Tester");
    if (why != NULL)
        html_addf(out, "<p class=\"note is-error\" role=\"alert\">✖ %s</p>\n", why);
    html_add(out, "<div class=\"columns\"><section><h2>Send test</h2>\n");
    show_form(exchange, place);
    html_add(out, "</section><section><h2>View test outcome</h2>\n");
    if (result != NULL)
        outcome_show_delivery(out, result);
    else
        html_add(out,
                 "<p class=\"muted\">Nothing has been sent. The event goes straight to "
                 "the destination: filters, the integrations object and the switch do "
                 "not hold it back.</p>\n");
    html_add(out, "</section></div>\n");
    page_end(exchange);
}

static void show_result(struct exchange *exchange, void *arg,
                        const struct attempt_result *result)
{
    show(exchange, arg, NULL, result);
}

void tester_get_page(struct exchange *exchange)
{
    struct place place;

    if (place_find_destination(exchange, &place))
        show(exchange, &place, NULL, NULL);
}

void tester_post_page(struct exchange *exchange)
{
    struct place *place = arena_new(&exchange->arena, struct place);
    struct target target;
    struct bytes event;
    struct err err = {0};

    if (!place_find_destination(exchange, place))
        return;
    if (!does(exchange, "send")) {
        show(exchange, place, NULL, NULL);
        return;
    }
    if (posted_object(exchange, "event", &event, &err) < 0 ||
        target_of_destination(exchange->world, place->destination, &exchange->arena,
                              &target, &err) < 0)
        show(exchange, place, err.text, NULL);
    else
        trial_start(exchange, &target, event, show_result, place);
}
