/* SPDX-License-Identifier: MIT */

#include "base/excerpt.h"

#include "lib/cm.h"

static const struct {
    const char *why;
    const char *source;
    int line, column;
    const char *want;
} marks[] = {
    {"below the column", "a\nlet x = y;\n", 2, 9,
     "--> f.js:2:9\n   |\n 2 | let x = y;\n   |         ^"},
    {"the whole line without a column", "  boo()  ", 1, 0,
     "--> f.js:1\n   |\n 1 |   boo()  \n   |   ^^^^^"},
    {"a tab is one blank wide", "\tboo", 1, 2, "--> f.js:1:2\n   |\n 1 |  boo\n   |  ^"},
    {"no line is known", "boo", 0, 0, "--> f.js"},
    {"characters, not bytes", "ä = ß!", 1, 6,
     "--> f.js:1:6\n   |\n 1 | ä = ß!\n   |      ^"},
    {"emoji are two columns wide", "\"😀\" +;", 1, 6,
     "--> f.js:1:6\n   |\n 1 | \"😀\" +;\n   |       ^"},
    {"a whole line of wide letters", "日本", 1, 0,
     "--> f.js:1\n   |\n 1 | 日本\n   | ^^^^"},
    {"what is no UTF-8 is one question mark", "a '\xe9' )", 1, 7,
     "--> f.js:1:7\n   |\n 1 | a '?' )\n   |       ^"},
    {"nothing that a terminal obeys",
     "a\xc2\x9b"
     "31m\033[1m)",
     1, 9, "--> f.js:1:9\n   |\n 1 | a 31m [1m)\n   |         ^"},
    {"a line past the end", "boo", 9, 1, "--> f.js:9:1"},
};

static void the_caret_stands_below_its_target(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(marks); i++) {
        struct err err = {0};
        const struct excerpt where = {.file = "f.js",
                                      .source = bytes_str(marks[i].source),
                                      .line = marks[i].line,
                                      .column = marks[i].column};

        excerpt_place(&where, &err);
        if (strcmp(err.place, marks[i].want) != 0)
            fail_msg("%s: got\n%s\nwant\n%s", marks[i].why, err.place, marks[i].want);
    }
}

static void a_long_line_is_shown_around_its_column(void **state)
{
    char source[2000];
    struct err err = {0};
    struct excerpt where = {.file = "f.js",
                            .source = bytes_of(source, sizeof(source)),
                            .line = 1,
                            .column = 1500};
    const char *mark;

    (void)state;
    memset(source, 'x', sizeof(source));
    source[1499] = '!';
    excerpt_place(&where, &err);
    mark = strrchr(err.place, '^');
    assert_non_null(mark);
    /* The mark stands as far from its line's start as the '!' from its own. */
    assert_int_equal(strchr(err.place, '!') - strstr(err.place, "1 | "),
                     mark - strrchr(err.place, '\n') - 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_caret_stands_below_its_target),
        cmocka_unit_test(a_long_line_is_shown_around_its_column),
    };

    return cmocka_run_group_tests_name("excerpt", tests, NULL, NULL);
}
