/* SPDX-License-Identifier: MIT */

#include "json/relaxed.h"

#include "lib/cm.h"
#include "json/scan.h"

static const struct {
    const char *why;
    struct bytes text;
    const char *want; /* NULL: refused */
} cases[] = {
    {"single quotes", BYTES("{'destination': {'enabled': 'true'}}"),
     "{\"destination\": {\"enabled\": \"true\"}}"},
    {"bare keys", BYTES("{source: {name: 'workspaces/w/sources/js'}}"),
     "{\"source\": {\"name\": \"workspaces/w/sources/js\"}}"},
    {"trailing commas", BYTES("{\"a\":[1,2,],}"), "{\"a\":[1,2]}"},
    {"trailing commas and space", BYTES("{\"a\":[1 , ] , }"), "{\"a\":[1  ]  }"},
    {"one brace too few", BYTES("{'a':{'b':1}"), "{\"a\":{\"b\":1}}"},
    {"brackets of both kinds", BYTES("[{a:[1,{\"b\":'c'"), "[{\"a\":[1,{\"b\":\"c\"}]}]"},
    {"a comma where it ends too early", BYTES("{'a':1, "), "{\"a\":1 }"},
    {"the nested mask of the samples",
     BYTES("{'destination': {'enabled': 'true', 'update_mask': {'paths': "
           "['destination.enabled']}}"),
     "{\"destination\": {\"enabled\": \"true\", \"update_mask\": {\"paths\": "
     "[\"destination.enabled\"]}}}"},
    {"a double quote in single ones", BYTES("{'a':'say \"x\"'}"),
     "{\"a\":\"say \\\"x\\\"\"}"},
    {"an escaped double quote in single ones", BYTES("['\\\"']"), "[\"\\\"\"]"},
    {"an escaped single quote", BYTES("{'a':'it\\'s'}"), "{\"a\":\"it's\"}"},
    {"an escaped backslash at the end", BYTES("['a\\\\']"), "[\"a\\\\\"]"},
    {"other escapes stay", BYTES("['\\n\\u0041']"), "[\"\\n\\u0041\"]"},
    {"commas and brackets in strings", BYTES("[',]}',\",}\"]"), "[\",]}\",\",}\"]"},
    {"single quotes in double ones", BYTES("[\"it's\",]"), "[\"it's\"]"},
    {"empty strings", BYTES("{'':''}"), "{\"\":\"\"}"},
    {"words and numbers", BYTES("{a:true,b_2:null,$c:-1.5e-3,d:false,}"),
     "{\"a\":true,\"b_2\":null,\"$c\":-1.5e-3,\"d\":false}"},
    {"words as keys", BYTES("{true:1,null:2}"), "{\"true\":1,\"null\":2}"},
    {"a number as key", BYTES("{1:2}"), "{\"1\":2}"},
    {"a text alone", BYTES("'a'"), "\"a\""},
    {"an open bracket alone", BYTES("{"), "{}"},
    {"after a byte order mark", BYTES("\xef\xbb\xbf['a']"), "\xef\xbb\xbf[\"a\"]"},
    {"more than ASCII", BYTES("['\xc3\xa9']"), "[\"\xc3\xa9\"]"},
    {"strict, byte for byte", BYTES(" { \"a\" : [ 1.0 , \"\\u0041'\" ] }\r\n"),
     " { \"a\" : [ 1.0 , \"\\u0041'\" ] }\r\n"},
    {"strict, with a mark", BYTES("\xef\xbb\xbf{}"), "\xef\xbb\xbf{}"},
    {"a number alone", BYTES("1"), "1"},
    {"nothing", BYTES(""), NULL},
    {"nothing but space", BYTES(" \n"), NULL},
    {"a word", BYTES("hello"), NULL},
    {"a form", BYTES("enabled=true&name=x"), NULL},
    {"a word as value", BYTES("{a:hello}"), NULL},
    {"a word as element", BYTES("[hello]"), NULL},
    {"a string without end", BYTES("{'a':'b"), NULL},
    {"a string without end in double quotes", BYTES("{'a':\"b}"), NULL},
    {"a string that ends in a backslash", BYTES("['a\\"), NULL},
    {"a string that ends in an escaped quote", BYTES("['a\\'"), NULL},
    {"an apostrophe not escaped", BYTES("{'a':'it's'}"), NULL},
    {"an escape that is none", BYTES("['\\x41']"), NULL},
    {"an escaped apostrophe in double quotes", BYTES("[\"it\\'s\"]"), NULL},
    {"one brace too many", BYTES("{'a':1}}"), NULL},
    {"brackets that cross", BYTES("{'a':[1}"), NULL},
    {"a comma alone", BYTES("[,]"), NULL},
    {"a comma alone in braces", BYTES("{,}"), NULL},
    {"two commas", BYTES("[1,,2]"), NULL},
    {"two commas at the end", BYTES("[1,,]"), NULL},
    {"a comma outside", BYTES("[1],"), NULL},
    {"a key without value", BYTES("{'a':"), NULL},
    {"a key without colon", BYTES("{'a'"), NULL},
    {"a key of two words", BYTES("{a b:1}"), NULL},
    {"a key with a dash", BYTES("{a-b:1}"), NULL},
    {"two values", BYTES("{'a':1}{'b':2}"), NULL},
    {"a remark", BYTES("{'a':1} // x"), NULL},
    {"a line break in a string", BYTES("['a\nb']"), NULL},
    {"a NUL in a string", BYTES("['a\0b']"), NULL},
    {"a NUL outside", BYTES("['a'\0]"), NULL},
    {"not UTF-8", BYTES("['\xff']"), NULL},
};

