/* SPDX-License-Identifier: MIT */

#include "core/row_set.h"

#include "lib/cm.h"

enum { MAX = 12 };

static const struct {
    const char *why;
    int64_t added[MAX], taken[MAX]; /* 0 ends */
} cases[] = {
    {"in order", {1, 2, 3}, {1, 2, 3}},
    {"the smallest first, whenever it came", {500, 2, 70, 1}, {1, 2, 70, 500}},
    {"twice is once", {7, 7, 8, 7}, {7, 8}},
    {"both ends of a word, and the next", {63, 64, 127, 128}, {63, 64, 127, 128}},
    {"in the middle of those that are there", {10, 1000, 400, 200}, {10, 200, 400, 1000}},
    {"far apart", {INT64_C(1) << 40, 3}, {3, INT64_C(1) << 40}},
};

static void rows_leave_with_the_smallest_first(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct row_set set = {0};
        size_t n = 0;

        for (size_t k = 0; cases[i].added[k] != 0; k++)
            row_set_add(&set, cases[i].added[k]);
        while (set.n_rows > 0 && n < MAX) {
            int64_t got = row_set_take(&set);

            if (got != cases[i].taken[n])
                fail_msg("%s: got %lld, want %lld", cases[i].why, (long long)got,
                         (long long)cases[i].taken[n]);
            n++;
        }
        if (cases[i].taken[n] != 0)
            fail_msg("%s: got %zu rows, want more", cases[i].why, n);
        row_set_done(&set);
    }
}

/* As at a start: what was found comes by and by, in front of what is new, and the first
 * leave meanwhile. */
static void two_sides_and_a_front_that_leaves(void **state)
{
    struct row_set set = {0};
    int64_t last = 0;
    size_t n_taken = 0;

    (void)state;
    for (int64_t i = 1; i <= 20000; i++) {
        row_set_add(&set, i * 3);
        row_set_add(&set, 100000 + i * 70);
        if (i % 2 == 0) {
            int64_t row = row_set_take(&set);

            assert_true(row > last);
            last = row;
            n_taken++;
        }
    }
    assert_int_equal(set.n_rows, 40000 - n_taken);
    while (set.n_rows > 0) {
        int64_t row = row_set_take(&set);

        assert_true(row > last);
        last = row;
        n_taken++;
    }
    assert_int_equal(n_taken, 40000);
    assert_int_equal(last, 100000 + 20000 * 70);
    row_set_done(&set);
}

static void a_million_next_to_each_other_are_small(void **state)
{
    struct row_set set = {0};

    (void)state;
    for (int64_t row = 1; row <= 1000000; row++)
        row_set_add(&set, row);
    assert_int_equal(set.n_rows, 1000000);
    assert_true(set.capacity * sizeof(*set.words) <= 512 << 10);
    row_set_done(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_leave_with_the_smallest_first),
        cmocka_unit_test(two_sides_and_a_front_that_leaves),
        cmocka_unit_test(a_million_next_to_each_other_are_small),
    };

    return cmocka_run_group_tests_name("row_set", tests, NULL, NULL);
}
