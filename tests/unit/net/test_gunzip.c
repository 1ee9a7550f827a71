/* SPDX-License-Identifier: MIT */

#include "net/gunzip.h"

#include "lib/cm.h"

#define HEAD "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03"
/* "{}" and "ab", each a whole gzip file. */
#define BRACES HEAD "\xab\xae\x05\x00\x43\xbf\xa6\xa3\x02\x00\x00\x00"
#define LETTERS HEAD "\x4b\x4c\x02\x00\x6d\x48\x83\x9e\x02\x00\x00\x00"
#define EMPTY HEAD "\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00"

static const struct {
    const char *why;
    struct bytes packed;
    size_t max_bytes;
    enum gunzip_verdict want;
    const char *text;
} cases[] = {
    {"a small body", BYTES(BRACES), 100, GUNZIP_WHOLE, "{}"},
    {"just fits", BYTES(BRACES), 2, GUNZIP_WHOLE, "{}"},
    {"one byte too many", BYTES(BRACES), 1, GUNZIP_TOO_LARGE, NULL},
    {"nothing inside", BYTES(EMPTY), 100, GUNZIP_WHOLE, ""},
    {"two members are one text", BYTES(LETTERS BRACES), 100, GUNZIP_WHOLE, "ab{}"},
    {"two members count together", BYTES(LETTERS BRACES), 3, GUNZIP_TOO_LARGE, NULL},
    {"an empty body is no gzip", BYTES(""), 100, GUNZIP_MALFORMED, NULL},
    {"plain JSON is no gzip", BYTES("{\"a\":1}"), 100, GUNZIP_MALFORMED, NULL},
    {"only the head", BYTES(HEAD), 100, GUNZIP_MALFORMED, NULL},
    {"cut off", BYTES(HEAD "\xab\xae\x05\x00\x43\xbf"), 100, GUNZIP_MALFORMED, NULL},
    {"a wrong checksum", BYTES(HEAD "\xab\xae\x05\x00\x43\xbf\xa6\xa4\x02\x00\x00\x00"),
     100, GUNZIP_MALFORMED, NULL},
    {"a wrong length", BYTES(HEAD "\xab\xae\x05\x00\x43\xbf\xa6\xa3\x03\x00\x00\x00"),
     100, GUNZIP_MALFORMED, NULL},
    {"something after the end", BYTES(BRACES "junk"), 100, GUNZIP_MALFORMED, NULL},
    {"zlib's own format is not gzip", BYTES("\x78\x9c\xab\xae\x05\x00\x01\x75\x00\xf9"),
     100, GUNZIP_MALFORMED, NULL},
};

static void unpacks_every_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        cleanup(buf_done) struct buf text = {0};
        enum gunzip_verdict got;

        buf_init(&text, cases[i].max_bytes);
        got = gunzip(cases[i].packed, &text);
        if (got != cases[i].want)
            fail_msg("%s: got %d, want %d", cases[i].why, (int)got, (int)cases[i].want);
        if (got == GUNZIP_WHOLE && strcmp(buf_text(&text), cases[i].text) != 0)
            fail_msg("%s: got %s, want %s", cases[i].why, buf_text(&text), cases[i].text);
    }
}

/* 100,000 zeroes in 133 bytes: the zeroes of the packed form, between its ends. */
static struct bytes make_bomb(char ret_bomb[256])
{
    const struct bytes head = BYTES(
        HEAD "\xed\xc1\x31\x01\x00\x00\x00\xc2\xa0\x4a\xeb\x9f\xce\x1a\x1e\x40\x01");
    const struct bytes tail = BYTES("\xaf\x06\x85\xc2\x4d\xc5\xa0\x86\x01\x00");

    memset(ret_bomb, 0, 256);
    memcpy(ret_bomb, head.ptr, head.len);
    memcpy(ret_bomb + head.len + 96, tail.ptr, tail.len);
    return bytes_of(ret_bomb, head.len + 96 + tail.len);
}

static void a_bomb_is_bounded(void **state)
{
    cleanup(buf_done) struct buf text = {0};
    char bomb[256];

    (void)state;
    buf_init(&text, 99999);
    assert_int_equal(GUNZIP_TOO_LARGE, gunzip(make_bomb(bomb), &text));
    assert_true(text.len <= 99999);
    buf_done(&text);
    buf_init(&text, 100000);
    assert_int_equal(GUNZIP_WHOLE, gunzip(make_bomb(bomb), &text));
    assert_int_equal(100000, text.len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unpacks_every_case),
        cmocka_unit_test(a_bomb_is_bounded),
    };

    return cmocka_run_group_tests_name("gunzip", tests, NULL, NULL);
}
