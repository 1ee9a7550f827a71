/* SPDX-License-Identifier: MIT */

#include "core/histogram.h"

#include <stddef.h>

enum { UNIT_SHIFT = 6, SUB_SHIFT = 2, SUBS = 1 << SUB_SHIFT };

static size_t bucket_of(int64_t duration_us)
{
    uint64_t units = duration_us > 0 ? (uint64_t)duration_us >> UNIT_SHIFT : 0;
    unsigned exponent;
    size_t bucket;

    if (units < SUBS)
        return (size_t)units;
    exponent = 63u - (unsigned)__builtin_clzll(units);
    bucket = SUBS * (exponent - 1) + ((units >> (exponent - SUB_SHIFT)) & (SUBS - 1));
    return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

/* The shortest duration in a bucket. */
static int64_t lower_us(size_t bucket)
{
    size_t octave = bucket / SUBS;

    if (octave == 0)
        return (int64_t)bucket << UNIT_SHIFT;
    return (int64_t)(SUBS + bucket % SUBS) << (octave - 1 + UNIT_SHIFT);
}

void histogram_add(struct histogram *histogram, int64_t duration_us)
{
    histogram->buckets[bucket_of(duration_us)]++;
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
        into->buckets[i] += from->buckets[i];
}

uint64_t histogram_count(const struct histogram *histogram)
{
    uint64_t n = 0;

    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
        n += histogram->buckets[i];
    return n;
}

int64_t histogram_percentile_us(const struct histogram *histogram, unsigned per_cent)
{
    /* Rounded up: of three, half is two. */
    uint64_t wanted = (histogram_count(histogram) * per_cent + 99) / 100;
    uint64_t before = 0;

    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        uint64_t here = histogram->buckets[i];

        if (here > 0 && before + here >= wanted) {
            double share = (double)(wanted - before) / (double)here;

            return lower_us(i) +
                   (int64_t)((double)(lower_us(i + 1) - lower_us(i)) * share);
        }
        before += here;
    }
    return -1;
}
