/* SPDX-License-Identifier: MIT */

#include "base/bytes.h"

#include "lib/cm.h"

static void slices_are_clamped(void **state)
{
    static const struct {
        const char *why;
        size_t start, len;
        const char *want;
    } cases[] = {
        {"all", 0, 6, "abcdef"},   {"middle", 2, 2, "cd"},
        {"too long", 4, 99, "ef"}, {"longest possible", 1, SIZE_MAX, "bcdef"},
        {"at the end", 6, 1, ""},  {"past the end", 7, 1, ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bytes got = bytes_slice(BYTES("abcdef"), cases[i].start, cases[i].len);

        if (!bytes_eq(got, bytes_str(cases[i].want)))
            fail_msg("%s: got %.*s, want %s", cases[i].why, BYTES_FMT(got),
                     cases[i].want);
    }
}

static void finds_the_first_place_or_the_end(void **state)
{
    static const struct {
        const char *why;
        const char *hay;
        const char *needle;
        size_t want;
    } cases[] = {
        {"at the start", "abc", "ab", 0},
        {"at the end", "xxabc", "abc", 2},
        {"after a false start", "aaab", "aab", 1},
        {"absent", "abc", "d", 3},
        {"first letter only", "abab", "ac", 4},
        {"longer than the hay", "ab", "abc", 2},
        {"empty needle", "abc", "", 0},
        {"both empty", "", "", 0},
        {"empty hay", "", "a", 0},
        {"cut off at the end", "abca", "ab\0", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t got = bytes_find(bytes_str(cases[i].hay), bytes_str(cases[i].needle));

        if (got != cases[i].want)
            fail_msg("%s: got %zu, want %zu", cases[i].why, got, cases[i].want);
    }
    assert_int_equal(bytes_index(BYTES("a\0b"), '\0'), 1);
    assert_int_equal(bytes_index(bytes_of(NULL, 0), 'x'), 0);
}

static void starts_and_ends(void **state)
{
    (void)state;
    assert_true(bytes_starts(BYTES("abc"), BYTES("ab")));
    assert_true(bytes_starts(BYTES("abc"), BYTES("")));
    assert_false(bytes_starts(BYTES("ab"), BYTES("abc")));
    assert_false(bytes_starts(BYTES("xab"), BYTES("ab")));
    assert_true(bytes_ends(BYTES("abc"), BYTES("bc")));
    assert_true(bytes_ends(BYTES("abc"), BYTES("")));
    assert_false(bytes_ends(BYTES("bc"), BYTES("abc")));
    assert_false(bytes_ends(BYTES("abcx"), BYTES("bc")));
}

static void equal_without_case_is_ascii_only(void **state)
{
    (void)state;
    assert_true(bytes_eq_nocase(BYTES("BaSiC"), BYTES("bAsIc")));
    assert_false(bytes_eq_nocase(BYTES("basic"), BYTES("basics")));
    assert_false(bytes_eq_nocase(BYTES("@["), BYTES("`{"))); /* 0x20 apart, no letters */
    assert_false(bytes_eq_nocase(BYTES("\xc3\x84"), BYTES("\xc3\xa4")));
}

static void compares_as_a_dictionary_of_bytes(void **state)
{
    (void)state;
    assert_int_equal(bytes_cmp(BYTES("a"), BYTES("a")), 0);
    assert_true(bytes_cmp(BYTES("a"), BYTES("b")) < 0);
    assert_true(bytes_cmp(BYTES("ab"), BYTES("a")) > 0);
    assert_true(bytes_cmp(BYTES(""), BYTES("a")) < 0);
    assert_true(bytes_cmp(BYTES("\xff"), BYTES("a")) > 0);
    assert_int_equal(bytes_cmp(bytes_of(NULL, 0), BYTES("")), 0);
}

static void trims_both_ends_only(void **state)
{
    (void)state;
    assert_true(bytes_eq(bytes_trim(BYTES(" \t\r\n a b \n")), BYTES("a b")));
    assert_true(bytes_eq(bytes_trim(BYTES(" \t ")), BYTES("")));
    assert_true(bytes_eq(bytes_trim(bytes_of(NULL, 0)), BYTES("")));
    assert_true(bytes_eq(bytes_trim(BYTES("\va\v")), BYTES("\va\v")));
}

static void takes_parts_until_nothing_is_left(void **state)
{
    struct bytes rest = BYTES("a,,b");

    (void)state;
    assert_true(bytes_eq(bytes_take_until(&rest, ','), BYTES("a")));
    assert_true(bytes_eq(bytes_take_until(&rest, ','), BYTES("")));
    assert_true(bytes_eq(bytes_take_until(&rest, ','), BYTES("b")));
    assert_int_equal(rest.len, 0);
    assert_true(bytes_eq(bytes_take_until(&rest, ','), BYTES("")));
}

static void reads_whole_decimal_numbers(void **state)
{
    static const struct {
        const char *text;
        bool ok;
        int64_t want;
    } cases[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"007", true, 7},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"99999999999999999999", false, 0},
        {"", false, 0},
        {"-", false, 0},
        {"--1", false, 0},
        {"+1", false, 0},
        {"1 ", false, 0},
        {" 1", false, 0},
        {"1e3", false, 0},
        {"0x10", false, 0},
        {"1/", false, 0},
        {"1:", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t got = 0;
        bool ok = bytes_to_i64(bytes_str(cases[i].text), &got);

        if (ok != cases[i].ok || got != cases[i].want)
            fail_msg("'%s': got %d %lld, want %d %lld", cases[i].text, ok, (long long)got,
                     cases[i].ok, (long long)cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_are_clamped),
        cmocka_unit_test(finds_the_first_place_or_the_end),
        cmocka_unit_test(starts_and_ends),
        cmocka_unit_test(equal_without_case_is_ascii_only),
        cmocka_unit_test(compares_as_a_dictionary_of_bytes),
        cmocka_unit_test(trims_both_ends_only),
        cmocka_unit_test(takes_parts_until_nothing_is_left),
        cmocka_unit_test(reads_whole_decimal_numbers),
    };

    return cmocka_run_group_tests_name("bytes", tests, NULL, NULL);
}
