/* SPDX-License-Identifier: MIT */

#include "js/utf16.h"

#include "lib/cm.h"

#define R "\xef\xbf\xbd"         /* U+FFFD */
#define B "0123456789 ~\x7f\t-=" /* as many as are converted at once */

static const struct {
    const char *why;
    struct bytes utf8;
    struct bytes want; /* after there and back */
    size_t n_units;
} cases[] = {
    {"nothing", {"", 0}, {"", 0}, 0},
    {"ASCII with a NUL", BYTES("a\0b"), BYTES("a\0b"), 3},
    {"two bytes", BYTES("\xc3\xa4"), BYTES("\xc3\xa4"), 1},
    {"three bytes", BYTES("\xe2\x82\xac"), BYTES("\xe2\x82\xac"), 1},
    {"four bytes, two units", BYTES("\xf0\x9f\x98\x80"), BYTES("\xf0\x9f\x98\x80"), 2},
    {"the last character", BYTES("\xf4\x8f\xbf\xbf"), BYTES("\xf4\x8f\xbf\xbf"), 2},
    {"past the last", BYTES("\xf4\x90\x80\x80"), BYTES(R R R R), 4},
    {"overlong", BYTES("\xc0\xaf"), BYTES(R R), 2},
    {"overlong in three", BYTES("\xe0\x80\xaf"), BYTES(R R R), 3},
    {"a surrogate", BYTES("\xed\xa0\x80"), BYTES(R R R), 3},
    {"cut off", BYTES("a\xe2\x82"), BYTES("a" R), 2},
    {"cut off before another", BYTES("\xf0\x9f\x98z"), BYTES(R "z"), 2},
    {"a lone follower", BYTES("\x80z"), BYTES(R "z"), 2},
    {"blocks and more", BYTES(B B "ab"), BYTES(B B "ab"), 34},
    {"two bytes between blocks", BYTES(B "\xc3\xa4" B), BYTES(B "\xc3\xa4" B), 33},
    {"a NUL in a block", BYTES("a\0b" B), BYTES("a\0b" B), 19},
    {"malformed at a block's end", BYTES("123456789abcdef\xff" B),
     BYTES("123456789abcdef" R B), 32},
    {"four bytes across blocks", BYTES("123456789abcdef\xf0\x9f\x98\x80" B),
     BYTES("123456789abcdef\xf0\x9f\x98\x80" B), 33},
    {"no lead at all", BYTES("\xff"), BYTES(R), 1},
};

static void ascii_is_told_from_the_rest(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bytes utf8 = cases[i].utf8;
        bool want = true;

        for (size_t at = 0; at < utf8.len; at++)
            want = want && (unsigned char)utf8.ptr[at] < 0x80;
        if (utf16_is_ascii(utf8) != want)
            fail_msg("%s: got %d, want %d", cases[i].why, !want, want);
    }
}

static void goes_there_and_back(void **state)
{
    struct utf16 wide = {0};
    struct buf out;

    (void)state;
    buf_init(&out, 4096);
    for (size_t i = 0; i < COUNT(cases); i++) {
        buf_clear(&out);
        utf16_decode(&wide, cases[i].utf8);
        if (wide.n_units != cases[i].n_units)
            fail_msg("%s: got %zu units, want %zu", cases[i].why, wide.n_units,
                     cases[i].n_units);
        if (utf16_encode(wide.units, wide.n_units, &out) != 0 ||
            !bytes_eq(buf_bytes(&out), cases[i].want))
            fail_msg("%s: got '%s', want '%.*s'", cases[i].why, buf_text(&out),
                     BYTES_FMT(cases[i].want));
    }
    buf_done(&out);
    utf16_done(&wide);
}

static void replaces_lone_surrogates(void **state)
{
    const uint16_t units[] = {0xd83d, 'a', 0xde00, 0xd83d};
    struct buf out;

    (void)state;
    buf_init(&out, 10);
    assert_int_equal(0, utf16_encode(units, COUNT(units), &out));
    assert_string_equal(R "a" R R, buf_text(&out));
    assert_int_equal(BUF_FULL, utf16_encode(units, 1, &out));
    assert_int_equal(10, out.len);
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ascii_is_told_from_the_rest),
        cmocka_unit_test(goes_there_and_back),
        cmocka_unit_test(replaces_lone_surrogates),
    };

    return cmocka_run_group_tests_name("utf16", tests, NULL, NULL);
}
