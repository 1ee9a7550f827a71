/* SPDX-License-Identifier: MIT */

#include "segment/pattern.h"

#include "lib/cm.h"

static const struct {
    const char *why;
    struct bytes pattern, text;
    enum pattern_verdict want;
} cases[] = {
    {"eight characters", BYTES("^.{8,}$"), BYTES("abcd1234"), PATTERN_MATCHES},
    {"six are too few", BYTES("^.{8,}$"), BYTES("abc123"), PATTERN_DIFFERS},
    {"digits", BYTES("^UA-\\d+-\\d+$"), BYTES("UA-12-3"), PATTERN_MATCHES},
    {"\\d is no d", BYTES("^UA-\\d+-\\d+$"), BYTES("UA-d-d"), PATTERN_DIFFERS},
    {"no digit", BYTES("^\\D$"), BYTES("7"), PATTERN_DIFFERS},
    {"words inside brackets", BYTES("^[\\w.\\-]+$"), BYTES("a_B-9.c"), PATTERN_MATCHES},
    {"not what the brackets lack", BYTES("^[\\w.\\-]+$"), BYTES("a b"), PATTERN_DIFFERS},
    {"an escaped hyphen is no range", BYTES("^[a\\-z]$"), BYTES("b"), PATTERN_DIFFERS},
    {"spaces", BYTES("^a\\sb$"), BYTES("a\tb"), PATTERN_MATCHES},
    {"a group without a number", BYTES("^(?:ab)+$"), BYTES("abab"), PATTERN_MATCHES},
    {"an escaped point", BYTES("^a\\.b$"), BYTES("axb"), PATTERN_DIFFERS},
    {"an escaped parenthesis", BYTES("^\\(a\\)$"), BYTES("(a)"), PATTERN_MATCHES},
    {"anywhere", BYTES("b"), BYTES("abc"), PATTERN_MATCHES},
    {"nothing matches nothing", BYTES("^$"), BYTES(""), PATTERN_MATCHES},
    {"a NUL is no character", BYTES("^a.b$"), BYTES("a\0b"), PATTERN_DIFFERS},
    {"all of it counts, past the NUL too", BYTES("^a$"), BYTES("a\0b"), PATTERN_DIFFERS},
    {"a bracket that closes nothing", BYTES("^a]$"), BYTES("a]"), PATTERN_MATCHES},
    {"parentheses in brackets", BYTES("^[(?=]+$"), BYTES("(?="), PATTERN_MATCHES},
    {"a bracket in brackets", BYTES("^[[a]+$"), BYTES("[a"), PATTERN_MATCHES},
    {"a range", BYTES("^[a-cX]+$"), BYTES("bX"), PATTERN_MATCHES},
    {"a plain group", BYTES("^(ab)+$"), BYTES("abab"), PATTERN_MATCHES},
    {"look-ahead", BYTES("^(?=a)a$"), BYTES("a"), PATTERN_INVALID},
    {"an unknown escape", BYTES("^\\pL$"), BYTES("a"), PATTERN_INVALID},
    {"\\D cannot be said in brackets", BYTES("^[\\D]$"), BYTES("a"), PATTERN_INVALID},
    {"a backslash at the end", BYTES("a\\"), BYTES("a"), PATTERN_INVALID},
    {"brackets that stay open", BYTES("[a"), BYTES("a"), PATTERN_INVALID},
    {"a NUL in the pattern", BYTES("a\0b"), BYTES("a"), PATTERN_INVALID},
};

static void patterns_match_what_the_catalog_means(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const enum pattern_verdict got = pattern_match(cases[i].pattern, cases[i].text);

        if (got != cases[i].want)
            fail_msg("%s: got %d, want %d", cases[i].why, (int)got, (int)cases[i].want);
    }
}

static void both_sides_are_bounded(void **state)
{
    static char text[PATTERN_TEXT_BYTES + 1];

    (void)state;
    memset(text, 'a', sizeof(text));
    assert_int_equal(pattern_match(BYTES("a"), bytes_of(text, sizeof(text) - 1)),
                     PATTERN_MATCHES);
    assert_int_equal(pattern_match(BYTES("a"), bytes_of(text, sizeof(text))),
                     PATTERN_DIFFERS);
    assert_int_equal(pattern_match(bytes_of(text, PATTERN_BYTES + 1), BYTES("a")),
                     PATTERN_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_match_what_the_catalog_means),
        cmocka_unit_test(both_sides_are_bounded),
    };

    return cmocka_run_group_tests_name("pattern", tests, NULL, NULL);
}
