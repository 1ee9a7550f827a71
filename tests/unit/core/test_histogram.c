/* SPDX-License-Identifier: MIT */

#include "core/histogram.h"

#include "base/attr.h"
#include "lib/cm.h"

static const struct {
    const char *why;
    int64_t low_us, high_us; /* every whole step of the range is added once */
    int64_t step_us;
    unsigned per_cent;
    int64_t want_us;
} cases[] = {
    {"the half of a hundred", 1000, 100000, 1000, 50, 50000},
    {"nearly all", 1000, 100000, 1000, 95, 95000},
    {"one alone is every percentile", 2000, 2000, 1, 99, 2000},
    {"days", 86400000000, 86400000000, 1, 50, 86400000000},
    {"the very short", 10, 10, 1, 50, 64},
};

static void percentiles_are_off_by_an_eighth_at_most(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct histogram histogram = {0};
        int64_t got;

        for (int64_t us = cases[i].low_us; us <= cases[i].high_us; us += cases[i].step_us)
            histogram_add(&histogram, us);
        got = histogram_percentile_us(&histogram, cases[i].per_cent);
        if (got < cases[i].want_us - cases[i].want_us / 8 ||
            got > cases[i].want_us + cases[i].want_us / 4)
            fail_msg("%s: got %lld, want about %lld", cases[i].why, (long long)got,
                     (long long)cases[i].want_us);
    }
}

static void longer_is_never_less(void **state)
{
    int64_t last = -1;

    (void)state;
    for (int64_t us = 1; us < INT64_MAX / 3; us += us / 7 + 1) {
        struct histogram histogram = {0};
        int64_t got;

        histogram_add(&histogram, us);
        got = histogram_percentile_us(&histogram, 50);
        if (got < last)
            fail_msg("%lld us: got %lld, want %lld or more", (long long)us,
                     (long long)got, (long long)last);
        last = got;
    }
}

static void what_is_out_of_range_counts_at_the_ends(void **state)
{
    struct histogram histogram = {0};

    (void)state;
    assert_int_equal(-1, histogram_percentile_us(&histogram, 50));
    histogram_add(&histogram, -5);
    histogram_add(&histogram, 0);
    histogram_add(&histogram, INT64_MAX);
    assert_int_equal(2, histogram.buckets[0]);
    assert_int_equal(1, histogram.buckets[HISTOGRAM_BUCKETS - 1]);
    assert_int_equal(3, histogram_count(&histogram));
}

static void merged_is_as_if_added(void **state)
{
    struct histogram one = {0}, other = {0}, both = {0};

    (void)state;
    for (int64_t us = 1; us < 1000000; us += 997) {
        histogram_add(us % 2 == 0 ? &one : &other, us);
        histogram_add(&both, us);
    }
    histogram_merge(&one, &other);
    assert_memory_equal(&one, &both, sizeof(one));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(percentiles_are_off_by_an_eighth_at_most),
        cmocka_unit_test(longer_is_never_less),
        cmocka_unit_test(what_is_out_of_range_counts_at_the_ends),
        cmocka_unit_test(merged_is_as_if_added),
    };

    return cmocka_run_group_tests_name("histogram", tests, NULL, NULL);
}
