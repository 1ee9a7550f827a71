/* SPDX-License-Identifier: MIT */

#include "base/utf8.h"

#include "lib/cm.h"

static void a_sequence_is_well_formed_or_has_no_length(void **state)
{
    static const struct {
        const char *why;
        const char *text;
        size_t want;
    } cases[] = {
        {"nothing", "", 0},
        {"a letter", "a\xc3", 1},
        {"two bytes", "\xc2\x80", 2},
        {"three bytes", "\xe2\x82\xac!", 3},
        {"four bytes", "\xf0\x9f\x98\x80", 4},
        {"the last code point", "\xf4\x8f\xbf\xbf", 4},
        {"the last before the surrogates", "\xed\x9f\xbf", 3},
        {"a tail alone", "\x80", 0},
        {"cut after one byte", "\xe2", 0},
        {"cut after three bytes", "\xf0\x9f\x98", 0},
        {"long form of /", "\xc0\xaf", 0},
        {"long form in three", "\xe0\x9f\xbf", 0},
        {"long form in four", "\xf0\x8f\xbf\xbf", 0},
        {"a surrogate", "\xed\xa0\x80", 0},
        {"above U+10FFFF", "\xf4\x90\x80\x80", 0},
        {"never a first byte", "\xf5\x80\x80\x80", 0},
        {"second byte is none", "\xc3(", 0},
        {"third byte is none", "\xe2\x82(", 0},
        {"fourth byte is none", "\xf0\x9f\x98(", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t got = utf8_sequence_len(cases[i].text, strlen(cases[i].text));

        if (got != cases[i].want)
            fail_msg("%s: got %zu, want %zu", cases[i].why, got, cases[i].want);
    }
}

static void the_first_byte_announces_the_length(void **state)
{
    (void)state;
    assert_int_equal(utf8_announced_len('a'), 1);
    assert_int_equal(utf8_announced_len(0x80), 0);
    assert_int_equal(utf8_announced_len(0xc1), 0);
    assert_int_equal(utf8_announced_len(0xc2), 2);
    assert_int_equal(utf8_announced_len(0xe0), 3);
    assert_int_equal(utf8_announced_len(0xf4), 4);
    assert_int_equal(utf8_announced_len(0xf5), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sequence_is_well_formed_or_has_no_length),
        cmocka_unit_test(the_first_byte_announces_the_length),
    };

    return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
