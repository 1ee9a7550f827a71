/* SPDX-License-Identifier: MIT */

#include "base/shell_word.h"

#include "base/attr.h"
#include "lib/cm.h"

static const struct {
    const char *why;
    const char *word, *want;
} words[] = {
    {"a path", "functions/hello/index.js", "functions/hello/index.js"},
    {"a blank", "a b", "'a b'"},
    {"a quote", "it's", "'it'\\''s'"},
    {"a dollar", "$HOME", "'$HOME'"},
    {"nothing", "", "''"},
    {"letters beyond ASCII", "é", "'é'"},
};

static void words_are_quoted_for_a_shell(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(words); i++) {
        cleanup(buf_done) struct buf got = {0};

        buf_init(&got, 1000);
        shell_word(bytes_str(words[i].word), &got);
        if (strcmp(words[i].want, buf_text(&got)) != 0)
            fail_msg("%s: got %s, want %s", words[i].why, buf_text(&got), words[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_quoted_for_a_shell),
    };

    return cmocka_run_group_tests_name("shell_word", tests, NULL, NULL);
}
