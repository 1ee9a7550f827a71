/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * watermark - below which row has every event a delivery row?
 *
 * Rows are recorded out of order; one bit each between the mark and the newest row. It is
 * only a hint that makes the next start quick: too low costs time, too high loses events,
 * so rows count as unrecorded until watermark_record().
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct watermark {
    int64_t low;    /* every row below it is recorded */
    uint64_t *bits; /* bit i: row low_word * 64 + i is recorded */
    int64_t low_word;
    size_t n_words;
    size_t capacity;
};

void watermark_init(struct watermark *mark, int64_t low);
void watermark_done(struct watermark *mark);
void watermark_record(struct watermark *mark, int64_t row);
/* The lowest row that is not recorded. */
int64_t watermark_low(struct watermark *mark);
