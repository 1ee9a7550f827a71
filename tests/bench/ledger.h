/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * ledger - what became of each event of one step of an open load.
 *
 * Every time is on one clock (CLOCK_MONOTONIC, µs) and counts from when the event was
 * due, not from when it could be sent at last: a server that is late is not excused
 * (coordinated omission). Whoever sends writes down that it was due and what was
 * answered, whoever receives that it arrived and whether that was taken.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "histogram.h"

enum ledger_kind {
    LEDGER_HEALTHY = 0, /* bound for an endpoint that answers, now or after a while */
    LEDGER_FAILING,     /* … that answers 503 now and then */
    LEDGER_HUNG,        /* … that never answers */
    LEDGER_KINDS,
};

struct ledger_event {
    int64_t due_us;
    bool is_accepted;
    uint8_t n_taken; /* by the endpoint with a 2xx */
    uint8_t kind;    /* enum ledger_kind */
};

/* Of one kind. */
struct ledger_arrivals {
    uint64_t n_accepted;    /* answered 2xx by the server */
    uint64_t n_arrived;     /* requests at the endpoint */
    uint64_t n_taken;       /* events: the first that was answered 2xx */
    uint64_t n_duplicates;  /* taken once more */
    uint64_t n_undelivered; /* accepted and never taken; after ledger_close() */
    struct histogram taken; /* from due */
};

struct ledger {
    struct ledger_event *events;
    uint64_t first, n, capacity; /* numbers first … first + n - 1 */
    uint64_t n_ok, n_refused, n_broken, n_unsent;
    uint64_t n_strange; /* arrivals of another step, or of nobody */
    uint64_t n_waiting; /* healthy: accepted, not taken yet */
    int64_t last_answer_us, last_taken_us;
    struct histogram answers; /* from due */
    struct ledger_arrivals arrivals[LEDGER_KINDS];
};

/* Room for @capacity events from number @first on; false when there is none. */
bool ledger_open(struct ledger *ledger, uint64_t first, uint64_t capacity);
void ledger_done(struct ledger *ledger);

/* The next number. */
uint64_t ledger_due(struct ledger *ledger, int64_t due_us, enum ledger_kind kind);
/* @status 0: the connection broke before an answer came. */
void ledger_answered(struct ledger *ledger, uint64_t number, int status, int64_t now_us);
/* It was due and there was never a connection for it: late by now at least. */
void ledger_unsent(struct ledger *ledger, uint64_t number, int64_t now_us);
void ledger_arrived(struct ledger *ledger, uint64_t number, bool is_taken,
                    int64_t now_us);
/* Counts what never came. */
void ledger_close(struct ledger *ledger);
/* The members of a JSON object, without the braces. */
void ledger_print(const struct ledger *ledger, FILE *to);
