/* SPDX-License-Identifier: MIT */

#include "core/query_text.h"

#include "lib/cm.h"

static const struct {
    const char *pattern, *text;
    bool want;
} matches[] = {
    {"abc", "abc", true},   {"abc", "Abc", false},   {"abc", "abcd", false},
    {"abc*", "abcd", true}, {"abc*", "abc", true},   {"abc*", "ab", false},
    {"*bcd", "abcd", true}, {"*bcd", "bcde", false}, {"*bc*", "abcd", true},
    {"*bc*", "bc", true},   {"*xy*", "abcd", false}, {"*", "x", true},
    {"**", "x", true},      {"*", "", false},        {"", "", false},
    {"a*c", "a*c", true},   {"a*c", "abc", false},
};

static void a_star_at_an_end_matches_any_rest(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(matches); i++) {
        if (query_text_matches(bytes_str(matches[i].pattern),
                               bytes_str(matches[i].text)) != matches[i].want)
            fail_msg("%s on \"%s\": want %d", matches[i].pattern, matches[i].text,
                     matches[i].want);
    }
}

static const struct {
    const char *text, *word;
    bool want;
} parts[] = {
    {"hello", "ell", true},
    {"HeLLo", "ellO", true},
    {"hello", "hello!", false},
    {"", "", true},
    {"", "a", false},
    {"aaab", "aab", true},
    {"caf\xc3\xa9", "\xc3\xa9", true},
    {"caf\xc3\x89", "\xc3\xa9", false},
};

static void words_are_found_with_ascii_case_folded(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(parts); i++) {
        if (query_text_contains(bytes_str(parts[i].text), bytes_str(parts[i].word)) !=
            parts[i].want)
            fail_msg("%s in \"%s\": want %d", parts[i].word, parts[i].text,
                     parts[i].want);
    }
}

static void only_a_star_at_an_end_is_one(void **state)
{
    (void)state;
    assert_true(query_text_has_star(BYTES("*")));
    assert_true(query_text_has_star(BYTES("a*")));
    assert_true(query_text_has_star(BYTES("*a")));
    assert_false(query_text_has_star(BYTES("a*b")));
    assert_false(query_text_has_star(BYTES("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_star_at_an_end_matches_any_rest),
        cmocka_unit_test(words_are_found_with_ascii_case_folded),
        cmocka_unit_test(only_a_star_at_an_end_is_one),
    };

    return cmocka_run_group_tests_name("query_text", tests, NULL, NULL);
}
