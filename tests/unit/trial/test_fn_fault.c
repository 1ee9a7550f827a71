/* SPDX-License-Identifier: MIT */

#include "trial/fn_fault.h"

#include "base/err.h"
#include "lib/cm.h"

/* The engine's place in each line was taken from the engine itself. */
static const struct {
    const char *why;
    const char *source;
    struct fn_fault fault;
    struct fn_fault_mark want;
} marks[] = {
    {"a member of undefined, at the dot before it",
     "  const mail = event.traits.user.email",
     {.message = "Cannot read properties of undefined (reading 'email')",
      .line = 1,
      .column = 33},
     {1, 34, 5}},
    {"the same, at its name",
     "  const mail = event.traits.user.email",
     {.message = "Cannot read properties of undefined (reading 'email')",
      .line = 1,
      .column = 34},
     {1, 34, 5}},
    {"the engine's own words",
     "return a.b.c",
     {.message = "undefined is not an object (evaluating 'a.b.c')",
      .line = 1,
      .column = 11},
     {1, 12, 1}},
    {"an optional chain's question mark",
     "return a.b?.c.d",
     {.message = "Cannot read properties of undefined (reading 'c')",
      .line = 1,
      .column = 11},
     {1, 13, 1}},
    {"a variable, where it ends",
     "const { gzip } = zlib.zlib",
     {.message = "zlib is not defined", .line = 1, .column = 22},
     {1, 18, 4}},
    {"a variable, where it begins",
     "new AWS()",
     {.message = "AWS is not defined", .line = 1, .column = 5},
     {1, 5, 3}},
    {"what is called and no function",
     "event.foo(1)",
     {.message = "event.foo is not a function", .line = 1, .column = 10},
     {1, 7, 3}},
    {"a class whose error was thrown",
     "throw new RetryError('later')",
     {.name = "RetryError", .message = "later", .line = 1, .column = 21},
     {1, 11, 10}},
    {"the same, where the engine points at `new`",
     "throw new my.RetryError('later')",
     {.name = "RetryError", .message = "later", .line = 1, .column = 7},
     {1, 11, 13}},
    {"after letters of two and four bytes",
     "/* é😀 */ return a.b.c",
     {.message = "Cannot read properties of undefined (reading 'c')",
      .line = 1,
      .column = 21},
     {1, 21, 1}},
    {"a name that the message does not speak of is not marked",
     "return a.b.c",
     {.message = "Cannot read properties of undefined (reading 'zz')",
      .line = 1,
      .column = 11},
     {1, 0, 0}},
    {"no column: the whole line",
     "return a.b.c",
     {.message = "boom", .line = 1},
     {1, 0, 0}},
    {"an error whose line the engine gets wrong: only the file",
     "a = 1",
     {.message = "Assignment to constant variable.", .line = 1, .column = 3},
     {0, 0, 0}},
    {"lines that editors do not see: no mark",
     "a\rreturn b.c",
     {.message = "Cannot read properties of undefined (reading 'c')",
      .line = 2,
      .column = 9},
     {2, 0, 0}},
    {"the parser's column is taken as it is",
     "const x = ;",
     {.message = "Unexpected token", .line = 1, .column = 11, .is_exact = true},
     {1, 11, 0}},
    {"beyond the end of the line: the whole line",
     "ab",
     {.message = "boom", .line = 1, .column = 90},
     {1, 1, 2}},
};

static void marks_what_failed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(marks); i++) {
        struct fn_fault_mark got;

        fn_fault_mark(&marks[i].fault, bytes_str(marks[i].source), &got);
        if (got.line != marks[i].want.line || got.column != marks[i].want.column ||
            got.width != marks[i].want.width)
            fail_msg("%s: got %d:%d+%d, want %d:%d+%d", marks[i].why, got.line,
                     got.column, got.width, marks[i].want.line, marks[i].want.column,
                     marks[i].want.width);
    }
}

static void describes_in_the_fixed_order(void **state)
{
    const struct fn_fault fault = {
        .name = "TypeError",
        .message = "Cannot read properties of undefined (reading 'c')",
        .line = 2,
        .column = 11,
        .note = "event.a was {}: it has no `b`",
        .again = "partnerapp fn run x",
    };
    struct err err = {0};

    (void)state;
    fn_fault_describe(&fault, "f.js", BYTES("\nreturn a.b.c\n"), &err);
    assert_string_equal("PA2010", err.code);
    assert_string_equal("TypeError: Cannot read properties of undefined (reading 'c')",
                        err.text);
    assert_string_equal("--> f.js:2:12\n   |\n 2 | return a.b.c\n   |            ^\n"
                        "  = note: event.a was {}: it has no `b`",
                        err.place);
    assert_string_equal("partnerapp fn run x", err.help);
}

static void a_failed_load_has_a_code_of_its_own(void **state)
{
    const struct fn_fault fault = {
        .name = "SyntaxError", .message = "Unexpected token", .is_load = true};
    struct err err = {0};

    (void)state;
    fn_fault_describe(&fault, "f.js", BYTES(""), &err);
    assert_string_equal("PA2001", err.code);
    assert_string_equal("--> f.js", err.place);
}

static void shows_nothing_that_a_terminal_obeys(void **state)
{
    const struct fn_fault fault = {.name = "\033[31mX\n", .message = "a\033[1m\xc2\x9bm"};
    struct err err = {0};

    (void)state;
    fn_fault_describe(&fault, "f.js", BYTES(""), &err);
    assert_string_equal("?[31mX : a?[1m?m", err.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_what_failed),
        cmocka_unit_test(describes_in_the_fixed_order),
        cmocka_unit_test(a_failed_load_has_a_code_of_its_own),
        cmocka_unit_test(shows_nothing_that_a_terminal_obeys),
    };

    return cmocka_run_group_tests_name("fn_fault", tests, NULL, NULL);
}
