/* SPDX-License-Identifier: MIT */

#include "emulator/frame/limits.h"

#include <stdio.h>

#include "lib/cm.h"

static const uint64_t seed[2] = {1, 2};

static void allows_two_hundred_in_a_minute(void **state)
{
    struct limits *limits = limits_new(seed);

    (void)state;
    for (int i = 0; i < LIMITS_CALLS; i++)
        assert_int_equal(limits_take(limits, BYTES("a"), i), 0);
    assert_int_equal(limits_take(limits, BYTES("a"), 1000), 59000);
    assert_int_equal(limits_take(limits, BYTES("b"), 1000), 0);
    /* The first call leaves the window, one more fits, the second is 1 ms younger. */
    assert_int_equal(limits_take(limits, BYTES("a"), LIMITS_WINDOW_MS), 0);
    assert_int_equal(limits_take(limits, BYTES("a"), LIMITS_WINDOW_MS), 1);
    limits_clear(limits);
    assert_int_equal(limits_take(limits, BYTES("a"), LIMITS_WINDOW_MS), 0);
    limits_free(limits);
}

static void forgets_who_has_not_come_for_long(void **state)
{
    struct limits *limits = limits_new(seed);
    char who[16];

    (void)state;
    for (int i = 0; i < LIMITS_CALLS; i++)
        assert_int_equal(limits_take(limits, BYTES("first"), 0), 0);
    for (int i = 0; i < LIMITS_WINDOWS; i++) {
        snprintf(who, sizeof(who), "%d", i);
        assert_int_equal(limits_take(limits, bytes_str(who), 0), 0);
    }
    assert_int_equal(limits_take(limits, BYTES("first"), 0), 0);
    limits_free(limits);
}

static void tells_what_is_used_up(void **state)
{
    struct limits *limits = limits_new(seed);
    struct limits_use use = limits_look(limits, BYTES("a"), 0);

    (void)state;
    assert_int_equal(use.n_calls, 0);
    assert_int_equal(use.reset_ms, 0);
    assert_int_equal(limits_take(limits, BYTES("a"), 0), 0);
    assert_int_equal(limits_take(limits, BYTES("a"), 1000), 0);
    use = limits_look(limits, BYTES("a"), 2000);
    assert_int_equal(use.n_calls, 2);
    assert_int_equal(use.reset_ms, LIMITS_WINDOW_MS - 2000);
    /* The first has left the window, though nobody has called since. */
    use = limits_look(limits, BYTES("a"), LIMITS_WINDOW_MS);
    assert_int_equal(use.n_calls, 1);
    assert_int_equal(use.reset_ms, 1000);
    assert_int_equal(limits_look(limits, BYTES("b"), 0).n_calls, 0);
    limits_free(limits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allows_two_hundred_in_a_minute),
        cmocka_unit_test(forgets_who_has_not_come_for_long),
        cmocka_unit_test(tells_what_is_used_up),
    };

    return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
