/* SPDX-License-Identifier: MIT */

#include "net/field.h"

#include <string.h>

#include "lib/cm.h"

static const struct {
    const char *why;
    struct bytes name;
    struct bytes value;
    enum field_verdict want;
} cases[] = {
    {"a usual field", BYTES("X-Api-Key"), BYTES("abc"), FIELD_FINE},
    {"an empty value", BYTES("X"), BYTES(""), FIELD_FINE},
    {"tabs and high bytes are values", BYTES("X"), BYTES("a\tb\xc3\xa9"), FIELD_FINE},
    {"every mark a name may have", BYTES("!#$%&'*+-.^_`|~09azAZ"), BYTES("v"),
     FIELD_FINE},
    {"no name", BYTES(""), BYTES("v"), FIELD_REFUSED},
    {"a space in the name", BYTES("X Y"), BYTES("v"), FIELD_REFUSED},
    {"a colon in the name", BYTES("X:"), BYTES("v"), FIELD_REFUSED},
    {"a NUL in the name", BYTES("X\0"), BYTES("v"), FIELD_REFUSED},
    {"a high byte in the name", BYTES("X\xc3"), BYTES("v"), FIELD_REFUSED},
    {"an at sign, beside the letters", BYTES("@"), BYTES("v"), FIELD_REFUSED},
    {"a bracket, beside the letters", BYTES("["), BYTES("v"), FIELD_REFUSED},
    {"a CR in the value", BYTES("X"), BYTES("a\rb"), FIELD_REFUSED},
    {"an LF in the value", BYTES("X"), BYTES("a\nb"), FIELD_REFUSED},
    {"a NUL in the value", BYTES("X"), BYTES("a\0b"), FIELD_REFUSED},
    {"the length is ours", BYTES("Content-Length"), BYTES("1"), FIELD_OURS},
    {"in any case", BYTES("tRANSFER-eNCODING"), BYTES("chunked"), FIELD_OURS},
    {"the host is ours", BYTES("host"), BYTES("a.example"), FIELD_OURS},
    {"but injection is still refused", BYTES("host"), BYTES("a\r\n"), FIELD_REFUSED},
};

static void judges_every_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        enum field_verdict got = field_judge(cases[i].name, cases[i].value);

        if (got != cases[i].want)
            fail_msg("%s: got %d, want %d", cases[i].why, (int)got, (int)cases[i].want);
    }
}

static const struct client_header headers[] = {
    {BYTES("Authorization"), BYTES("Bearer x")},
    {BYTES("Connection"), BYTES("close")},
    {BYTES("X-Padded"), BYTES("  v \t")},
    {BYTES("X-Empty"), BYTES(" ")},
    {BYTES("cookie"), BYTES("a=b")},
};

static const char agent[] = "User-Agent: partnerapp/" PARTNERAPP_VERSION;

static void check_lines(struct field_lines *lines, const char *const *want, size_t n_want)
{
    assert_int_equal(n_want, lines->n_lines);
    for (size_t i = 0; i < n_want; i++)
        assert_string_equal(want[i], lines->lines[i]);
}

static void makes_the_lines_that_go_out(void **state)
{
    static const char *const all[] = {"Authorization: Bearer x",
                                      "X-Padded: v",
                                      "X-Empty;",
                                      "cookie: a=b",
                                      agent,
                                      "Content-Type:"};
    static const char *const foreign[] = {"X-Padded: v", "X-Empty;", agent,
                                          "Content-Type:"};
    static const char *const more[] = {
        "X-Padded: v",   "X-Empty;", agent,
        "Content-Type:", "Expect:",  "Connection: Keep-Alive"};
    struct field_lines lines;

    (void)state;
    field_lines_init(&lines);
    assert_true(
        field_lines_set(&lines, headers, COUNT(headers), /* is_foreign= */ false));
    check_lines(&lines, all, COUNT(all));
    assert_true(field_lines_set(&lines, headers, COUNT(headers), /* is_foreign= */ true));
    check_lines(&lines, foreign, COUNT(foreign));
    field_lines_add_no_wait(&lines, 1000);
    field_lines_add_no_wait(&lines, 1000000);
    field_lines_add_keep_alive(&lines);
    check_lines(&lines, more, COUNT(more));
    field_lines_done(&lines);
    field_lines_done(&lines);
}

static void a_type_and_an_agent_that_are_given_stay(void **state)
{
    static const struct client_header given[] = {
        {BYTES("content-TYPE"), BYTES("text/plain")}, {BYTES("user-AGENT"), BYTES("me")}};
    static const char *const want[] = {"content-TYPE: text/plain", "user-AGENT: me"};
    struct field_lines lines;

    (void)state;
    field_lines_init(&lines);
    assert_true(field_lines_set(&lines, given, COUNT(given), /* is_foreign= */ false));
    check_lines(&lines, want, COUNT(want));
    field_lines_done(&lines);
}

static void too_much_is_refused_with_a_sentence(void **state)
{
    char *large = calloc(1, 200000);
    struct client_header header = {BYTES("X"), {large, 200000}};
    struct field_lines lines;

    (void)state;
    memset(large, 'x', 200000);
    field_lines_init(&lines);
    assert_false(field_lines_set(&lines, &header, 1, /* is_foreign= */ false));
    assert_non_null(strstr(lines.error, "more than"));
    field_lines_done(&lines);
    free(large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_every_case),
        cmocka_unit_test(makes_the_lines_that_go_out),
        cmocka_unit_test(a_type_and_an_agent_that_are_given_stay),
        cmocka_unit_test(too_much_is_refused_with_a_sentence),
    };

    return cmocka_run_group_tests_name("field", tests, NULL, NULL);
}
