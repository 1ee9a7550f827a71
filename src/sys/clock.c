/* SPDX-License-Identifier: MIT */

#include "sys/clock.h"

#include <assert.h>
#include <time.h>

static int64_t now_us(clockid_t clock)
{
    struct timespec now;

    int r = clock_gettime(clock, &now);
    assert(r == 0);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_now_ms(void)
{
    return now_us(CLOCK_MONOTONIC) / 1000;
}

int64_t clock_now_us(void)
{
    return now_us(CLOCK_MONOTONIC);
}

int64_t clock_wall_ms(void)
{
    return now_us(CLOCK_REALTIME) / 1000;
}
