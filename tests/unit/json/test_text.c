/* SPDX-License-Identifier: MIT */

#include "json/text.h"

#include "lib/cm.h"

static bool is_plain(int byte)
{
    return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

static void check_run(int byte, size_t at)
{
    char text[24];
    size_t want = is_plain(byte) ? sizeof(text) : at;
    size_t got;

    memset(text, 'x', sizeof(text));
    text[at] = (char)byte;
    got = text_plain_len(text, sizeof(text));
    if (got != want)
        fail_msg("byte %d at %zu: got %zu, want %zu", byte, at, got, want);
}

static void a_run_ends_at_the_first_byte_that_is_not_plain(void **state)
{
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        for (size_t at = 0; at < 24; at++)
            check_run(byte, at);
    }
}

static void every_code_point_comes_back(void **state)
{
    (void)state;
    for (uint32_t point = 0; point <= 0x10ffff; point++) {
        char sequence[TEXT_SEQUENCE_MAX];
        size_t len = text_encode(point, sequence);
        struct bytes rest = bytes_of(sequence, len);
        size_t want = text_is_surrogate(point) ? 0 : len;

        if (text_sequence_len(sequence, len) != want)
            fail_msg("U+%04X: got %zu, want %zu", point, text_sequence_len(sequence, len),
                     want);
        if (text_sequence_len(sequence, len - 1) != 0)
            fail_msg("U+%04X: accepted without its last byte", point);
        if (text_take_point(&rest) != point || rest.len != 0)
            fail_msg("U+%04X did not come back", point);
    }
}

static void bad_sequences_have_no_length(void **state)
{
    static const struct {
        const char *why;
        const char *text;
    } cases[] = {
        {"a tail alone", "\x80"},
        {"long form of /", "\xc0\xaf"},
        {"long form of U+7F", "\xc1\xbf"},
        {"long form in three", "\xe0\x9f\xbf"},
        {"long form in four", "\xf0\x8f\xbf\xbf"},
        {"a surrogate", "\xed\xa0\x80"},
        {"above U+10FFFF", "\xf4\x90\x80\x80"},
        {"never a first byte", "\xf5\x80\x80\x80"},
        {"second byte is none", "\xc3("},
        {"third byte is none", "\xe2\x82("},
        {"fourth byte is none", "\xf0\x9f\x98("},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t got = text_sequence_len(cases[i].text, strlen(cases[i].text));

        if (got != 0)
            fail_msg("%s: got %zu, want 0", cases[i].why, got);
    }
}

static void escapes_are_those_of_javascript(void **state)
{
    static const struct {
        uint32_t point;
        const char *want;
    } cases[] = {
        {'"', "\\\""},     {'\\', "\\\\"},      {'\b', "\\b"}, {'\f', "\\f"},
        {'\n', "\\n"},     {'\r', "\\r"},       {'\t', "\\t"}, {0, "\\u0000"},
        {0x1f, "\\u001f"}, {0xd83d, "\\ud83d"}, {'/', ""},     {' ', ""},
        {0x7f, ""},        {0x2028, ""},        {0x1f600, ""}, {0xdfff, "\\udfff"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char escape[TEXT_ESCAPE_MAX];
        size_t len = text_escape(cases[i].point, escape);

        if (!bytes_eq(bytes_of(escape, len), bytes_str(cases[i].want)))
            fail_msg("U+%04X: got %.*s, want %s", cases[i].point, (int)len, escape,
                     cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_ends_at_the_first_byte_that_is_not_plain),
        cmocka_unit_test(every_code_point_comes_back),
        cmocka_unit_test(bad_sequences_have_no_length),
        cmocka_unit_test(escapes_are_those_of_javascript),
    };

    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
