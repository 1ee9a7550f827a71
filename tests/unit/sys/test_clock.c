/* SPDX-License-Identifier: MIT */

#include "sys/clock.h"

#include "core/virtual_clock.h"
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

static const struct {
    const char *why;
    double rate;
    int64_t wait_ms, real_ms;
} waits[] = {
    {"at the usual pace a wait is a wait", 1, 1000, 1000},
    {"an hour a second: it is shorter", 3600, 3600000, 1000},
    {"what is over is over", 3600, -5, 0},
    {"what stands still never comes", 0, 1, -1},
    {"but what is over already does, even then", 0, 0, 0},
};

static void waits_follow_the_pace(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(waits); i++) {
        const struct virtual_clock clock = {
            .base_ms = 1000, .real_base_ms = clock_now_ms(), .rate = waits[i].rate};
        int64_t got;

        clock_follow(&clock);
        got = clock_real_wait_ms(waits[i].wait_ms);
        /* The clock goes on between two looks at it, so the last millisecond may count
         * or not. */
        if (got < waits[i].real_ms || got > waits[i].real_ms + 1)
            fail_msg("%s: got %lld, want %lld", waits[i].why, (long long)got,
                     (long long)waits[i].real_ms);
    }
    clock_follow(NULL);
    assert_int_equal(1000, clock_real_wait_ms(1000));
}

static void wall_time_is_the_followed_one_and_monotonic_time_is_not(void **state)
{
    const struct virtual_clock frozen = {.base_ms = 12345, .rate = 0};
    const int64_t before_ms = clock_now_ms();

    (void)state;
    assert_false(clock_is_followed());
    clock_follow(&frozen);
    assert_true(clock_is_followed());
    assert_int_equal(12345, clock_wall_ms());
    assert_in_range(clock_now_ms(), before_ms, before_ms + 60000);
    clock_follow(NULL);
    assert_in_range(clock_wall_ms(), 1600000000000, 4102444800000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(monotonic_time_never_goes_back),
        cmocka_unit_test(milliseconds_and_microseconds_are_one_clock),
        cmocka_unit_test(wall_time_is_of_this_century),
        cmocka_unit_test(waits_follow_the_pace),
        cmocka_unit_test(wall_time_is_the_followed_one_and_monotonic_time_is_not),
    };

    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
