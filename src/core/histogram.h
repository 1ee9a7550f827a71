/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * histogram - how long things took, in few bytes, so that percentiles can be told of any
 * stretch of time by adding histograms up.
 *
 * Four buckets for each doubling, from 64 µs to about six days: a percentile is off by an
 * eighth at most. Zeroed: empty.
 */

#include <stdint.h>

enum { HISTOGRAM_BUCKETS = 128 };

struct histogram {
    uint32_t buckets[HISTOGRAM_BUCKETS];
};

/* What is negative counts as 0, what is longer than the last bucket in that one. */
void histogram_add(struct histogram *histogram, int64_t duration_us);
void histogram_merge(struct histogram *into, const struct histogram *from);
uint64_t histogram_count(const struct histogram *histogram);
/* The duration that @per_cent of all do not pass; -1: nothing was added. */
int64_t histogram_percentile_us(const struct histogram *histogram, unsigned per_cent);
