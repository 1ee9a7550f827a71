/* SPDX-License-Identifier: MIT */

#include "js/frame.h"

#include "lib/cm.h"

#define HEAD(type, invocation, length) "PSJ1" type "\0\0\0" invocation "\0\0\0" length
#define FIELD(tag, length) tag "\0\0\0" length "\0\0\0"

static const struct {
    const char *why;
    struct bytes bytes;
    bool from_runner;
    enum frame_verdict want;
} cases[] = {
    {"nothing", {"", 0}, true, FRAME_PARTIAL},
    {"half a head", BYTES("PSJ1\x08\0\0\0"), true, FRAME_PARTIAL},
    {"a log line", BYTES(HEAD("\x08", "\7", "\x0a\0\0\0") FIELD("\x16", "\2") "hi"), true,
     FRAME_WHOLE},
    {"half a log line", BYTES(HEAD("\x08", "\7", "\x0a\0\0\0") FIELD("\x16", "\2") "h"),
     true, FRAME_PARTIAL},
    {"a log line, said by the service",
     BYTES(HEAD("\x08", "\7", "\x0a\0\0\0") FIELD("\x16", "\2") "hi"), false, FRAME_BAD},
    {"a log line without text", BYTES(HEAD("\x08", "\7", "\0\0\0\0")), true, FRAME_BAD},
    {"a tag that a log line has not",
     BYTES(HEAD("\x08", "\7", "\x0a\0\0\0") FIELD("\x11", "\2") "hi"), true, FRAME_BAD},
    {"an unknown tag", BYTES(HEAD("\x08", "\7", "\x0a\0\0\0") FIELD("\x30", "\2") "hi"),
     true, FRAME_BAD},
    {"tag zero", BYTES(HEAD("\x08", "\7", "\x0a\0\0\0") FIELD("\0", "\2") "hi"), true,
     FRAME_BAD},
    {"a field that is cut off",
     BYTES(HEAD("\x08", "\7", "\x0a\0\0\0") FIELD("\x16", "\3") "hi"), true, FRAME_BAD},
    {"bytes after the last field",
     BYTES(HEAD("\x08", "\7", "\x0b\0\0\0") FIELD("\x16", "\2") "hi!"), true, FRAME_BAD},
    {"a field twice",
     BYTES(HEAD("\x08", "\7", "\x12\0\0\0")
               FIELD("\x16", "\1") "a" FIELD("\x16", "\1") "b"),
     true, FRAME_BAD},
    {"a number of three bytes",
     BYTES(HEAD("\x05", "\0", "\x0b\0\0\0") FIELD("\x0e", "\3") "abc"), true, FRAME_BAD},
    {"another magic", BYTES("PSJ2\x08\0\0\0\7\0\0\0\0\0\0\0"), true, FRAME_BAD},
    {"type zero", BYTES(HEAD("\0", "\7", "\0\0\0\0")), true, FRAME_BAD},
    {"an unknown type", BYTES(HEAD("\x0a", "\7", "\0\0\0\0")), true, FRAME_BAD},
    {"the head's zero is not", BYTES("PSJ1\x08\0\1\0\7\0\0\0\0\0\0\0"), true, FRAME_BAD},
    {"longer than a frame may be", BYTES(HEAD("\x08", "\7", "\0\0\x80\0")), true,
     FRAME_BAD},
    {"the longest length", BYTES(HEAD("\x08", "\7", "\xff\xff\xff\xff")), true,
     FRAME_BAD},
    {"a header without a value",
     BYTES(HEAD("\7", "\7", "\x26\0\0\0") FIELD("\7", "\4") "\1\0\0\0" FIELD(
         "\x14", "\1") "G" FIELD("\x15", "\1") "u" FIELD("\x0a", "\0")),
     true, FRAME_BAD},
    {"a value without a header",
     BYTES(HEAD("\7", "\7", "\x26\0\0\0") FIELD("\7", "\4") "\1\0\0\0" FIELD(
         "\x14", "\1") "G" FIELD("\x15", "\1") "u" FIELD("\x0b", "\0")),
     true, FRAME_BAD},
    {"a cancel with a field",
     BYTES(HEAD("\4", "\7", "\x09\0\0\0") FIELD("\x16", "\1") "x"), false, FRAME_BAD},
    {"a cancel", BYTES(HEAD("\4", "\7", "\0\0\0\0")), false, FRAME_WHOLE},
};

static void judges_every_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct frame frame;
        size_t len = 0;
        enum frame_verdict got =
            frame_decode(cases[i].bytes, cases[i].from_runner, &frame, &len);

        if (got != cases[i].want)
            fail_msg("%s: got %d, want %d", cases[i].why, (int)got, (int)cases[i].want);
        if (got == FRAME_WHOLE && len != cases[i].bytes.len)
            fail_msg("%s: got length %zu, want %zu", cases[i].why, len,
                     cases[i].bytes.len);
    }
}

static void reads_what_it_wrote(void **state)
{
    struct frame frame;
    struct buf out;
    size_t begun;
    size_t len;

    (void)state;
    buf_init(&out, 4096);
    begun = frame_begin(&out, FRAME_FETCH, 0x01020304);
    frame_add_u32(&out, TAG_FETCH, 7);
    frame_add(&out, TAG_METHOD, BYTES("POST"));
    frame_add(&out, TAG_URL, BYTES("https://a.example/"));
    frame_add(&out, TAG_HEADER, BYTES("A"));
    frame_add(&out, TAG_VALUE, BYTES("1"));
    frame_add(&out, TAG_HEADER, BYTES("B"));
    frame_add(&out, TAG_VALUE, BYTES(""));
    frame_add(&out, TAG_BODY, BYTES("a\0b"));
    assert_int_equal(0, frame_end(&out, begun));
    assert_int_equal(FRAME_WHOLE, frame_decode(buf_bytes(&out), true, &frame, &len));
    assert_int_equal(out.len, len);
    assert_int_equal(0x01020304, frame.invocation);
    assert_int_equal(7, frame_get_u32(&frame, TAG_FETCH));
    assert_true(bytes_eq(BYTES("a\0b"), frame_get(&frame, TAG_BODY)));
    assert_int_equal(8, frame.n_fields);
    assert_true(bytes_eq(BYTES("B"), frame.fields[5].value));
    assert_false(frame_has(&frame, TAG_FLAGS));
    assert_int_equal(0, frame_get_u32(&frame, TAG_FLAGS));
    buf_done(&out);
}

static void takes_back_what_does_not_fit(void **state)
{
    struct buf out;
    size_t begun;

    (void)state;
    buf_init(&out, 64);
    begun = frame_begin(&out, FRAME_LOG, 1);
    frame_add(&out, TAG_TEXT, BYTES("short"));
    assert_int_equal(0, frame_end(&out, begun));
    assert_int_equal(29, out.len);
    begun = frame_begin(&out, FRAME_LOG, 1);
    frame_add(&out, TAG_TEXT, BYTES("longer than the rest of the buffer has room for"));
    assert_int_equal(BUF_FULL, frame_end(&out, begun));
    assert_int_equal(29, out.len);
    begun = frame_begin(&out, FRAME_LOG, 1);
    frame_add(&out, TAG_TEXT, BYTES("a"));
    assert_int_equal(0, frame_end(&out, begun));
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_every_case),
        cmocka_unit_test(reads_what_it_wrote),
        cmocka_unit_test(takes_back_what_does_not_fit),
    };

    return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
