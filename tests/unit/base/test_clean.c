/* SPDX-License-Identifier: MIT */

#include "base/clean.h"

#include "lib/cm.h"

static const struct {
    const char *why;
    struct bytes text;
    const char *want;
} cases[] = {
    {"plain", BYTES("got 3"), "got 3"},
    {"lines become one", BYTES("a\nb\tc"), "a b c"},
    {"an escape sequence", BYTES("a\033[2Jb"), "a?[2Jb"},
    {"a C1 control",
     BYTES("a\xc2\x9b"
           "2Jb"),
     "a?2Jb"},
    {"letters beyond ASCII", BYTES("\xc2\xa0\xc3\xa4\xe2\x82\xac"),
     "\xc2\xa0\xc3\xa4\xe2\x82\xac"},
    {"no UTF-8",
     BYTES("\xff"
           "a\xc3"),
     "?a?"},
    {"delete and NUL", BYTES("a\x7f\0b"), "a??b"},
};

static void only_what_is_harmless_stays(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        cleanup(buf_done) struct buf got = {0};

        buf_init(&got, 100);
        clean_add(cases[i].text, &got);
        if (strcmp(buf_text(&got), cases[i].want) != 0)
            fail_msg("%s: got \"%s\", want \"%s\"", cases[i].why, buf_text(&got),
                     cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(only_what_is_harmless_stays)};

    return cmocka_run_group_tests_name("clean", tests, NULL, NULL);
}
