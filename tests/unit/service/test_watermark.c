/* SPDX-License-Identifier: MIT */

#include "service/watermark.h"

#include "lib/cm.h"

#include <stdlib.h>

static void rises_only_over_what_is_recorded(void **state)
{
    static const struct {
        const char *why;
        int64_t row;
        int64_t want;
    } steps[] = {
        {"a gap holds it", 12, 10},
        {"the lowest moves it past its neighbours", 10, 11},
        {"the gap is filled", 11, 13},
        {"below the mark nothing changes", 3, 13},
        {"twice is once", 12, 13},
        {"far away", 1000, 13},
    };
    struct watermark mark;

    (void)state;
    watermark_init(&mark, 10);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        int64_t got;

        watermark_record(&mark, steps[i].row);
        got = watermark_low(&mark);
        if (got != steps[i].want)
            fail_msg("%s: got %lld, want %lld", steps[i].why, (long long)got,
                     (long long)steps[i].want);
    }
    watermark_done(&mark);
}

/* Against the plain definition, over enough rows that words are dropped from the front.
 */
static void equals_the_definition(void **state)
{
    enum { N = 400000, WINDOW = 3000 };
    struct watermark mark;
    unsigned char *recorded = calloc(N + 1, 1);
    int64_t low = 1;

    (void)state;
    assert_non_null(recorded);
    srand(7);
    watermark_init(&mark, 1);
    while (low < N) {
        int64_t row = low + rand() % WINDOW;

        if (row >= N || rand() % 8 == 0)
            row = low;
        watermark_record(&mark, row);
        recorded[row] = 1;
        while (recorded[low] != 0)
            low++;
        assert_int_equal(low, watermark_low(&mark));
    }
    watermark_done(&mark);
    free(recorded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rises_only_over_what_is_recorded),
        cmocka_unit_test(equals_the_definition),
    };

    return cmocka_run_group_tests_name("watermark", tests, NULL, NULL);
}
