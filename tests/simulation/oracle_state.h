/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * oracle_state - what the files of the oracle share.
 *
 *   oracle.c           events, what is durable, what customers were told, the end
 *   oracle_policy.c    what may become of an attempt, and when the next may come
 *   oracle_requests.c  when a request may start: limits, breakers, pauses, turns
 */

#include "simulation/oracle.h"

struct heard { /* how a delivery's last request ended; only of forwarded ones */
    bool is_set;
    enum outcome_transport transport;
    int status;
    int64_t retry_after_ms;
    int64_t at_us, wall_ms;
};

struct model_delivery { /* by row */
    bool is_open;       /* an attempt has begun, and its end is not durable yet */
    unsigned n_begun, n_incidents, n_successes;
    int64_t earliest_us;        /* the next attempt is not before; 0: any time */
    int64_t due_us;             /* and from then on it is late */
    int64_t first_us;           /* its first attempt; the end of another may be stored */
    unsigned first_life;        /* in which life of the process that was */
    struct line_options limits; /* in force when its attempt began */
    struct heard heard;
};

struct model_line {
    struct line_options limits;
    int most_attempts; /* that were ever allowed */
    int64_t most_over_ms;
    size_t n_in_flight;
    int64_t saturated_us; /* when it last had as many as it may */
    double tokens;
    int64_t tokens_us;
    int64_t turn_bytes; /* started in this turn */
    bool has_begun;     /* in this turn */
};

struct model_partner {
    bool is_paused;
    bool has_functions;
    int64_t free_us;     /* when it was last resumed, or found to be up again */
    int64_t trouble_us;  /* of the last failure */
    unsigned n_failures; /* in a row */
    unsigned n_probes;   /* begun since there were too many */
    int64_t probed_us;
};

struct oracle {
    const struct options *options;
    struct model_event *events;
    size_t n_events, events_capacity;
    unsigned *n_stored; /* by serial */
    int64_t *stored_ms; /* received_at of the last row */
    struct model_delivery *deliveries;
    size_t n_deliveries;
    struct model_line lines[LINES_MAX];
    struct model_partner partners[PARTNERS_MAX];
    struct store_tally counts;
    int64_t by_state[DELIVERY_N_STATES];
    int64_t n_rows_due;  /* not terminal */
    struct tally *tally; /* of the process; NULL: none runs */
    int64_t started_us, configured_us, jumped_us;
    int64_t ahead_most_ms; /* the wall before the kernel's time, in this life */
    unsigned n_lives;
    uint64_t n_checks;
    bool is_healed;
};

extern struct oracle oracle;

/* --- oracle_policy.c ---------------------------------------------------------------- */

struct model_delivery *oracle_delivery(int64_t row);
/* An attempt's end, or that there is no attempt any more, has become durable. */
void oracle_settled(int64_t row, const struct fake_row *before);

/* Counts, and fails unless @is_so. */
#define oracle_check(is_so, invariant, ...)                                              \
    do {                                                                                 \
        oracle.n_checks++;                                                               \
        if (!(is_so))                                                                    \
            oracle_fail((invariant), __VA_ARGS__);                                       \
    } while (0)
