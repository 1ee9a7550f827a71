/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * histogram - latencies in microseconds, in a fixed number of buckets.
 *
 * Exact below 128 µs, above within 1/64 of the value: good enough for a percentile, and
 * no request costs memory. What is longer than a day counts as the last bucket.
 */

#include <stdint.h>
#include <stdio.h>

enum { HISTOGRAM_BUCKETS = 2048 };

struct histogram {
    uint64_t buckets[HISTOGRAM_BUCKETS];
    uint64_t n;
    int64_t max_us;
};

void histogram_add(struct histogram *histogram, int64_t value_us);
/* The value that @share of all do not exceed; 0 when there are none. */
int64_t histogram_at(const struct histogram *histogram, double share);
/* {"n":…,"p50_us":…,"p95_us":…,"p99_us":…,"p999_us":…,"max_us":…} */
void histogram_print(const struct histogram *histogram, FILE *to);
