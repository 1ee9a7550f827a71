/* SPDX-License-Identifier: MIT */

#include "sys/clock.h"

#include "lib/cm.h"

static void monotonic_time_never_goes_back(void **state)
{
    int64_t last_us = clock_now_us();

    (void)state;
    for (int i = 0; i < 10000; i++) {
        int64_t now_us = clock_now_us();

        assert_true(now_us >= last_us);
        last_us = now_us;
    }
}

static void milliseconds_and_microseconds_are_one_clock(void **state)
{
    int64_t before_us = clock_now_us();
    int64_t now_ms = clock_now_ms();
    int64_t after_us = clock_now_us();

    (void)state;
    assert_in_range(now_ms, before_us / 1000, after_us / 1000);
}

static void wall_time_is_of_this_century(void **state)
{
    (void)state;
    assert_in_range(clock_wall_ms(), 1600000000000, 4102444800000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(monotonic_time_never_goes_back),
        cmocka_unit_test(milliseconds_and_microseconds_are_one_clock),
        cmocka_unit_test(wall_time_is_of_this_century),
    };

    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
