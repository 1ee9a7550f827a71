/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * chance - random numbers that a seed decides.
 *
 * Each part of the simulated world draws from a stream of its own, so that one more draw
 * in one part does not change what all others see.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chance {
    uint64_t state;
};

/* The stream @name of @seed. */
void chance_init(struct chance *chance, uint64_t seed, const char *name);
uint64_t chance_u64(struct chance *chance);
/* 0 … @n - 1; 0 when @n is 0. */
int64_t chance_below(struct chance *chance, int64_t n);
/* @least … @most. */
int64_t chance_between(struct chance *chance, int64_t least, int64_t most);
/* The same, but as often of two digits as of five. @least is positive. */
int64_t chance_scale(struct chance *chance, int64_t least, int64_t most);
/* True in @permille of a thousand cases. */
bool chance_is(struct chance *chance, int64_t permille);
