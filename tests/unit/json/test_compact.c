/* SPDX-License-Identifier: MIT */

#include "json/compact.h"

#include "lib/cm.h"

static const struct {
    const char *why;
    const char *text;
    const char *want;
} cases[] = {
    {"compact already", "{\"a\":[1,2]}", "{\"a\":[1,2]}"},
    {"white space of every kind", " {\t\"a\" :\r\n[ 1 , 2 ] }\n", "{\"a\":[1,2]}"},
    {"white space inside strings stays", "{ \"a b\" : \" c \" }", "{\"a b\":\" c \"}"},
    {"a quote inside a string does not end it", "[ \"\\\" , \\\\\" , 1 ]",
     "[\"\\\" , \\\\\",1]"},
    {"numbers and escapes stay as sent", "[ 1.50E+02 , -0 , \"\\u0041\" ]",
     "[1.50E+02,-0,\"\\u0041\"]"},
    {"keys that come twice stay", "{\"a\":1, \"a\":2}", "{\"a\":1,\"a\":2}"},
    {"a byte order mark goes", "\xef\xbb\xbf [ ]", "[]"},
    {"a scalar", " true ", "true"},
    {"other scripts", "[ \"\xe2\x82\xac \" ]", "[\"\xe2\x82\xac \"]"},
    {"nothing", "", ""},
};

static void white_space_between_parts_goes(void **state)
{
    struct buf got;

    (void)state;
    buf_init(&got, 1000);
    for (size_t i = 0; i < COUNT(cases); i++) {
        buf_clear(&got);
        if (compact_print(bytes_str(cases[i].text), &got) != 0 ||
            strcmp(buf_text(&got), cases[i].want) != 0)
            fail_msg("%s: got %s, want %s", cases[i].why, buf_text(&got), cases[i].want);
    }
    buf_done(&got);
}

static void what_does_not_fit_is_refused(void **state)
{
    struct buf got;

    (void)state;
    buf_init(&got, 4);
    assert_int_equal(compact_print(BYTES("[ 1, 2 ]"), &got), BUF_FULL);
    assert_true(got.full);
    buf_done(&got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(white_space_between_parts_goes),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };

    return cmocka_run_group_tests_name("compact", tests, NULL, NULL);
}
