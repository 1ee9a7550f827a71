/* SPDX-License-Identifier: MIT */

#include "core/history.h"

#include "base/attr.h"
#include "lib/cm.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define NOON INT64_C(1793275200000)

static const struct {
    const char *why;
    enum history_span span;
    int64_t began_ms, at_ms,
        now_ms;        /* relative to noon: the start, one event, the look */
    uint64_t want;     /* seen in all */
    size_t want_known; /* points */
} cases[] = {
    {"just now", HISTORY_15M, 0, 1, 1, 1, 1},
    {"a quarter of an hour is all of the shortest", HISTORY_15M, 0, 0, 15 * MINUTE, 0,
     180},
    {"just within it", HISTORY_15M, 0, 0, 15 * MINUTE - 1, 1, 180},
    {"what is too old for one", HISTORY_1H, 0, 0, HOUR, 0, 60},
    {"is in the next", HISTORY_24H, 0, 0, HOUR, 1, 7},
    {"a day", HISTORY_24H, 0, 0, 24 * HOUR - 1, 1, 144},
    {"more than a day", HISTORY_24H, 0, 0, 24 * HOUR, 0, 144},
    {"and a week has it", HISTORY_7D, 0, 0, 24 * HOUR, 1, 25},
    {"a week", HISTORY_7D, 0, 0, 168 * HOUR, 0, 168},
    {"a clock set back knows what it counted", HISTORY_1H, 0, -HOUR, -HOUR, 1, 1},
};

static size_t count_known(const struct history_view *view)
{
    size_t n = 0;

    for (size_t i = 0; i < view->n_points; i++)
        n += view->points[i].is_known;
    return n;
}

static void a_view_has_what_its_span_has(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct history history;
        struct history_view view;

        history_init(&history, NOON + cases[i].began_ms);
        history_add(&history, NOON + cases[i].at_ms, HISTORY_RECEIVED, 1);
        history_took(&history, NOON + cases[i].at_ms, 1000);
        history_look(&history, cases[i].span, NOON + cases[i].now_ms, &view);
        if (view.total.counts[HISTORY_RECEIVED] != cases[i].want ||
            (view.total.p50_us > 0) != (cases[i].want > 0))
            fail_msg("%s: got %llu, want %llu", cases[i].why,
                     (unsigned long long)view.total.counts[HISTORY_RECEIVED],
                     (unsigned long long)cases[i].want);
        if (count_known(&view) != cases[i].want_known)
            fail_msg("%s: got %zu known points, want %zu", cases[i].why,
                     count_known(&view), cases[i].want_known);
        history_done(&history);
    }
}

static void points_follow_each_other_and_end_now(void **state)
{
    (void)state;
    for (int span = HISTORY_15M; span <= HISTORY_7D; span++) {
        struct history history;
        struct history_view view;

        history_init(&history, NOON);
        history_look(&history, (enum history_span)span, NOON + 1, &view);
        assert_true(view.n_points > 0 && view.n_points <= HISTORY_POINTS);
        assert_int_equal(view.from_ms, view.points[0].at_ms);
        for (size_t i = 1; i < view.n_points; i++)
            assert_int_equal(view.points[i - 1].at_ms + view.step_ms,
                             view.points[i].at_ms);
        assert_int_equal(view.to_ms, view.points[view.n_points - 1].at_ms + view.step_ms);
        assert_true(view.to_ms > NOON && view.to_ms <= NOON + view.step_ms);
        assert_int_equal(NOON, view.total.at_ms);
        history_done(&history);
    }
}

