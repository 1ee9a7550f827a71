/* SPDX-License-Identifier: MIT */

#include "service/console/pace.h"

#include "lib/cm.h"

static void so_many_events_a_second(void **state)
{
    struct pace pace = {0};
    unsigned n = 0;

    (void)state;
    for (int64_t event = 1; event <= 1240; event++)
        n += pace_event(&pace, event);
    assert_int_equal(PACE_EVENTS, n);
    assert_int_equal(1240, pace_tick(&pace));
    assert_true(pace_event(&pace, 2000));
    assert_int_equal(0, pace_tick(&pace));
}

static void a_row_that_is_shown_moves_to_its_end(void **state)
{
    struct pace pace = {0};

    (void)state;
    assert_true(pace_event(&pace, 7));
    for (int64_t other = 100; other < 100 + PACE_EVENTS; other++)
        assert_true(pace_delivery(&pace, other));
    assert_false(pace_delivery(&pace, 500));
    assert_true(pace_delivery(&pace, 7));
    pace_tick(&pace);
    assert_true(pace_delivery(&pace, 500));
    assert_true(pace_delivery(&pace, 7));
}

static void who_reads_too_slowly_misses_until_little_waits_and_is_told(void **state)
{
    static const struct {
        uint64_t n_missed;
        size_t n_waiting;
        enum pace_room want;
        const char *why;
    } rows[] = {
        {0, 0, PACE_GETS, "nothing waits"},
        {0, PACE_GAP_BYTES - 1, PACE_GETS, "much waits"},
        {0, PACE_GAP_BYTES, PACE_MISSES, "too much waits: the gap begins"},
        {1, PACE_GAP_BYTES - 1, PACE_MISSES, "a gap does not end at once"},
        {812, PACE_GAP_OVER_BYTES + 1, PACE_MISSES, "nor before little waits"},
        {812, PACE_GAP_OVER_BYTES, PACE_IS_TOLD_AND_GETS, "it has caught up"},
        {1, 0, PACE_IS_TOLD_AND_GETS, "all was read"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum pace_room got = pace_room(rows[i].n_missed, rows[i].n_waiting);

        if (got != rows[i].want)
            fail_msg("%s: got %d, want %d", rows[i].why, (int)got, (int)rows[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(so_many_events_a_second),
        cmocka_unit_test(a_row_that_is_shown_moves_to_its_end),
        cmocka_unit_test(who_reads_too_slowly_misses_until_little_waits_and_is_told),
    };

    return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}
