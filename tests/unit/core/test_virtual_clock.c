/* SPDX-License-Identifier: MIT */

#include "core/virtual_clock.h"

#include "lib/cm.h"

enum { T0 = 1000000, HOUR = 3600000 };

static const struct {
    const char *why;
    double rate;
    int64_t real_ms, want_ms;
} readings[] = {
    {"at the base", 1, 0, T0},
    {"real time", 1, 250, T0 + 250},
    {"an hour a second", 3600, 1000, T0 + HOUR},
    {"frozen", 0, 99999, T0},
    {"half speed", 0.5, 1000, T0 + 500},
    {"real time that went back", 1, -5, T0},
    {"as far as the calendar goes", 1e6, INT64_MAX / 4, 253402300799999},
};

static void reads(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(readings); i++) {
        struct virtual_clock clock = {.base_ms = T0, .rate = readings[i].rate};
        int64_t got = virtual_clock_read(&clock, readings[i].real_ms);

        if (got != readings[i].want_ms)
            fail_msg("%s: got %lld, want %lld", readings[i].why, (long long)got,
                     (long long)readings[i].want_ms);
    }
}

static const struct {
    const char *why;
    double rate;
    int64_t at_ms, want_ms;
} waits[] = {
    {"already", 1, T0, 0},
    {"past", 1, T0 - 5, 0},
    {"real time", 1, T0 + 7, 7},
    {"never while frozen", 0, T0 + 1, -1},
    {"an hour in a second", 3600, T0 + HOUR, 1000},
    {"rounded up, not early", 3600, T0 + 1, 1},
    {"a far date", 1e-9, INT64_MAX / 2, INT64_C(1) << 40},
};

static void tells_how_long_to_wait(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(waits); i++) {
        struct virtual_clock clock = {.base_ms = T0, .rate = waits[i].rate};
        int64_t got = virtual_clock_wait_ms(&clock, waits[i].at_ms, 0);

        if (got != waits[i].want_ms)
            fail_msg("%s: got %lld, want %lld", waits[i].why, (long long)got,
                     (long long)waits[i].want_ms);
    }
}

static void changes_do_not_jump(void **state)
{
    struct virtual_clock clock = {.base_ms = T0, .rate = 1};

    (void)state;
    virtual_clock_set_rate(&clock, 0, 100);
    assert_int_equal(virtual_clock_read(&clock, 100), T0 + 100);
    assert_int_equal(virtual_clock_read(&clock, 900), T0 + 100);
    virtual_clock_advance(&clock, 2 * (int64_t)HOUR, 900);
    assert_int_equal(virtual_clock_read(&clock, 950), T0 + 100 + 2 * HOUR);
    virtual_clock_advance(&clock, -5, 950);
    assert_int_equal(virtual_clock_read(&clock, 950), T0 + 100 + 2 * HOUR);
    virtual_clock_set_rate(&clock, 10, 1000);
    assert_int_equal(virtual_clock_read(&clock, 1001), T0 + 100 + 2 * HOUR + 10);
    virtual_clock_set_rate(&clock, 1e300, 1001);
    assert_true(clock.rate <= VIRTUAL_CLOCK_RATE_MAX);
    virtual_clock_set_rate(&clock, -1, 1001);
    assert_true(clock.rate >= 0 && clock.rate <= 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads),
        cmocka_unit_test(tells_how_long_to_wait),
        cmocka_unit_test(changes_do_not_jump),
    };

    return cmocka_run_group_tests_name("virtual_clock", tests, NULL, NULL);
}
