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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(so_many_events_a_second),
        cmocka_unit_test(a_row_that_is_shown_moves_to_its_end),
    };

    return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}
