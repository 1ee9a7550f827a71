/* SPDX-License-Identifier: MIT */

#include "json/write.h"

#include <math.h>

#include "json/walk.h"

#include "lib/cm.h"

static void the_commas_come_by_themselves(void **state)
{
    const struct walk_member spaced = {BYTES("w"), BYTES("[ 1 ]"), true};
    const struct walk_member tight = {BYTES("x"), BYTES("\" \""), false};
    struct buf text;
    struct write write;

    (void)state;
    buf_init(&text, 1000);
    write_init(&write, &text);
    write_object(&write);
    write_member_string(&write, "s", BYTES("x"));
    write_member_text(&write, "t", "y");
    write_member_text(&write, "none", NULL);
    write_member_i64(&write, "i", INT64_MIN);
    write_member_bool(&write, "b", true);
    write_member_time(&write, "at", 1000);
    write_member_time(&write, "never", 0);
    write_member_raw(&write, "raw", BYTES("{\"a\": 1}"));
    write_member_raw(&write, "no_raw", BYTES(""));
    write_key_raw(&write, BYTES("\\u0061 b"));
    write_compact(&write, BYTES("{ \"a b\" : 1.0 }"));
    write_walked(&write, &spaced);
    write_walked(&write, &tight);
    write_key_raw(&write, BYTES(""));
    write_compact(&write, BYTES(""));
    write_key(&write, "list");
    write_array(&write);
    write_i64(&write, 1);
    write_double(&write, 0.1);
    write_double(&write, (double)NAN);
    write_bool(&write, false);
    write_null(&write);
    write_array(&write);
    write_array_end(&write);
    write_object(&write);
    write_object_end(&write);
    write_string(&write, BYTES(""));
    write_array_end(&write);
    write_member_i64(&write, "last", 0);
    write_object_end(&write);
    assert_string_equal(
        buf_text(&text),
        "{\"s\":\"x\",\"t\":\"y\",\"none\":null,\"i\":-9223372036854775808,\"b\":true,"
        "\"at\":\"1970-01-01T00:00:01.000Z\",\"never\":null,\"raw\":{\"a\": 1},"
        "\"no_raw\":null,\"\\u0061 b\":{\"a b\":1.0},\"w\":[1],\"x\":\" "
        "\",\"\":null,\"list\":[1,0.1,null,false,null,[],{},\"\"],\"last\":0}");
    buf_done(&text);
}

static void strings_are_escaped_and_made_utf8(void **state)
{
    static const struct {
        const char *why;
        struct bytes text;
        const char *want;
    } cases[] = {
        {"plain", BYTES("nothing to be done here"), "\"nothing to be done here\""},
        {"quote and backslash", BYTES("a\"b\\c"), "\"a\\\"b\\\\c\""},
        {"controls", BYTES("\b\f\n\r\t\x01\x1f"), "\"\\b\\f\\n\\r\\t\\u0001\\u001f\""},
        {"NUL", BYTES("a\0b"), "\"a\\u0000b\""},
        {"delete is no control of JSON", BYTES("\x7f/"), "\"\x7f/\""},
        {"UTF-8", BYTES("\xe2\x98\x83 \xf0\x9f\x98\x80"),
         "\"\xe2\x98\x83 \xf0\x9f\x98\x80\""},
        {"a bad byte", BYTES("a\xff z"), "\"a\xef\xbf\xbd z\""},
        {"a surrogate", BYTES("\xed\xa0\x80"),
         "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
        {"cut at the end", BYTES("\xc3"), "\"\xef\xbf\xbd\""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf text;
        struct write write;

        buf_init(&text, 1000);
        write_init(&write, &text);
        write_string(&write, cases[i].text);
        if (strcmp(buf_text(&text), cases[i].want) != 0)
            fail_msg("%s: got %s, want %s", cases[i].why, buf_text(&text), cases[i].want);
        buf_done(&text);
    }
}

static void a_full_buf_is_told_at_the_end(void **state)
{
    struct buf text;
    struct write write;

    (void)state;
    buf_init(&text, 10);
    write_init(&write, &text);
    write_array(&write);
    write_string(&write, BYTES("more than ten bytes"));
    write_array_end(&write);
    assert_true(text.full);
    buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_commas_come_by_themselves),
        cmocka_unit_test(strings_are_escaped_and_made_utf8),
        cmocka_unit_test(a_full_buf_is_told_at_the_end),
    };

    return cmocka_run_group_tests_name("write", tests, NULL, NULL);
}
