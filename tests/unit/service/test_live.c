/* SPDX-License-Identifier: MIT */

#include "service/live.h"

#include <stdlib.h>

#include "lib/cm.h"

enum { ROWS = 6000, STEPS = 60000 };

static bool is_live(struct live *live, int64_t row)
{
    return live_state(live, row, DELIVERY_QUEUED) == DELIVERY_RUNNING;
}

static void what_runs_is_shown_as_running(void **state)
{
    struct live *live = live_new();

    (void)state;
    live_add(live, 7);
    assert_int_equal(DELIVERY_RUNNING, live_state(live, 7, DELIVERY_RETRYING));
    assert_int_equal(DELIVERY_RETRYING, live_state(live, 8, DELIVERY_RETRYING));
    /* It has ended and the store says how: that it runs is a moment old. */
    assert_int_equal(DELIVERY_DELIVERED, live_state(live, 7, DELIVERY_DELIVERED));
    live_remove(live, 7);
    assert_false(is_live(live, 7));
    live_remove(live, 7);
    live_free(live);
}

static uint64_t next(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005U + 1442695040888963407U;
    return *seed >> 33;
}

/* Rows that crowd at one place, too: distances of the table's size. */
static int64_t row_of(size_t i)
{
    return (int64_t)(i % 50 * 4096 + i / 50 + 1);
}

static void it_is_the_set_that_was_put_in(void **state)
{
    static bool model[ROWS];
    struct live *live = live_new();
    uint64_t seed = 1;

    (void)state;
    for (size_t step = 0; step < STEPS; step++) {
        size_t i = next(&seed) % ROWS;

        model[i] = next(&seed) % 3 != 0;
        if (model[i])
            live_add(live, row_of(i));
        else
            live_remove(live, row_of(i));
        size_t other = next(&seed) % ROWS;
        if (is_live(live, row_of(other)) != model[other])
            fail_msg("after %zu steps row %lld is %s", step, (long long)row_of(other),
                     model[other] ? "missing" : "there");
    }
    for (size_t i = 0; i < ROWS; i++)
        assert_int_equal(model[i], is_live(live, row_of(i)));
    live_free(live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_runs_is_shown_as_running),
        cmocka_unit_test(it_is_the_set_that_was_put_in),
    };

    return cmocka_run_group_tests_name("live", tests, NULL, NULL);
}
