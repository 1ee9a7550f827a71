/* SPDX-License-Identifier: MIT */

#include "histogram.h"

#include <inttypes.h>
#include <stddef.h>

enum { PER_DOUBLING = 64 };

static size_t bucket_of(int64_t value_us)
{
    size_t shift = 0;
    uint64_t value = value_us > 0 ? (uint64_t)value_us : 0;

    while (value >= 2 * PER_DOUBLING) {
        value >>= 1;
        shift++;
    }
    size_t bucket = shift * PER_DOUBLING + value;
    return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

static int64_t value_of(size_t bucket)
{
    if (bucket < 2 * PER_DOUBLING)
        return (int64_t)bucket;
    size_t shift = bucket / PER_DOUBLING - 1;
    return (int64_t)((bucket - shift * PER_DOUBLING) << shift);
}

void histogram_add(struct histogram *histogram, int64_t value_us)
{
    histogram->buckets[bucket_of(value_us)]++;
    histogram->n++;
    if (value_us > histogram->max_us)
        histogram->max_us = value_us;
}

int64_t histogram_at(const struct histogram *histogram, double share)
{
    uint64_t seen = 0;

    if (histogram->n == 0)
        return 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += histogram->buckets[i];
        if ((double)seen >= share * (double)histogram->n)
            return value_of(i);
    }
    return histogram->max_us;
}

void histogram_print(const struct histogram *histogram, FILE *to)
{
    fprintf(to,
            "{\"n\":%" PRIu64 ",\"p50_us\":%" PRId64 ",\"p95_us\":%" PRId64
            ",\"p99_us\":%" PRId64 ",\"p999_us\":%" PRId64 ",\"max_us\":%" PRId64 "}",
            histogram->n, histogram_at(histogram, 0.5), histogram_at(histogram, 0.95),
            histogram_at(histogram, 0.99), histogram_at(histogram, 0.999),
            histogram->max_us);
}