/* Two weeks of one event a minute: each span has as many as it has minutes. */
static void old_slots_make_room(void **state)
{
    struct history history;
    struct history_view view;

    (void)state;
    history_init(&history, NOON);
    for (int64_t minute = 0; minute < INT64_C(14) * 24 * 60; minute++)
        history_add(&history, NOON + minute * MINUTE, HISTORY_DEAD, 1);
    history_look(&history, HISTORY_24H, NOON + 14 * 24 * HOUR - 1, &view);
    assert_int_equal(24 * 60, view.total.counts[HISTORY_DEAD]);
    assert_int_equal(10, view.points[77].counts[HISTORY_DEAD]);
    history_look(&history, HISTORY_7D, NOON + 14 * 24 * HOUR - 1, &view);
    assert_int_equal(7 * 24 * 60, view.total.counts[HISTORY_DEAD]);
    assert_int_equal(0, view.total.counts[HISTORY_RECEIVED]);
    history_done(&history);
}

static void spans_are_words(void **state)
{
    (void)state;
    assert_int_equal(HISTORY_15M, history_span_of("15m"));
    assert_int_equal(HISTORY_7D, history_span_of("7d"));
    assert_int_equal(HISTORY_NONE, history_span_of("2h"));
    assert_int_equal(HISTORY_NONE, history_span_of(""));
}

static void a_minute_goes_on_in_a_new_history(void **state)
{
    static const struct {
        int64_t later_ms;
        uint64_t day, week;
        const char *why;
    } rows[] = {
        {0, 2, 2, "at once"},
        {HOUR, 2, 2, "an hour later"},
        {25 * HOUR, 0, 2, "a day later"},
        {170 * HOUR, 0, 0, "more than a week later"},
        {-HOUR, 0, 0, "a clock that was set back does not know the future"},
    };
    struct history history;
    struct buf bytes;

    (void)state;
    history_init(&history, NOON);
    history_add(&history, NOON, HISTORY_RECEIVED, 1);
    history_add(&history, NOON + 1, HISTORY_RECEIVED, 1);
    history_took(&history, NOON, 1000);
    buf_init(&bytes, 4096);
    assert_false(history_minute(&history, NOON / MINUTE + 1, &bytes));
    assert_true(history_minute(&history, NOON / MINUTE, &bytes));
    history_done(&history);
    for (size_t i = 0; i < COUNT(rows); i++) {
        const int64_t now_ms = NOON + rows[i].later_ms;
        struct history_view day, week;

        history_init(&history, now_ms);
        history_restore(&history, now_ms, NOON / MINUTE, buf_bytes(&bytes));
        history_look(&history, HISTORY_24H, now_ms, &day);
        history_look(&history, HISTORY_7D, now_ms, &week);
        if (day.total.counts[HISTORY_RECEIVED] != rows[i].day ||
            week.total.counts[HISTORY_RECEIVED] != rows[i].week ||
            (week.total.p50_us > 0) != (rows[i].week > 0))
            fail_msg("%s: got %llu and %llu", rows[i].why,
                     (unsigned long long)day.total.counts[HISTORY_RECEIVED],
                     (unsigned long long)week.total.counts[HISTORY_RECEIVED]);
        history_done(&history);
    }
    buf_done(&bytes);
}

static void bytes_that_are_no_minute_add_nothing(void **state)
{
    static const struct bytes rows[] = {BYTES(""), BYTES("\2aaaa"), BYTES("\1aaa"),
                                        BYTES("\1aaaabbbbccccddddeeeeffffgggg\200hhhh"),
                                        BYTES("\1aaaabbbbccccddddeeeeffffgggg\1hh")};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct history history;
        struct history_view view;

        history_init(&history, NOON);
        history_restore(&history, NOON, NOON / MINUTE, rows[i]);
        history_look(&history, HISTORY_24H, NOON, &view);
        if (view.total.counts[HISTORY_RECEIVED] != 0)
            fail_msg("row %zu: counted", i);
        history_done(&history);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_view_has_what_its_span_has),
        cmocka_unit_test(a_minute_goes_on_in_a_new_history),
        cmocka_unit_test(bytes_that_are_no_minute_add_nothing),
        cmocka_unit_test(points_follow_each_other_and_end_now),
        cmocka_unit_test(old_slots_make_room),
        cmocka_unit_test(spans_are_words),
    };

    return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
