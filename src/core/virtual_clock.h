/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * virtual_clock - a wall clock that a test can stop, move and speed up.
 *
 * A reading is base_ms plus the real (monotonic) time since, times the rate. Every change
 * makes the reading of that moment the new base, so time never jumps but by
 * virtual_clock_advance. The local Segment's expiry, retries and rate windows follow one
 * of these; time-outs of requests never do. Times stop at the year 9999.
 */

#include "base/bytes.h"

enum { VIRTUAL_CLOCK_RATE_MAX = 1000000 };

struct virtual_clock {
    int64_t base_ms;      /* reading (since 1970) at real_base_ms */
    int64_t real_base_ms; /* monotonic */
    double rate;          /* 1: real time; 0: frozen */
};

int64_t virtual_clock_read(const struct virtual_clock *clock, int64_t real_ms);
/* Forward only: negative @by_ms does nothing. */
void virtual_clock_advance(struct virtual_clock *clock, int64_t by_ms, int64_t real_ms);
/* 0 freezes; clamped to 0 … VIRTUAL_CLOCK_RATE_MAX. */
void virtual_clock_set_rate(struct virtual_clock *clock, double rate, int64_t real_ms);
/* Real milliseconds until the reading is @at_ms: 0 when it is already, -1: never
 * (frozen). Rounded up, so that who waits that long does not come early. */
int64_t virtual_clock_wait_ms(const struct virtual_clock *clock, int64_t at_ms,
                              int64_t real_ms);
