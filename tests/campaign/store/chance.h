/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * chance - numbers that a seed gives again (SplitMix64).
 *
 * Whoever draws has a stream of its own, so that one draw more here moves nothing there.
 */

#include <stdbool.h>
#include <stdint.h>

struct chance {
    uint64_t state;
};

static inline uint64_t chance_mix(uint64_t number)
{
    number = (number ^ (number >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    number = (number ^ (number >> 27)) * UINT64_C(0x94d049bb133111eb);
    return number ^ (number >> 31);
}

static inline uint64_t chance_next(struct chance *chance)
{
    chance->state += UINT64_C(0x9e3779b97f4a7c15);
    return chance_mix(chance->state);
}

/* 0 … @n - 1; @n is not 0. */
static inline unsigned chance_below(struct chance *chance, unsigned n)
{
    return (unsigned)(chance_next(chance) % n);
}

static inline bool chance_in(struct chance *chance, unsigned percent)
{
    return chance_below(chance, 100) < percent;
}
