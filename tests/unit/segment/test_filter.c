/* SPDX-License-Identifier: MIT */

#include "segment/filter.h"

#include "lib/cm.h"

#define EVENT                                                                            \
    "{\"type\":\"track\",\"event\":\"Order Completed\",\"userId\":\"u1\",\"n\":3,"       \
    "\"yes\":true,\"no\":false,\"nil\":null,\"empty\":\"\",\"list\":[1, [2,3] ,\"x\"],"  \
    "\"none\":[],\"object\":{\"a\":1},\"a.b\":\"dot\",\"a\":{\"b\":\"deep\"},"           \
    "\"text3\":\"3\",\"\\u00e9\":\"\\u00c9T\\u00c9 \\\"q\\\"\",\"greek\":\""             \
    "\xce\xa3\xce\xa9\",\"cyrillic\":\"\xd0\x81\xd0\x96\",\"emoji\":"                    \
    "\"a\\ud83d\\ude00b\","                                                              \
    "\"twice\":1,\"twice\":2,\"big\":1e400,\"and\":1}"

static const struct {
    const char *text;
    bool want;
} cases[] = {
    /* constants, and what is true */
    {"", true},
    {"all", true},
    {"true", true},
    {"false", false},
    {"null", false},
    {"1", false},
    {"\"true\"", false},
    {"yes", true},
    {"no", false},
    {"n", false},
    {"object", false},
    {"nowhere", false},
    {"!nowhere", true},
    {"!yes", false},
    {"!!yes", true},
    {"!!n", false},

    /* = and != */
    {"type = \"track\"", true},
    {"type=\"Track\"", false},
    {"\"track\" = type", true},
    {"n = 3", true},
    {"n = 3.0", true},
    {"n = 0.3e1", true},
    {"n = \"3\"", false},
    {"n != \"3\"", true},
    {"text3 = 3", false},
    {"text3 = \"3\"", true},
    {"n != 3", false},
    {"yes = true", true},
    {"yes = \"true\"", false},
    {"no = false", true},
    {"no = null", false},
    {"nil = null", true},
    {"nil != null", false},
    {"nowhere = null", true},
    {"nowhere = nil", true},
    {"nowhere.deeper = null", true},
    {"type.deeper = null", true},
    {"type != null", true},
    {"empty = null", false},
    {"empty = \"\"", true},
    {"none = null", false},
    {"list = list", false},
    {"object != object", true},
    {"userId = USERID", false},
    {"big = 1e500", true},

    /* order */
    {"n > 2", true},
    {"n > 3", false},
    {"n >= 3", true},
    {"n >= 3.1", false},
    {"n < 4", true},
    {"n < 3", false},
    {"n <= 3", true},
    {"n <= -3", false},
    {"n > \"2\"", false},
    {"n < \"4\"", false},
    {"text3 > \"2\"", true},
    {"text3 > \"10\"", true},
    {"event < \"P\"", true},
    {"event < \"Order\"", false},
    {"event >= \"Order\"", true},
    {"\"\xc3\xa9\" > \"z\"", true},
    {"nowhere < 1", false},
    {"nowhere >= null", false},
    {"nil <= null", false},
    {"yes > no", false},
    {"list >= list", false},

    /* precedence */
    {"yes or no and no", true},
    {"(yes or no) and no", false},
    {"no and no or yes", true},
    {"no and (no or yes)", false},
    {"!no and yes", true},
    {"!(no or yes)", false},
    {"!n = 4", true}, /* not (n = 4) */
    {"!n = 3", false},
    {"yes AND yes Or no", true},
    {"no or no or no or yes", true},
    {"yes and yes and yes and no", false},
    {"yes and n", false},
    {"(n = 3) = true", true},
    {"(n = 4) = no", true},

    /* paths */
    {"a.b = \"deep\"", true},
    {"a\\.b = \"dot\"", true},
    {"\\t\\ype = \"track\"", true},
    {"\\and = 1", true},
    {"list.0 = null", true},
    {"twice = 2", true},
    {"\xc3\xa9 = \"\xc3\x89T\xc3\x89 \\\"q\\\"\"", true},
    {"\xc3\xa9 = \"\\u00c9T\\u00C9 \\u0022q\\u0022\"", true},

    /* contains */
    {"contains(event, \"Comp\")", true},
    {"contains(event, \"comp\")", false},
    {"contains(event, \"\")", true},
    {"contains(empty, \"\")", true},
    {"contains(empty, \"x\")", false},
    {"contains(event, event)", true},
    {"contains(\"Order\", event)", false},
    {"contains(n, \"3\")", false},
    {"contains(text3, 3)", false},
    {"contains(nowhere, \"x\")", false},
    {"contains(list, \"x\")", false},
    {"contains(\xc3\xa9, \"\xc3\x89 \\\"\")", true},
    {"!contains(event, \"test\")", true},
    {"contains(event, \"Comp\") = true", true},

    /* match */
    {"match(event, \"Order*\")", true},
    {"match(event, \"order*\")", false},
    {"match(event, \"*Completed\")", true},
    {"match(event, \"*er*ed\")", true},
    {"match(event, \"Order\")", false},
    {"match(event, \"*\")", true},
    {"match(event, \"**\")", true},
    {"match(event, \"Order?Completed\")", true},
    {"match(event, \"Order?ompleted\")", false},
    {"match(event, \"*e?\")", true},
    {"match(event, \"*??????????????\")", true},
    {"match(event, \"*????????????????\")", false},
    {"match(empty, \"\")", true},
    {"match(empty, \"*\")", true},
    {"match(empty, \"?\")", false},
    {"match(emoji, \"a?b\")", true},
    {"match(emoji, \"a??b\")", false},
    {"match(emoji, \"*?b\")", true},
    {"match(\"\xc3\xa9\", \"*?\")", true},
    {"match(\"\xc3\xa9\", \"*??\")", false},
    {"match(\"\xe2\x82\xac"
     "bc\", \"*?bc\")",
     true},
    {"match(\"\xe2\x82\xac"
     "bc\", \"*??bc\")",
     false},
    {"match(\"a*c\", \"a[*]c\")", false},
    {"match(\"aab\", \"*ab\")", true},
    {"match(\"abab\", \"*ab*ab*ab\")", false},
    {"match(n, \"*\")", false},
    {"match(event, n)", false},

    /* length */
    {"length(event) = 15", true},
    {"length(empty) = 0", true},
    {"length(emoji) = 3", true},
    {"length(\xc3\xa9) = 7", true},
    {"length(list) = 3", true},
    {"length(none) = 0", true},
    {"length(n) = null", true},
    {"length(object) = null", true},
    {"length(nowhere) = null", true},
    {"length(event) > length(type)", true},

    /* lowercase */
    {"lowercase(event) = \"order completed\"", true},
    {"lowercase(\xc3\xa9) = \"\xc3\xa9t\xc3\xa9 \\\"q\\\"\"", true},
    {"lowercase(greek) = \"\xcf\x83\xcf\x89\"", true},
    {"lowercase(cyrillic) = \"\xd1\x91\xd0\xb6\"", true},
    {"lowercase(\"\xc3\x97[@\") = \"\xc3\x97[@\"", true},
    {"lowercase(lowercase(\"AB\")) = \"ab\"", true},
    {"lowercase(n) = null", true},
    {"LOWERCASE(nowhere) = null", true},
    {"match(lowercase(event), \"*mplete*\")", true},

    /* typeof */
    {"typeof(event) = \"string\"", true},
    {"typeof(n) = \"number\"", true},
    {"typeof(yes) = \"boolean\"", true},
    {"typeof(no) = \"boolean\"", true},
    {"typeof(nil) = \"null\"", true},
    {"typeof(nowhere) = \"null\"", true},
    {"typeof(list) = \"array\"", true},
    {"typeof(object) = \"object\"", true},
    {"typeof(typeof(n)) = \"string\"", true},
    {"typeof((n = 3)) = \"boolean\"", true},
};

