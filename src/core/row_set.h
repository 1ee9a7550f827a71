/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * row_set - which rows wait, by their numbers alone.
 *
 * A million deliveries that wait behind one endpoint are a million numbers, most of them
 * next to each other: a word of 64 bits for every 64 rows that has one, sorted. So one
 * that waits costs a quarter of a byte where all are of one subscription, and 16 bytes at
 * worst. Rows come nearly in order, from two sides at most (what is new, and what was
 * found at the start), and leave with the smallest first.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct row_set_word {
    int64_t number; /* bit i: row number * 64 + i waits */
    uint64_t bits;  /* never 0 */
};

struct row_set { /* zeroed: nothing waits */
    struct row_set_word *words;
    size_t first, end; /* of the words that count */
    size_t capacity;
    size_t n_rows;
};

void row_set_done(struct row_set *set);
/* @row is 0 or more; one that waits already is not counted twice. */
void row_set_add(struct row_set *set, int64_t row);
/* Removes and returns the smallest; there is one. */
int64_t row_set_take(struct row_set *set);
