/* SPDX-License-Identifier: MIT */

#include "base/hex.h"

#include "lib/cm.h"

static void every_byte_comes_back(void **state)
{
    uint8_t bytes[256];
    uint8_t back[256];
    char text[513];

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)i;
    hex_encode(bytes, sizeof(bytes), text);
    assert_int_equal(strlen(text), 512);
    assert_memory_equal(text + 2 * 0xab, "ab", 2);
    assert_true(hex_decode(bytes_str(text), back, sizeof(back)));
    assert_memory_equal(bytes, back, sizeof(bytes));
    hex_encode(bytes, 0, text);
    assert_string_equal(text, "");
}

static void decoding_wants_exactly_the_digits(void **state)
{
    static const struct {
        const char *why;
        const char *text;
        bool ok;
    } cases[] = {
        {"lower case", "00ff", true},
        {"upper case", "00FF", true},
        {"too short", "00f", false},
        {"too long", "00ff0", false},
        {"empty", "", false},
        {"a letter after f", "00fg", false},
        {"a character before 0", "00/0", false},
        {"a prefix", "0x00", false},
        {"a space", "00 f", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t bytes[2];
        bool ok = hex_decode(bytes_str(cases[i].text), bytes, sizeof(bytes));

        if (ok != cases[i].ok)
            fail_msg("%s: got %d, want %d", cases[i].why, ok, cases[i].ok);
        if (ok)
            assert_int_equal(bytes[1], 0xff);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_comes_back),
        cmocka_unit_test(decoding_wants_exactly_the_digits),
    };

    return cmocka_run_group_tests_name("hex", tests, NULL, NULL);
}