static bool holds(const char *text, struct bytes event)
{
    struct arena arena;
    struct filter_expr *expr;
    char why[128];
    bool result;

    arena_init(&arena);
    expr = filter_parse(bytes_str(text), &arena, why);
    if (expr == NULL)
        fail_msg("%s: %s", text, why);
    result = filter_holds(expr, event);
    arena_done(&arena);
    return result;
}

static void conditions_hold_or_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        if (holds(cases[i].text, BYTES(EVENT)) != cases[i].want)
            fail_msg("%s: got %d, want %d", cases[i].text, !cases[i].want, cases[i].want);
    }
}

static void odd_events_are_looked_into(void **state)
{
    (void)state;
    assert_true(holds("a = 1", BYTES("\xef\xbb\xbf { \"a\" : 1 } ")));
    assert_true(holds("a = null", BYTES("[\"a\",1]")));
    assert_true(holds("a = null", BYTES("7")));
    assert_true(holds("length(a) = 2", BYTES("{\"a\": [ {\"b\":[1,2]} , \"]\" ] }")));
    assert_true(holds("a = \"\xef\xbf\xbd\"", BYTES("{\"a\":\"\\ud800\"}")));
    assert_true(holds("a > 9007199254740992", BYTES("{\"a\":9007199254740994}")));
}

/* Exponential or cubic work would show as a test that does not end. */
static void a_hostile_glob_ends(void **state)
{
    struct buf event;
    struct buf text;

    (void)state;
    buf_init(&event, 40000);
    buf_init(&text, 40000);
    (void)buf_add_text(&event, "{\"a\":\"");
    for (int i = 0; i < 30000; i++)
        (void)buf_add_char(&event, 'a');
    (void)buf_add_text(&event, "\"}");
    (void)buf_add_text(&text, "match(a, \"");
    for (int i = 0; i < 1600; i++)
        (void)buf_add_text(&text, "*a?");
    (void)buf_add_text(&text, "b\")");
    assert_false(holds(buf_text(&text), buf_bytes(&event)));
    buf_done(&event);
    buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conditions_hold_or_not),
        cmocka_unit_test(odd_events_are_looked_into),
        cmocka_unit_test(a_hostile_glob_ends),
    };

    return cmocka_run_group_tests_name("filter", tests, NULL, NULL);
}
