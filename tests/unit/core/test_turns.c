/* SPDX-License-Identifier: MIT */

#include "core/turns.h"

#include "lib/cm.h"

static void nobody_in_line_is_nobodys_turn(void **state)
{
    struct turns turns = {0};
    struct turns_member member = {0};

    (void)state;
    assert_null(turns_next(&turns));
    turns_leave(&turns, &member);
    turns_join(&turns, &member);
    turns_join(&turns, &member);
    assert_int_equal(turns.line.n_links, 1);
    turns_leave(&turns, &member);
    assert_null(turns_next(&turns));
}

static void small_and_large_costs_get_equal_shares(void **state)
{
    struct turns turns = {0};
    struct turns_member members[3] = {0};
    static const int64_t costs[3] = {1, 5000, 400000};
    int64_t spent[3] = {0};
    int64_t least = INT64_MAX;
    int64_t most = 0;

    (void)state;
    for (int i = 0; i < 3; i++)
        turns_join(&turns, &members[i]);
    for (int i = 0; i < 2000000; i++) {
        struct turns_member *member = turns_next(&turns);
        size_t which = (size_t)(member - members);

        spent[which] += costs[which];
        turns_spend(&turns, member, costs[which]);
    }
    for (int i = 0; i < 3; i++) {
        least = spent[i] < least ? spent[i] : least;
        most = spent[i] > most ? spent[i] : most;
    }
    /* Nobody is ahead by more than its largest piece and a turn. */
    if (most - least > 400000 + TURNS_QUANTUM)
        fail_msg("spent %lld, %lld and %lld", (long long)spent[0], (long long)spent[1],
                 (long long)spent[2]);
}

static void a_turn_lasts_until_the_credit_is_used(void **state)
{
    struct turns turns = {0};
    struct turns_member a = {0};
    struct turns_member b = {0};

    (void)state;
    turns_join(&turns, &a);
    turns_join(&turns, &b);
    assert_ptr_equal(turns_next(&turns), &a);
    turns_spend(&turns, &a, TURNS_QUANTUM - 1);
    assert_ptr_equal(turns_next(&turns), &a);
    turns_spend(&turns, &a, 1);
    assert_ptr_equal(turns_next(&turns), &b);
}

static void passing_keeps_the_credit(void **state)
{
    struct turns turns = {0};
    struct turns_member a = {0};
    struct turns_member b = {0};

    (void)state;
    turns_join(&turns, &a);
    turns_join(&turns, &b);
    turns_spend(&turns, turns_next(&turns), 100);
    turns_pass(&turns, &a);
    assert_ptr_equal(turns_next(&turns), &b);
    turns_pass(&turns, &b);
    assert_ptr_equal(turns_next(&turns), &a);
    assert_int_equal(a.credit, TURNS_QUANTUM - 100);
}

static void leaving_loses_credit_but_no_debt(void **state)
{
    struct turns turns = {0};
    struct turns_member a = {0};

    (void)state;
    turns_join(&turns, &a);
    assert_ptr_equal(turns_next(&turns), &a);
    turns_leave(&turns, &a);
    assert_int_equal(a.credit, 0);
    turns_join(&turns, &a);
    turns_spend(&turns, turns_next(&turns), 3 * TURNS_QUANTUM);
    turns_leave(&turns, &a);
    assert_int_equal(a.credit, -2 * TURNS_QUANTUM);
}

static void what_costs_nothing_still_ends_a_turn(void **state)
{
    struct turns turns = {0};
    struct turns_member a = {0};
    struct turns_member b = {0};
    int n = 0;

    (void)state;
    turns_join(&turns, &a);
    turns_join(&turns, &b);
    while (turns_next(&turns) == &a && n++ <= TURNS_QUANTUM)
        turns_spend(&turns, &a, 0);
    assert_int_equal(n, TURNS_QUANTUM);
}

static void who_has_left_can_still_pay_and_is_not_put_back(void **state)
{
    struct turns turns = {0};
    struct turns_member a = {0};

    (void)state;
    turns_join(&turns, &a);
    assert_ptr_equal(turns_next(&turns), &a);
    turns_leave(&turns, &a);
    turns_spend(&turns, &a, TURNS_QUANTUM);
    turns_pass(&turns, &a);
    assert_null(turns_next(&turns));
    assert_int_equal(a.credit, -TURNS_QUANTUM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_in_line_is_nobodys_turn),
        cmocka_unit_test(small_and_large_costs_get_equal_shares),
        cmocka_unit_test(a_turn_lasts_until_the_credit_is_used),
        cmocka_unit_test(passing_keeps_the_credit),
        cmocka_unit_test(leaving_loses_credit_but_no_debt),
        cmocka_unit_test(what_costs_nothing_still_ends_a_turn),
        cmocka_unit_test(who_has_left_can_still_pay_and_is_not_put_back),
    };

    return cmocka_run_group_tests_name("turns", tests, NULL, NULL);
}
