/* SPDX-License-Identifier: MIT */

#include "core/virtual_clock.h"

#include <math.h>

static const int64_t last_ms = 253402300799999; /* 9999-12-31T23:59:59.999Z */
static const int64_t longest_wait_ms = INT64_C(1) << 40;

/* @base_ms plus @by, without leaving the calendar; @by may be any number. */
static int64_t moved(int64_t base_ms, double by)
{
    if (!(by > 0))
        return base_ms;
    if (by >= (double)(last_ms - base_ms))
        return last_ms;
    return base_ms + (int64_t)by;
}

int64_t virtual_clock_read(const struct virtual_clock *clock, int64_t real_ms)
{
    return moved(clock->base_ms, (double)(real_ms - clock->real_base_ms) * clock->rate);
}

static void rebase(struct virtual_clock *clock, int64_t real_ms)
{
    clock->base_ms = virtual_clock_read(clock, real_ms);
    clock->real_base_ms = real_ms;
}

void virtual_clock_advance(struct virtual_clock *clock, int64_t by_ms, int64_t real_ms)
{
    rebase(clock, real_ms);
    clock->base_ms = moved(clock->base_ms, (double)by_ms);
}

void virtual_clock_set_rate(struct virtual_clock *clock, double rate, int64_t real_ms)
{
    rebase(clock, real_ms);
    clock->rate = rate > 0 ? fmin(rate, VIRTUAL_CLOCK_RATE_MAX) : 0;
}

int64_t virtual_clock_wait_ms(const struct virtual_clock *clock, int64_t at_ms,
                              int64_t real_ms)
{
    const int64_t left_ms = at_ms - virtual_clock_read(clock, real_ms);
    double wait_ms;

    if (left_ms <= 0)
        return 0;
    if (!(clock->rate > 0))
        return -1;
    wait_ms = ceil((double)left_ms / clock->rate);
    return wait_ms < (double)longest_wait_ms ? (int64_t)wait_ms : longest_wait_ms;
}
