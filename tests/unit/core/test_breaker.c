/* SPDX-License-Identifier: MIT */

#include "core/breaker.h"

#include "lib/cm.h"

enum { NOW = 1000000 };

/* A host that just failed for the threshold's last time, without jitter. */
static struct breaker opened(void)
{
    struct breaker breaker = {0};

    for (int i = 0; i < BREAKER_THRESHOLD; i++)
        (void)breaker_failure(&breaker, NOW, /* random= */ 0);
    return breaker;
}

static void opens_at_the_threshold_and_says_so_once(void **state)
{
    struct breaker breaker = {0};

    (void)state;
    for (int i = 1; i < BREAKER_THRESHOLD; i++) {
        assert_false(breaker_failure(&breaker, NOW + i, 0));
        assert_int_equal(breaker.state, BREAKER_CLOSED);
    }
    assert_true(breaker_failure(&breaker, NOW + 50, 0));
    assert_int_equal(breaker.state, BREAKER_OPEN);
    assert_int_equal(breaker.since_ms, NOW + 1);
    assert_false(breaker_failure(&breaker, NOW + 60, 0));
    assert_int_equal(breaker.open_until_ms, NOW + 50 + BREAKER_COOL_MIN_MS);
}

static void a_success_between_failures_keeps_it_closed(void **state)
{
    struct breaker breaker = {0};

    (void)state;
    for (int i = 0; i < 10 * BREAKER_THRESHOLD; i++) {
        assert_false(breaker_failure(&breaker, NOW, 0));
        if (i % 2 == 1)
            assert_false(breaker_success(&breaker, NOW));
    }
    assert_int_equal(breaker.state, BREAKER_CLOSED);
}

static void admits_nothing_until_cool_and_then_one_probe(void **state)
{
    struct breaker breaker = opened();
    int64_t wait_ms = -1;

    (void)state;
    assert_false(breaker_admit(&breaker, NOW + 40, &wait_ms));
    assert_int_equal(wait_ms, BREAKER_COOL_MIN_MS - 40);
    assert_false(breaker_admit(&breaker, NOW + BREAKER_COOL_MIN_MS - 1, NULL));
    assert_true(breaker_admit(&breaker, NOW + BREAKER_COOL_MIN_MS, &wait_ms));
    assert_int_equal(breaker.state, BREAKER_HALF_OPEN);
    assert_false(breaker_admit(&breaker, NOW + BREAKER_COOL_MIN_MS, &wait_ms));
    assert_int_equal(wait_ms, 0);
}

static void each_failed_probe_doubles_the_wait_up_to_the_limit(void **state)
{
    struct breaker breaker = opened();
    int64_t now_ms = NOW;
    int64_t want_ms = BREAKER_COOL_MIN_MS;

    (void)state;
    for (int i = 0; i < 12; i++) {
        now_ms = breaker.open_until_ms;
        assert_true(breaker_admit(&breaker, now_ms, NULL));
        assert_false(breaker_failure(&breaker, now_ms, 0));
        want_ms = want_ms * 2 < BREAKER_COOL_MAX_MS ? want_ms * 2 : BREAKER_COOL_MAX_MS;
        assert_int_equal(breaker.open_until_ms - now_ms, want_ms);
    }
    assert_int_equal(breaker.since_ms, NOW);
}

static void jitter_cuts_up_to_a_quarter(void **state)
{
    struct breaker breaker = {0};

    (void)state;
    for (int i = 0; i < BREAKER_THRESHOLD; i++)
        (void)breaker_failure(&breaker, NOW, UINT32_MAX);
    assert_in_range(breaker.open_until_ms - NOW, BREAKER_COOL_MIN_MS * 3 / 4,
                    BREAKER_COOL_MIN_MS * 3 / 4 + 1);
}

static void a_good_probe_closes_and_starts_afresh(void **state)
{
    struct breaker breaker = opened();

    (void)state;
    assert_true(breaker_admit(&breaker, NOW + BREAKER_COOL_MIN_MS, NULL));
    assert_true(breaker_success(&breaker, NOW + BREAKER_COOL_MIN_MS));
    assert_int_equal(breaker.state, BREAKER_CLOSED);
    assert_int_equal(breaker.n_failures, 0);
    assert_false(breaker_failure(&breaker, NOW + 500, 0));
    assert_true(breaker_admit(&breaker, NOW + 500, NULL));
}

static void a_late_success_closes_an_open_one(void **state)
{
    struct breaker breaker = opened();

    (void)state;
    assert_true(breaker_success(&breaker, NOW + 10));
    assert_int_equal(breaker.state, BREAKER_CLOSED);
}

static void an_abandoned_probe_may_be_made_again_at_once(void **state)
{
    struct breaker breaker = opened();

    (void)state;
    assert_true(breaker_admit(&breaker, NOW + BREAKER_COOL_MIN_MS, NULL));
    breaker_abandon(&breaker, NOW + 300);
    assert_int_equal(breaker.state, BREAKER_OPEN);
    assert_true(breaker_admit(&breaker, NOW + 300, NULL));
    breaker_success(&breaker, NOW + 300);
    breaker_abandon(&breaker, NOW + 300);
    assert_int_equal(breaker.state, BREAKER_CLOSED);
}

static void each_state_has_its_word(void **state)
{
    (void)state;
    assert_string_equal(breaker_state_text(BREAKER_CLOSED), "closed");
    assert_string_equal(breaker_state_text(BREAKER_OPEN), "open");
    assert_string_equal(breaker_state_text(BREAKER_HALF_OPEN), "half-open");
    assert_string_equal(breaker_state_text((enum breaker_state)99), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_state_has_its_word),
        cmocka_unit_test(opens_at_the_threshold_and_says_so_once),
        cmocka_unit_test(a_success_between_failures_keeps_it_closed),
        cmocka_unit_test(admits_nothing_until_cool_and_then_one_probe),
        cmocka_unit_test(each_failed_probe_doubles_the_wait_up_to_the_limit),
        cmocka_unit_test(jitter_cuts_up_to_a_quarter),
        cmocka_unit_test(a_good_probe_closes_and_starts_afresh),
        cmocka_unit_test(a_late_success_closes_an_open_one),
        cmocka_unit_test(an_abandoned_probe_may_be_made_again_at_once),
    };

    return cmocka_run_group_tests_name("breaker", tests, NULL, NULL);
}
