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
    {"HeLLo", "ello", true},
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

/* Texts are looked at in parts: a word may lie across the border of two, anywhere. */
static void a_word_is_found_wherever_it_stands(void **state)
{
    static char text[40000];

    (void)state;
    memset(text, '.', sizeof(text));
    for (size_t at = 16300; at < 16400; at++) {
        memcpy(text + at, "NeedlE", 6);
        assert_true(query_text_contains(bytes_of(text, sizeof(text)), BYTES("needle")));
        assert_true(query_text_contains(bytes_of(text, at + 6), BYTES("needle")));
        assert_false(query_text_contains(bytes_of(text, at + 5), BYTES("needle")));
        memset(text + at, '.', 6);
    }
    assert_false(query_text_contains(bytes_of(text, sizeof(text)), BYTES("needle")));
}

static const char payload[] = "{\"p\":{\"a\":\"Pro\",\"n\":3.50,\"t\":true,\"z\":null,"
                              "\"o\":{\"x\":1},\"e\":\"\\u00e9t\\u00e9\","
                              "\"l\":[\"a\",2,{\"x\":9},[3]],\"\":1},\"k.k\":1}";

static const struct {
    const char *path, *pattern;
    bool want;
} paths[] = {
    {"p.a", "Pro", true},
    {"p.a", "pro", false},
    {"p.a", "P*", true},
    {"p.n", "3.50", true},
    {"p.n", "3.5", false},
    {"p.n", "3*", true},
    {"p.t", "true", true},
    {"p.z", "null", true},
    {"p.z", "*", true},
    {"p.o", "*", true},
    {"p.o", "1", false},
    {"p.o.x", "1", true},
    {"p.e", "\xc3\xa9t\xc3\xa9", true},
    {"p.e", "*t\xc3\xa9", true},
    {"p.l", "a", true},
    {"p.l", "2", true},
    {"p.l", "9", false},
    {"p.l", "3", false},
    {"p.l.0", "a", true},
    {"p.l.2.x", "9", true},
    {"p.l.9", "*", false},
    {"p.none", "*", false},
    {"none", "*", false},
    {"p.a.x", "*", false},
    {"k.k", "1", false},
};

static void a_path_leads_to_a_value(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(paths); i++) {
        if (query_text_at_path(bytes_str(payload), bytes_str(paths[i].path),
                               bytes_str(paths[i].pattern)) != paths[i].want)
            fail_msg("%s:%s: want %d", paths[i].path, paths[i].pattern, paths[i].want);
    }
    assert_false(query_text_at_path(BYTES(""), BYTES("a"), BYTES("*")));
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
        cmocka_unit_test(a_word_is_found_wherever_it_stands),
        cmocka_unit_test(a_path_leads_to_a_value),
        cmocka_unit_test(only_a_star_at_an_end_is_one),
    };

    return cmocka_run_group_tests_name("query_text", tests, NULL, NULL);
}
