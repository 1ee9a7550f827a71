/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * history - what was counted over the last week, for the plots of the console.
 *
 * Three rings: fifteen minutes in steps of five seconds, a day in minutes, a week in
 * quarters of an hour; every count goes into all three. About 1.2 MB, whatever happens.
 * What was before @since_ms of a ring is not known, which a view says of each of its
 * points. A minute can be taken out as bytes and put into a new history: so the day and
 * the week go on after a restart. Times are wall milliseconds and may jump: a slot that a
 * jump makes someone else's begins anew.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "core/histogram.h"

enum history_count {
    HISTORY_RECEIVED = 0,
    HISTORY_DELIVERED_FIRST, /* by the first attempt */
    HISTORY_DELIVERED_RETRY, /* by a later one */
    HISTORY_RETRIED,         /* attempts after which another one follows */
    HISTORY_DISCARDED,       /* those not supported are among them */
    HISTORY_NOT_SUPPORTED,
    HISTORY_DEAD,
    HISTORY_N,
};

enum history_span { HISTORY_NONE = 0, HISTORY_15M, HISTORY_1H, HISTORY_24H, HISTORY_7D };

enum { HISTORY_POINTS = 200, HISTORY_KEPT_MS = 7 * 24 * 60 * 60 * 1000 };

struct history_slot {
    int64_t number; /* of the step since 1970; -1: never used */
    uint32_t counts[HISTORY_N];
    struct histogram latency;
};

struct history_ring {
    int64_t step_ms;
    size_t n_slots;
    struct history_slot *slots;
};

struct history {
    struct history_ring rings[3];
    int64_t since_ms[3]; /* of each ring */
};

/* Allocates; end with history_done. */
void history_init(struct history *history, int64_t now_ms);
void history_done(struct history *history);
/* One more, or several at once. */
void history_add(struct history *history, int64_t now_ms, enum history_count what,
                 unsigned n);
/* How long a delivery took, from its event's arrival. */
void history_took(struct history *history, int64_t now_ms, int64_t duration_us);

/* Adds what is known of @minute (since 1970) as bytes. False: nothing was counted in it.
 */
must_check
bool history_minute(const struct history *history, int64_t minute, struct buf *ret);
/* Adds such a minute, if it is not older than what is kept nor yet to come; bytes that
 * are none of ours add nothing. The oldest first. */
void history_restore(struct history *history, int64_t now_ms, int64_t minute,
                     struct bytes detail);

struct history_point {
    int64_t at_ms;
    bool is_known;
    uint64_t counts[HISTORY_N];
    int64_t p50_us, p95_us, p99_us; /* -1: nothing was delivered */
};

struct history_view {
    int64_t from_ms, to_ms, step_ms;
    struct history_point points[HISTORY_POINTS];
    size_t n_points;
    struct history_point total; /* its at_ms: what is known begins here */
};

/* "15m", "1h", "24h", "7d"; NONE: none of them. */
enum history_span history_span_of(const char *text);
void history_look(const struct history *history, enum history_span span, int64_t now_ms,
                  struct history_view *ret_view);
