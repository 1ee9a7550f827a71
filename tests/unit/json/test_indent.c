/* SPDX-License-Identifier: MIT */

#include "json/indent.h"

#include "lib/cm.h"

static const struct {
    const char *why;
    const char *json;
    unsigned n_spaces;
    const char *want;
} cases[] = {
    {"a scalar", " 1.50 ", 1, "1.50"},
    {"empty containers stay on a line", "{\"a\":{ },\"b\":[]}", 1,
     "{\n \"a\": {},\n \"b\": []\n}"},
    {"nesting", "{\"a\":[1,{\"b\":null}]}", 2,
     "{\n  \"a\": [\n    1,\n    {\n      \"b\": null\n    }\n  ]\n}"},
    {"brackets and escapes inside strings", "[\"{[,:\\\"]\"]", 1, "[\n \"{[,:\\\"]\"\n]"},
    {"what was indented is indented anew", "[\n\t1 ,\n\t2\n]", 1, "[\n 1,\n 2\n]"},
};

static void lays_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf out;

        buf_init(&out, 4096);
        assert_int_equal(indent_print(bytes_str(cases[i].json), cases[i].n_spaces, &out),
                         0);
        if (strcmp(buf_text(&out), cases[i].want) != 0)
            fail_msg("%s: got %s, want %s", cases[i].why, buf_text(&out), cases[i].want);
        buf_done(&out);
    }
}

static void says_when_there_is_no_room(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 4);
    assert_int_equal(indent_print(BYTES("[1,2,3]"), 1, &out), BUF_FULL);
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lays_out),
        cmocka_unit_test(says_when_there_is_no_room),
    };

    return cmocka_run_group_tests_name("indent", tests, NULL, NULL);
}
