/* SPDX-License-Identifier: MIT */

#include "js/alarms.h"

#include "lib/cm.h"

static void rings_in_time_and_in_order(void **state)
{
    struct alarms alarms;
    uint64_t id;
    uint32_t invocation;

    (void)state;
    alarms_init(&alarms);
    assert_int_equal(-1, alarms_wait_ms(&alarms, 0));
    alarms_set(&alarms, 1, 10, 100);
    alarms_set(&alarms, 2, 20, 50);
    alarms_set(&alarms, 3, 30, 50);
    alarms_set(&alarms, 4, 40, 50);
    alarms_stop(&alarms, 3);
    alarms_stop(&alarms, 99);
    assert_int_equal(3, alarms_count(&alarms));
    assert_int_equal(40, alarms_wait_ms(&alarms, 10));
    assert_false(alarms_ring(&alarms, 49, &id, &invocation));
    assert_int_equal(0, alarms_wait_ms(&alarms, 60));
    assert_true(alarms_ring(&alarms, 60, &id, &invocation));
    assert_int_equal(2, id);
    assert_int_equal(20, invocation);
    assert_true(alarms_ring(&alarms, 60, &id, &invocation));
    assert_int_equal(4, id);
    assert_false(alarms_ring(&alarms, 60, &id, &invocation));
    alarms_done(&alarms);
}

static void setting_again_moves(void **state)
{
    struct alarms alarms;
    uint64_t id;
    uint32_t invocation;

    (void)state;
    alarms_init(&alarms);
    alarms_set(&alarms, 1, 10, 100);
    alarms_set(&alarms, 1, 11, 200);
    assert_int_equal(1, alarms_count(&alarms));
    assert_false(alarms_ring(&alarms, 199, &id, &invocation));
    assert_true(alarms_ring(&alarms, 200, &id, &invocation));
    assert_int_equal(11, invocation);
    alarms_done(&alarms);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rings_in_time_and_in_order),
        cmocka_unit_test(setting_again_moves),
    };

    return cmocka_run_group_tests_name("alarms", tests, NULL, NULL);
}
