/* SPDX-License-Identifier: MIT */

#include "segment/filter.h"

#include "lib/cm.h"

static const struct {
    const char *text;
    const char *why; /* "" when it is a condition */
} cases[] = {
    {"", ""},
    {" \t\r\n", ""},
    {"all", ""},
    {"ALL", ""},
    {"type = \"track\" and contains(event, \"test\")", ""},
    {"a=1", ""},
    {"!a", ""},
    {"! ! a", ""},
    {"a!=-1.5e3", ""},
    {"((a))", ""},
    {"Contains ( a , \"x\" )", ""},
    {"length(lowercase(\"A\")) <= length((a or b))", ""},
    {"properties.a\\.b = null", ""},
    {"properties.total\\ billed > 3", ""},
    {"\\1st = 1", ""},
    {"a.1", ""},
    {"contains = 1", ""}, /* a path, without brackets */
    {"null.x and trueish", ""},
    {"\xc3\xa9t\xc3\xa9 = \"\xe2\x82\xac\"", ""},
    {"a = \"x\\\"y\\u00e9\"", ""},

    {"=", "expected a value at 0"},
    {"a =", "expected a value at 3"},
    {"a = = 1", "expected a value at 4"},
    {"a == 1", "expected a value at 3"},
    {"a and", "expected a value at 5"},
    {"and a", "expected a value at 0"},
    {"a or or b", "expected a value at 5"},
    {"a = or", "expected a value at 4"},
    {"!= 1", "expected a value at 1"},
    {"a b", "expected the end at 2"},
    {"a = 1 = 2", "expected the end at 6"},
    {"a & b", "expected the end at 2"},
    {"a ! b", "expected the end at 2"},
    {"a)", "expected the end at 1"},
    {"(a", "expected ')' at 2"},
    {"()", "expected a value at 1"},
    {"(a b)", "expected ')' at 3"},
    {"contains(a)", "expected ',' at 10"},
    {"contains(a,)", "expected a value at 11"},
    {"contains(a,b,c)", "expected ')' at 12"},
    {"length()", "expected a value at 7"},
    {"length(a = 1)", "expected ')' at 9"},
    {"length(a", "expected ')' at 8"},
    {"size(a)", "expected a function at 0"},
    {"a.b(c)", "expected a function at 0"},
    {"not(a)", "expected a function at 0"},
    {"\"x", "expected a text at 0"},
    {"\"x\\", "expected a text at 0"},
    {"\"x\\q\"", "expected a text at 0"},
    {"\"a\nb\"", "expected a text at 0"},
    {"'x'", ""}, /* a path whose name has quotes in it */
    {"1st", "expected a value at 0"},
    {"01", "expected a value at 0"},
    {"1.", "expected a value at 0"},
    {"-", "expected a value at 0"},
    {"-a", "expected a value at 0"},
    {"+1", ""}, /* a path as well */
    {".5", "expected a path at 0"},
    {"a.", "expected a path at 0"},
    {"a..b = 1", "expected a path at 0"},
    {"a = b\\", "expected a path at 4"},
    {"a = \xff", "expected UTF-8 at 4"},
    {"a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q", "expected a path at 0"},
};

static void conditions_are_told_from_others(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct arena arena;
        char why[128];
        bool is_one;

        arena_init(&arena);
        is_one = filter_parse(bytes_str(cases[i].text), &arena, why) != NULL;
        if (strcmp(why, cases[i].why) != 0 || is_one != (why[0] == '\0'))
            fail_msg("%s: got \"%s\", want \"%s\"", cases[i].text, why, cases[i].why);
        arena_done(&arena);
    }
}

static void a_nul_is_no_end(void **state)
{
    struct arena arena;
    char why[128];

    (void)state;
    arena_init(&arena);
    assert_null(filter_parse(BYTES("\0"), &arena, why));
    assert_string_equal(why, "expected a value at 0");
    assert_null(filter_parse(BYTES("a\0 = 1"), &arena, why));
    assert_string_equal(why, "expected the end at 1");
    arena_done(&arena);
}

/* @n times @open, then "a", then as often @close. */
static bool nested(const char *open, const char *close, int n, char why[128])
{
    struct arena arena;
    struct buf text;
    bool is_one;

    arena_init(&arena);
    buf_init(&text, 100000);
    for (int i = 0; i < n; i++)
        (void)buf_add_text(&text, open);
    (void)buf_add_text(&text, "a");
    for (int i = 0; i < n; i++)
        (void)buf_add_text(&text, close);
    is_one = filter_parse(buf_bytes(&text), &arena, why) != NULL;
    buf_done(&text);
    arena_done(&arena);
    return is_one;
}

static void depth_and_size_are_bounded(void **state)
{
    static const struct {
        const char *open;
        const char *close;
    } forms[] = {{"(", ")"}, {"!", ""}, {"length(", ")"}, {"!(", ")"}};
    char why[128];

    (void)state;
    for (size_t i = 0; i < COUNT(forms); i++) {
        int levels = forms[i].open[0] == '!' && forms[i].open[1] != '\0' ? 2 : 1;

        if (!nested(forms[i].open, forms[i].close, FILTER_MAX_DEPTH / levels, why))
            fail_msg("%s: %s", forms[i].open, why);
        if (nested(forms[i].open, forms[i].close, FILTER_MAX_DEPTH / levels + 1, why))
            fail_msg("%s: one level too many", forms[i].open);
        assert_true(bytes_starts(bytes_str(why), BYTES("nested too deeply at ")));
    }
    assert_true(nested("a or ", " and b", 4998 / 11, why));
    assert_false(nested("a or ", "", 1000, why));
    assert_string_equal(why, "longer than 5000 bytes");
}

static void a_condition_needs_its_text_no_more(void **state)
{
    char text[] = "a = \"x\"";
    struct arena arena;
    struct filter_expr *expr;
    char why[128];

    (void)state;
    arena_init(&arena);
    expr = filter_parse(bytes_str(text), &arena, why);
    assert_non_null(expr);
    memset(text, '?', sizeof(text));
    assert_true(filter_holds(expr, BYTES("{\"a\":\"x\"}")));
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conditions_are_told_from_others),
        cmocka_unit_test(a_nul_is_no_end),
        cmocka_unit_test(depth_and_size_are_bounded),
        cmocka_unit_test(a_condition_needs_its_text_no_more),
    };

    return cmocka_run_group_tests_name("filter_parse", tests, NULL, NULL);
}
