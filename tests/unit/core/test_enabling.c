/* SPDX-License-Identifier: MIT */

#include "core/enabling.h"

#include "lib/cm.h"

enum { HOUR_MS = 3600000 };

static void every_state_has_a_word_and_reads_back(void **state)
{
    (void)state;
    for (int i = ENABLING_NONE; i <= ENABLING_REVOKED; i++) {
        const char *text = enabling_state_text((enum enabling_state)i);

        assert_int_equal(enabling_state_parse(bytes_str(text)), i);
    }
    assert_string_equal(enabling_state_text((enum enabling_state)77), "none");
    assert_int_equal(enabling_state_parse(BYTES("ENABLED")), ENABLING_NONE);
    assert_int_equal(enabling_state_parse(BYTES("")), ENABLING_NONE);
}

static const struct {
    const char *why;
    struct enabling is; /* expires_at_ms: from now */
    enum enabling_step want;
} nexts[] = {
    {"nothing happens without a press", {.state = ENABLING_NONE}, ENABLING_FAIL},
    {"it is done", {.state = ENABLING_ENABLED}, ENABLING_DONE},
    {"only a press leaves this",
     {.state = ENABLING_REINSTALL, .has_source = true, .expires_at_ms = HOUR_MS},
     ENABLING_FAIL},
    {"nor this",
     {.state = ENABLING_REVOKED, .has_source = true, .expires_at_ms = HOUR_MS},
     ENABLING_FAIL},
    {"a key is made before Segment hears of it",
     {.state = ENABLING_EXCHANGED, .has_source = true, .wants_key = true},
     ENABLING_MAKE_KEY},
    {"no key is made for nowhere",
     {.state = ENABLING_EXCHANGED, .wants_key = true, .expires_at_ms = HOUR_MS},
     ENABLING_FAIL},
    {"no key is wanted",
     {.state = ENABLING_EXCHANGED, .has_source = true, .expires_at_ms = HOUR_MS},
     ENABLING_CREATE},
    {"after a crash with a key",
     {.state = ENABLING_KEYED,
      .has_source = true,
      .wants_key = true,
      .expires_at_ms = HOUR_MS},
     ENABLING_CREATE},
    {"after a night without power",
     {.state = ENABLING_KEYED, .has_source = true, .expires_at_ms = -HOUR_MS},
     ENABLING_REFRESH},
    {"a token of a minute is renewed once only",
     {.state = ENABLING_KEYED, .has_source = true, .was_refreshed = true},
     ENABLING_CREATE},
    {"it existed",
     {.state = ENABLING_KEYED,
      .has_source = true,
      .has_existed = true,
      .expires_at_ms = HOUR_MS},
     ENABLING_UPDATE},
};

static void every_state_has_its_next_step(void **state)
{
    const int64_t now_ms = 1700000000000;

    (void)state;
    for (size_t i = 0; i < COUNT(nexts); i++) {
        struct enabling enabling = nexts[i].is;
        enum enabling_step got;

        enabling.expires_at_ms += now_ms;
        got = enabling_next(&enabling, now_ms);
        if (got != nexts[i].want)
            fail_msg("%s: got %d, want %d", nexts[i].why, (int)got, (int)nexts[i].want);
    }
}

static const struct {
    const char *why;
    enum enabling_step step;
    enum segment_verdict verdict;
    bool was_refreshed;
    enum enabling_step want;
    enum enabling_state state;
} answers[] = {
    {"made", ENABLING_CREATE, SEGMENT_FINE, false, ENABLING_DONE, ENABLING_ENABLED},
    {"set", ENABLING_UPDATE, SEGMENT_FINE, false, ENABLING_DONE, ENABLING_ENABLED},
    {"case 84: it exists", ENABLING_CREATE, SEGMENT_EXISTS, false, ENABLING_UPDATE,
     ENABLING_KEYED},
    {"an update of what exists does not loop", ENABLING_UPDATE, SEGMENT_EXISTS, false,
     ENABLING_FAIL, ENABLING_KEYED},
    {"case 82: a first 401", ENABLING_CREATE, SEGMENT_UNAUTHENTICATED, false,
     ENABLING_REFRESH, ENABLING_KEYED},
    {"a second one", ENABLING_CREATE, SEGMENT_UNAUTHENTICATED, true, ENABLING_LOST,
     ENABLING_REINSTALL},
    {"limited", ENABLING_CREATE, SEGMENT_LIMITED, false, ENABLING_WAIT, ENABLING_KEYED},
    {"case 85: another 500", ENABLING_CREATE, SEGMENT_UNAVAILABLE, false, ENABLING_WAIT,
     ENABLING_KEYED},
    {"forbidden", ENABLING_CREATE, SEGMENT_FORBIDDEN, false, ENABLING_FAIL,
     ENABLING_KEYED},
    {"the source is gone", ENABLING_CREATE, SEGMENT_NOT_FOUND, false, ENABLING_FAIL,
     ENABLING_KEYED},
    {"invalid", ENABLING_UPDATE, SEGMENT_INVALID, false, ENABLING_FAIL, ENABLING_KEYED},
    {"nonsense", ENABLING_CREATE, SEGMENT_MALFORMED, false, ENABLING_FAIL,
     ENABLING_KEYED},
    {"not there", ENABLING_CREATE, SEGMENT_NOT_IMITATED, false, ENABLING_FAIL,
     ENABLING_KEYED},
    {"an answer to nothing", ENABLING_MAKE_KEY, SEGMENT_FINE, false, ENABLING_FAIL,
     ENABLING_KEYED},
};

