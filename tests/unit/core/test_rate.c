/* SPDX-License-Identifier: MIT */

#include "core/rate.h"

#include "lib/cm.h"

static const struct {
    const char *text;
    double want; /* 0: refused */
} cases[] = {
    {"50/s", 50}, {"100/m", 100.0 / 60}, {"3600/h", 1}, {"0.5/s", 0.5}, {"2.25/s", 2.25},
    {"0/s", 0},   {"-1/s", 0},           {"50", 0},     {"50/", 0},     {"/s", 0},
    {"50/d", 0},  {"50/s ", 0},          {"a/s", 0},    {"1.x/s", 0},   {"", 0},
    {"1e3/s", 0}, {"99999999999/s", 0},  {"50/S", 0},
};

static void reads_amounts_per_second_minute_and_hour(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        double got = 0;
        bool ok = rate_parse(bytes_str(cases[i].text), &got);

        if (ok != (cases[i].want > 0) || got < cases[i].want - 1e-9 ||
            got > cases[i].want + 1e-9)
            fail_msg("\"%s\": got %g, want %g", cases[i].text, got, cases[i].want);
    }
}

static void zeroed_allows_nothing(void **state)
{
    struct rate rate = {0};
    int64_t wait_ms = 0;

    (void)state;
    assert_false(rate_take(&rate, 1, &wait_ms));
    assert_true(wait_ms >= 1);
}

static void a_burst_is_a_tenth_of_a_second(void **state)
{
    struct rate rate = {.per_second = 50};
    int64_t wait_ms = 0;

    (void)state;
    for (int i = 0; i < 5; i++)
        assert_true(rate_take(&rate, 1000, &wait_ms));
    assert_false(rate_take(&rate, 1000, &wait_ms));
    assert_in_range(wait_ms, 20, 21);
    assert_true(rate_take(&rate, 1000 + wait_ms, &wait_ms));
}

static void a_slow_rate_still_allows_one(void **state)
{
    struct rate rate = {.per_second = 0.5};
    int64_t wait_ms = 0;

    (void)state;
    assert_true(rate_take(&rate, 1000, &wait_ms));
    assert_false(rate_take(&rate, 2000, &wait_ms));
    assert_in_range(wait_ms, 1000, 1001);
    assert_true(rate_take(&rate, 3001, &wait_ms));
}

static void who_waits_as_told_gets_the_rate(void **state)
{
    struct rate rate = {.per_second = 333};
    int64_t now_ms = 1;
    int n_taken = 0;

    (void)state;
    while (now_ms < 60001) {
        int64_t wait_ms = 0;

        if (rate_take(&rate, now_ms, &wait_ms))
            n_taken++;
        else
            now_ms += wait_ms;
    }
    assert_in_range(n_taken, 333 * 60 - 60, 333 * 60 + 34);
}

static void a_clock_that_steps_back_gives_nothing(void **state)
{
    struct rate rate = {.per_second = 1};
    int64_t wait_ms = 0;

    (void)state;
    assert_true(rate_take(&rate, 100000, &wait_ms));
    assert_false(rate_take(&rate, 50000, &wait_ms));
    assert_true(rate_take(&rate, 51001, &wait_ms));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_amounts_per_second_minute_and_hour),
        cmocka_unit_test(zeroed_allows_nothing),
        cmocka_unit_test(a_burst_is_a_tenth_of_a_second),
        cmocka_unit_test(a_slow_rate_still_allows_one),
        cmocka_unit_test(who_waits_as_told_gets_the_rate),
        cmocka_unit_test(a_clock_that_steps_back_gives_nothing),
    };

    return cmocka_run_group_tests_name("rate", tests, NULL, NULL);
}
