/* SPDX-License-Identifier: MIT */

#include "core/delivery.h"

#include "lib/cm.h"

static const struct {
    enum delivery_state state;
    const char *text;
    bool is_terminal;
} cases[] = {
    {DELIVERY_QUEUED, "queued", false},      {DELIVERY_RUNNING, "running", false},
    {DELIVERY_RETRYING, "retrying", false},  {DELIVERY_DELIVERED, "delivered", true},
    {DELIVERY_DISCARDED, "discarded", true}, {DELIVERY_DEAD, "dead", true},
};

static void the_six_states_have_their_words_both_ways(void **state)
{
    (void)state;
    assert_int_equal(COUNT(cases), DELIVERY_N_STATES - 1);
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_string_equal(delivery_state_text(cases[i].state), cases[i].text);
        assert_int_equal(delivery_state_parse(bytes_str(cases[i].text)), cases[i].state);
        assert_int_equal(delivery_is_terminal(cases[i].state), cases[i].is_terminal);
    }
}

static void no_other_word_is_a_state(void **state)
{
    static const char *const words[] = {"",       "Queued",  "dead ",
                                        "failed", "sending", "none"};

    (void)state;
    for (size_t i = 0; i < COUNT(words); i++) {
        if (delivery_state_parse(bytes_str(words[i])) != DELIVERY_NONE)
            fail_msg("\"%s\" was taken for a state", words[i]);
    }
    assert_string_equal(delivery_state_text(DELIVERY_NONE), "");
    assert_string_equal(delivery_state_text((enum delivery_state)99), "");
    assert_false(delivery_is_terminal(DELIVERY_NONE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_six_states_have_their_words_both_ways),
        cmocka_unit_test(no_other_word_is_a_state),
    };

    return cmocka_run_group_tests_name("delivery", tests, NULL, NULL);
}