static void what_people_type_becomes_strict_or_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        cleanup(buf_done) struct buf got = {.max_bytes = 1000};
        const char *want = cases[i].want != NULL ? cases[i].want : "";
        bool ok = relaxed_print(cases[i].text, &got);

        if (ok != (cases[i].want != NULL) || strcmp(buf_text(&got), want) != 0)
            fail_msg("%s: got %d %s, want %s", cases[i].why, ok, buf_text(&got), want);
    }
}

static void it_is_added_whole_or_not_at_all(void **state)
{
    cleanup(buf_done) struct buf got = {.max_bytes = 12};

    (void)state;
    (void)buf_add_text(&got, "text:");
    assert_false(relaxed_print(BYTES("['abcd']"), &got));
    assert_false(relaxed_print(BYTES("[\"abcd\"]"), &got));
    assert_false(relaxed_print(BYTES("['a', x"), &got));
    assert_string_equal(buf_text(&got), "text:");
    assert_true(relaxed_print(BYTES("['abc'"), &got));
    assert_string_equal(buf_text(&got), "text:[\"abc\"]");
}

static bool print_nested(size_t depth)
{
    cleanup(buf_done) struct buf text = {.max_bytes = 10000};
    cleanup(buf_done) struct buf got = {.max_bytes = 10000};
    bool ok;

    for (size_t i = 0; i < depth; i++)
        (void)buf_add_text(&text, i % 2 == 0 ? "[" : "{a:");
    (void)buf_add_text(&text, "'x'");
    ok = relaxed_print(buf_bytes(&text), &got);
    if (ok)
        assert_int_equal(got.len, depth / 2 * 8 + depth % 2 * 2 + 3);
    return ok;
}

static void depth_is_that_of_scan(void **state)
{
    (void)state;
    assert_true(print_nested(SCAN_DEPTH));
    assert_true(print_nested(65));
    assert_false(print_nested(SCAN_DEPTH + 1));
    assert_false(print_nested(SCAN_DEPTH + 1000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_people_type_becomes_strict_or_is_refused),
        cmocka_unit_test(it_is_added_whole_or_not_at_all),
        cmocka_unit_test(depth_is_that_of_scan),
    };

    return cmocka_run_group_tests_name("relaxed", tests, NULL, NULL);
}
