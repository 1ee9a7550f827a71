/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * recent - how something did over the last hour, in steps of five minutes: how often, how
 * often well, and how long it took. About 7 kB, whatever happens; zeroed: nothing yet.
 *
 * Times are monotonic milliseconds.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/histogram.h"

enum { RECENT_STEPS = 12, RECENT_STEP_MS = 5 * 60 * 1000 };

struct recent {
    struct recent_step {
        int64_t number; /* of the step, from 1; 0: never used */
        uint32_t n, n_good;
        struct histogram took;
    } steps[RECENT_STEPS];
};

struct recent_view {
    uint64_t counts[RECENT_STEPS]; /* the oldest first */
    uint64_t n, n_good;
    int64_t p95_us; /* -1: there was none */
};

void recent_add(struct recent *recent, int64_t now_ms, bool is_good, int64_t took_us);
void recent_look(const struct recent *recent, int64_t now_ms,
                 struct recent_view *ret_view);