static void every_answer_leads_on(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(answers); i++) {
        struct enabling enabling = {.state = ENABLING_KEYED,
                                    .has_source = true,
                                    .was_refreshed = answers[i].was_refreshed};
        int64_t wait_ms = -7;
        const enum enabling_step got = enabling_answered(
            &enabling, answers[i].step, answers[i].verdict, 0, 1u << 31, &wait_ms);

        if (got != answers[i].want || enabling.state != answers[i].state ||
            (wait_ms > 0) != (got == ENABLING_WAIT) || wait_ms < 0 ||
            enabling.was_refreshed !=
                (answers[i].was_refreshed || got == ENABLING_REFRESH))
            fail_msg("%s: got %d, state %s, wait %d; want %d", answers[i].why, (int)got,
                     enabling_state_text(enabling.state), (int)wait_ms,
                     (int)answers[i].want);
    }
}

/* Whatever Segment says, in whatever order, the steps come to an end. */
static void no_answers_make_it_run_for_ever(void **state)
{
    uint32_t random = 1;

    (void)state;
    for (int run = 0; run < 20000; run++) {
        struct enabling enabling = {.state = ENABLING_EXCHANGED, .has_source = true};
        enum enabling_step step = enabling_next(&enabling, 0);
        int n_calls = 0;

        while (step == ENABLING_CREATE || step == ENABLING_UPDATE ||
               step == ENABLING_WAIT || step == ENABLING_REFRESH) {
            int64_t wait_ms;

            random = random * 1664525 + 1013904223;
            if (step == ENABLING_REFRESH)
                enabling.was_refreshed = true;
            if (step == ENABLING_WAIT || step == ENABLING_REFRESH) {
                step = enabling_next(&enabling, 0);
                continue;
            }
            step = enabling_answered(&enabling, step,
                                     (enum segment_verdict)((random >> 24) % 10), 0,
                                     random, &wait_ms);
            assert_true(++n_calls <= 10);
        }
    }
}

static void waits_begin_anew_with_another_call(void **state)
{
    struct enabling enabling = {.state = ENABLING_KEYED, .has_source = true};
    int64_t wait_ms;

    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(enabling_answered(&enabling, ENABLING_CREATE,
                                           SEGMENT_UNAVAILABLE, 0, 0, &wait_ms),
                         ENABLING_WAIT);
    assert_int_equal(
        enabling_answered(&enabling, ENABLING_CREATE, SEGMENT_EXISTS, 0, 0, &wait_ms),
        ENABLING_UPDATE);
    assert_int_equal(
        enabling_answered(&enabling, ENABLING_UPDATE, SEGMENT_LIMITED, 3000, 0, &wait_ms),
        ENABLING_WAIT);
    assert_int_equal(wait_ms, 3000);
    assert_int_equal(enabling_answered(&enabling, ENABLING_UPDATE, SEGMENT_LIMITED,
                                       HOUR_MS, 0, &wait_ms),
                     ENABLING_FAIL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_has_a_word_and_reads_back),
        cmocka_unit_test(every_state_has_its_next_step),
        cmocka_unit_test(every_answer_leads_on),
        cmocka_unit_test(no_answers_make_it_run_for_ever),
        cmocka_unit_test(waits_begin_anew_with_another_call),
    };

    return cmocka_run_group_tests_name("enabling", tests, NULL, NULL);
}
