/* SPDX-License-Identifier: MIT */

#include "core/enabling.h"

#include "lib/cm.h"

static bool is_sentence(const char *text)
{
    const size_t len = strlen(text);

    return len > 10 && text[len - 1] == '.' && text[0] >= 'A' && text[0] <= 'Z' &&
           strchr(text, '<') == NULL && strchr(text, '!') == NULL;
}

static void every_fault_has_words_of_its_own(void **state)
{
    (void)state;
    for (int i = ENABLING_FAULT_STATE; i < ENABLING_N_FAULTS; i++) {
        const struct enabling_words *words = enabling_words((enum enabling_fault)i);

        if (words->code == NULL || strncmp(words->code, "PA50", 4) != 0 ||
            strlen(words->title) == 0 || !is_sentence(words->cause) ||
            !is_sentence(words->remedy))
            fail_msg("fault %d: its words are not whole", i);
        if (words->status < 400 || words->status > 599)
            fail_msg("%s: status %d", words->code, words->status);
        for (int j = ENABLING_FAULT_STATE; j < i; j++)
            assert_string_not_equal(words->code,
                                    enabling_words((enum enabling_fault)j)->code);
    }
    assert_string_equal(enabling_words(ENABLING_FAULT_NONE)->code, "PA5013");
    assert_string_equal(enabling_words((enum enabling_fault)99)->code, "PA5013");
    assert_string_equal(enabling_words((enum enabling_fault) - 1)->code, "PA5013");
}

static void what_segment_says_becomes_a_fault(void **state)
{
    (void)state;
    assert_int_equal(enabling_fault_of_refusal(OAUTH_REFUSAL_NONE), ENABLING_FAULT_NONE);
    assert_int_equal(enabling_fault_of_refusal(OAUTH_ACCESS_DENIED),
                     ENABLING_FAULT_DENIED);
    assert_int_equal(enabling_fault_of_refusal(OAUTH_INVALID_SCOPE),
                     ENABLING_FAULT_SCOPE);
    assert_int_equal(enabling_fault_of_refusal(OAUTH_INSTALLED_ALREADY),
                     ENABLING_FAULT_INSTALLED);
    assert_int_equal(enabling_fault_of_refusal(OAUTH_TEMPORARILY_UNAVAILABLE),
                     ENABLING_FAULT_AWAY);
    assert_int_equal(enabling_fault_of_refusal(OAUTH_OTHER_REFUSAL),
                     ENABLING_FAULT_ANSWER);
    assert_int_equal(enabling_fault_of_token(OAUTH_TOKEN_GOOD), ENABLING_FAULT_NONE);
    assert_int_equal(enabling_fault_of_token(OAUTH_TOKEN_EXPIRED_CODE),
                     ENABLING_FAULT_EXPIRED);
    assert_int_equal(enabling_fault_of_token(OAUTH_TOKEN_WRONG_CLIENT),
                     ENABLING_FAULT_CLIENT);
    assert_int_equal(enabling_fault_of_token(OAUTH_TOKEN_WRONG_REDIRECT),
                     ENABLING_FAULT_REDIRECT);
    assert_int_equal(enabling_fault_of_token(OAUTH_TOKEN_MALFORMED),
                     ENABLING_FAULT_ANSWER);
    assert_int_equal(enabling_fault_of_answer(SEGMENT_FINE), ENABLING_FAULT_NONE);
    assert_int_equal(enabling_fault_of_answer(SEGMENT_UNAVAILABLE), ENABLING_FAULT_AWAY);
    assert_int_equal(enabling_fault_of_answer(SEGMENT_LIMITED), ENABLING_FAULT_LIMITED);
    assert_int_equal(enabling_fault_of_answer(SEGMENT_FORBIDDEN), ENABLING_FAULT_REFUSED);
    assert_int_equal(enabling_fault_of_answer(SEGMENT_MALFORMED), ENABLING_FAULT_ANSWER);
}

/* Whatever goes wrong has a page. */
static void nothing_that_went_wrong_has_no_fault(void **state)
{
    (void)state;
    for (int i = OAUTH_ACCESS_DENIED; i <= OAUTH_OTHER_REFUSAL; i++)
        assert_int_not_equal(enabling_fault_of_refusal((enum oauth_refusal)i),
                             ENABLING_FAULT_NONE);
    for (int i = 0; i <= OAUTH_TOKEN_SCOPE; i++)
        assert_int_equal(enabling_fault_of_token((enum oauth_token_verdict)i) ==
                             ENABLING_FAULT_NONE,
                         i == OAUTH_TOKEN_GOOD);
    for (int i = 0; i <= SEGMENT_NOT_IMITATED; i++)
        assert_int_equal(enabling_fault_of_answer((enum segment_verdict)i) ==
                             ENABLING_FAULT_NONE,
                         i == SEGMENT_FINE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fault_has_words_of_its_own),
        cmocka_unit_test(what_segment_says_becomes_a_fault),
        cmocka_unit_test(nothing_that_went_wrong_has_no_fault),
    };

    return cmocka_run_group_tests_name("enabling_words", tests, NULL, NULL);
}
