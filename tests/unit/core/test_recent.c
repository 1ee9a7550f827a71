/* SPDX-License-Identifier: MIT */

#include "core/recent.h"

#include "lib/cm.h"

enum { MINUTE = 60000 };

static void what_is_older_than_an_hour_is_forgotten(void **state)
{
    static const struct {
        int64_t now_ms;
        uint64_t n, first, last;
        const char *why;
    } rows[] = {
        {4 * MINUTE, 3, 0, 3, "all in this step"},
        {5 * MINUTE, 3, 0, 0, "a new step has begun"},
        {59 * MINUTE, 3, 3, 0, "the last that is known"},
        {60 * MINUTE, 0, 0, 0, "an hour later"},
        {500 * MINUTE, 0, 0, 0, "long after"},
    };
    struct recent recent = {0};

    (void)state;
    recent_add(&recent, 0, true, 1000);
    recent_add(&recent, 1, false, 1000);
    recent_add(&recent, 4 * MINUTE, true, 1000);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct recent_view view;

        recent_look(&recent, rows[i].now_ms, &view);
        if (view.n != rows[i].n || view.counts[0] != rows[i].first ||
            view.counts[RECENT_STEPS - 1] != rows[i].last)
            fail_msg("%s: got %llu, %llu first, %llu last", rows[i].why,
                     (unsigned long long)view.n, (unsigned long long)view.counts[0],
                     (unsigned long long)view.counts[RECENT_STEPS - 1]);
        assert_int_equal(view.n_good, view.n > 0 ? 2 : 0);
        assert_true(view.n > 0 ? view.p95_us > 0 : view.p95_us == -1);
    }
}

static void a_step_of_an_hour_ago_is_used_again(void **state)
{
    struct recent recent = {0};
    struct recent_view view;

    (void)state;
    for (int64_t minute = 0; minute < 180; minute++)
        recent_add(&recent, minute * MINUTE, true, 1000);
    recent_look(&recent, 179 * MINUTE, &view);
    assert_int_equal(view.n, 60);
    for (int i = 0; i < RECENT_STEPS; i++)
        assert_int_equal(view.counts[i], 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_older_than_an_hour_is_forgotten),
        cmocka_unit_test(a_step_of_an_hour_ago_is_used_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
