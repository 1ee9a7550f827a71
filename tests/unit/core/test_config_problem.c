/* SPDX-License-Identifier: MIT */

#include "core/config_problem.h"

#include "lib/cm.h"

static const struct {
    const char *why;
    const char *text;
    struct yaml_place at;
    const char *label;
    const char *want;
} cases[] = {
    {"a word",
     "a\nbcd: e\n",
     {2, 1, 3},
     "odd",
     "--> p:2:1\n   |\n 2 | bcd: e\n   | ^^^ odd"},
    {"no label", "abc", {1, 2, 1}, NULL, "--> p:1:2\n   |\n 1 | abc\n   |  ^"},
    {"the margin grows with the number",
     "\n\n\n\n\n\n\n\n\nabc",
     {10, 1, 1},
     "x",
     "--> p:10:1\n    |\n 10 | abc\n    | ^ x"},
    {"the end of the file", "a\n", {2, 1, 1}, "x", "--> p:2:1\n   |\n 2 | \n   | ^ x"},
    {"beyond the end", "a", {9, 5, 1}, "x", "--> p:9:5\n   |\n 9 | \n   |     ^ x"},
    {"nowhere", "a", {0, 0, 0}, "x", "--> p"},
    {"a carriage return is no part of the line",
     "ab\r\n",
     {1, 1, 2},
     NULL,
     "--> p:1:1\n   |\n 1 | ab\n   | ^^"},
    {"control characters are shown as blanks",
     "a\tb\x1b[1m",
     {1, 3, 1},
     NULL,
     "--> p:1:3\n   |\n 1 | a b [1m\n   |   ^"},
    {"columns are characters",
     "üü: x",
     {1, 5, 1},
     NULL,
     "--> p:1:5\n   |\n 1 | üü: x\n   |     ^"},
};

static void shows_the_line_with_carets(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct config_source source = {"p", bytes_str(cases[i].text)};
        struct err err = {0};

        config_problem_at(&err, &source, cases[i].at, cases[i].label);
        if (strcmp(err.place, cases[i].want) != 0)
            fail_msg("%s: got\n%s\nwant\n%s", cases[i].why, err.place, cases[i].want);
    }
}

static void a_long_line_is_cut_around_the_place(void **state)
{
    char text[4000];
    const struct config_source source = {"p", bytes_of(text, sizeof(text))};
    struct err err = {0};

    (void)state;
    memset(text, ' ', sizeof(text));
    memcpy(text + 3000, "here", 4);
    config_problem_at(&err, &source, (struct yaml_place){1, 3001, 4}, "it is");
    assert_string_equal(strstr(err.place, "here") != NULL ? "here" : err.place, "here");
    assert_non_null(strstr(err.place, " ^^^^ it is"));
    assert_true(strlen(err.place) < 400);
    config_problem_at(&err, &source, (struct yaml_place){1, 1, 4000}, "all of it");
    assert_non_null(strstr(err.place, "^ all of it"));
}

static void problems_add_up(void **state)
{
    struct config_problems problems = {0};

    (void)state;
    for (int i = 0; i < 20; i++)
        config_problem(&problems, "PA1003", "number %d", i);
    assert_int_equal(problems.n_items, 20);
    assert_string_equal(problems.items[19].text, "number 19");
    assert_string_equal(problems.items[0].code, "PA1003");
    assert_int_equal(problems.items[0].exit_code, ERR_CONFIG);
    config_problems_done(&problems);
    config_problems_done(&problems);
    assert_int_equal(problems.n_items, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_the_line_with_carets),
        cmocka_unit_test(a_long_line_is_cut_around_the_place),
        cmocka_unit_test(problems_add_up),
    };

    return cmocka_run_group_tests_name("config_problem", tests, NULL, NULL);
}
