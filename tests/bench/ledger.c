/* SPDX-License-Identifier: MIT */

#include "ledger.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static struct ledger_event *event_at(struct ledger *ledger, uint64_t number)
{
    if (number < ledger->first || number - ledger->first >= ledger->n)
        return NULL;
    return &ledger->events[number - ledger->first];
}

bool ledger_open(struct ledger *ledger, uint64_t first, uint64_t capacity)
{
    memset(ledger, 0, sizeof(*ledger));
    ledger->events = calloc(capacity, sizeof(*ledger->events));
    ledger->first = first;
    ledger->capacity = capacity;
    return ledger->events != NULL;
}

void ledger_done(struct ledger *ledger)
{
    free(ledger->events);
    ledger->events = NULL;
    ledger->n = 0;
}

uint64_t ledger_due(struct ledger *ledger, int64_t due_us, enum ledger_kind kind)
{
    ledger->events[ledger->n] =
        (struct ledger_event){.due_us = due_us, .kind = (uint8_t)kind};
    return ledger->first + ledger->n++;
}

/* What was taken before its answer came is not waited for. */
static void count_accepted(struct ledger *ledger, struct ledger_event *event)
{
    event->is_accepted = true;
    ledger->arrivals[event->kind].n_accepted++;
    if (event->kind == LEDGER_HEALTHY && event->n_taken == 0)
        ledger->n_waiting++;
}

void ledger_answered(struct ledger *ledger, uint64_t number, int status, int64_t now_us)
{
    struct ledger_event *event = event_at(ledger, number);

    if (event == NULL)
        return;
    ledger->last_answer_us = now_us;
    histogram_add(&ledger->answers, now_us - event->due_us);
    if (status == 0) {
        ledger->n_broken++;
    } else if (status / 100 != 2) {
        ledger->n_refused++;
    } else {
        ledger->n_ok++;
        count_accepted(ledger, event);
    }
}

void ledger_unsent(struct ledger *ledger, uint64_t number, int64_t now_us)
{
    struct ledger_event *event = event_at(ledger, number);

    if (event == NULL)
        return;
    ledger->n_unsent++;
    histogram_add(&ledger->answers, now_us - event->due_us);
}

static void count_taken(struct ledger *ledger, struct ledger_event *event, int64_t now_us)
{
    struct ledger_arrivals *arrivals = &ledger->arrivals[event->kind];

    ledger->last_taken_us = now_us;
    if (event->n_taken > 0) {
        arrivals->n_duplicates++;
        return;
    }
    event->n_taken = 1;
    arrivals->n_taken++;
    histogram_add(&arrivals->taken, now_us - event->due_us);
    if (event->kind == LEDGER_HEALTHY && event->is_accepted)
        ledger->n_waiting--;
}

void ledger_arrived(struct ledger *ledger, uint64_t number, bool is_taken, int64_t now_us)
{
    struct ledger_event *event = event_at(ledger, number);

    if (event == NULL) {
        ledger->n_strange++;
        return;
    }
    ledger->arrivals[event->kind].n_arrived++;
    if (is_taken)
        count_taken(ledger, event, now_us);
}

void ledger_close(struct ledger *ledger)
{
    for (uint64_t i = 0; i < ledger->n; i++) {
        const struct ledger_event *event = &ledger->events[i];

        if (event->is_accepted && event->n_taken == 0)
            ledger->arrivals[event->kind].n_undelivered++;
    }
}

void ledger_print(const struct ledger *ledger, FILE *to)
{
    static const char *const names[LEDGER_KINDS] = {"healthy", "failing", "hung"};

    fprintf(to,
            "\"due\":%" PRIu64 ",\"ok\":%" PRIu64 ",\"refused\":%" PRIu64
            ",\"broken\":%" PRIu64 ",\"unsent\":%" PRIu64 ",\"strange\":%" PRIu64
            ",\"answers\":",
            ledger->n, ledger->n_ok, ledger->n_refused, ledger->n_broken,
            ledger->n_unsent, ledger->n_strange);
    histogram_print(&ledger->answers, to);
    for (size_t i = 0; i < LEDGER_KINDS; i++) {
        const struct ledger_arrivals *arrivals = &ledger->arrivals[i];

        fprintf(to,
                ",\"%s\":{\"accepted\":%" PRIu64 ",\"arrived\":%" PRIu64
                ",\"delivered\":%" PRIu64 ",\"duplicates\":%" PRIu64
                ",\"undelivered\":%" PRIu64 ",\"latency\":",
                names[i], arrivals->n_accepted, arrivals->n_arrived, arrivals->n_taken,
                arrivals->n_duplicates, arrivals->n_undelivered);
        histogram_print(&arrivals->taken, to);
        fputc('}', to);
    }
}
