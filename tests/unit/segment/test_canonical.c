/* SPDX-License-Identifier: MIT */

#include "segment/canonical.h"

#include "lib/cm.h"
#include "json/scan.h"

/* node -e 'console.log(JSON.stringify(JSON.parse(process.argv[1])))' TEXT */
static const struct {
    const char *why;
    const char *text;
    const char *want;
} cases[] = {
    {"space goes", " { \"a\" : [ 1 , 2 ] ,\n\t\"b\" : { } }\r\n",
     "{\"a\":[1,2],\"b\":{}}"},
    {"space in strings stays", "[\" a : , \"]", "[\" a : , \"]"},
    {"scalars", "[true,false,null]", "[true,false,null]"},
    {"a scalar alone", " \"x\" ", "\"x\""},
    {"members stay in order", "{\"b\":1,\"a\":2,\"\":3}", "{\"b\":1,\"a\":2,\"\":3}"},
    {"indexes come first, by number", "{\"b\":0,\"10\":1,\"a\":2,\"9\":3,\"0\":4}",
     "{\"0\":4,\"9\":3,\"10\":1,\"b\":0,\"a\":2}"},
    {"what only looks like an index",
     "{\"01\":1,\"-1\":2,\"1.5\":3,\"4294967295\":4,\"99999999999\":5,\" 1\":6,\"\":7,"
     "\"00\":8}",
     "{\"01\":1,\"-1\":2,\"1.5\":3,\"4294967295\":4,\"99999999999\":5,\" 1\":6,\"\":7,"
     "\"00\":8}"},
    {"the largest index", "{\"a\":1,\"4294967294\":2}", "{\"4294967294\":2,\"a\":1}"},
    {"an index written with escapes", "{\"a\":1,\"\\u0031\\u0030\":2,\"9\":3}",
     "{\"9\":3,\"10\":2,\"a\":1}"},
    {"of duplicates the last value at the first place",
     "{\"a\":1,\"b\":2,\"a\":{\"x\":[3]}}", "{\"a\":{\"x\":[3]},\"b\":2}"},
    {"duplicate indexes", "{\"1\":1,\"0\":2,\"1\":3}", "{\"0\":2,\"1\":3}"},
    {"the same key in two spellings", "{\"\\u00e9\":1,\"b\":2,\"\xc3\xa9\":3}",
     "{\"\xc3\xa9\":3,\"b\":2}"},
    {"lone surrogates are different keys", "{\"\\ud800\":1,\"\\ud801\":2,\"\\uD800\":3}",
     "{\"\\ud800\":3,\"\\ud801\":2}"},
    {"more than a few members with one twice",
     "{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,\"h\":8,\"i\":9,\"a\":10}",
     "{\"a\":10,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,\"h\":8,\"i\":9}"},
    {"odd objects inside odd objects",
     "{\"a\":{\"y\":1,\"1\":[{\"x\":2,\"0\":{}}],\"y\":3},\"7\":[],\"b\":0}",
     "{\"7\":[],\"a\":{\"1\":[{\"0\":{},\"x\":2}],\"y\":3},\"b\":0}"},
    {"a dropped duplicate that was odd itself", "{\"a\":{\"1\":1,\"0\":0},\"a\":2}",
     "{\"a\":2}"},
    {"an odd object, then more", "[{\"a\":1,\"0\":2},3,{\"a\":1,\"0\":2}]",
     "[{\"0\":2,\"a\":1},3,{\"0\":2,\"a\":1}]"},
    {"no member is special", "{\"a\":1,\"__proto__\":2,\"__proto__\":3}",
     "{\"a\":1,\"__proto__\":3}"},
    {"numbers", "[1.0,-0,1e20,1e21,0.000001,1e-7,5e-324,1.7976931348623157e+308,1e400]",
     "[1,0,100000000000000000000,1e+21,0.000001,1e-7,5e-324,1.7976931348623157e+308,"
     "null]"},
    {"escapes that stay", "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001F\"",
     "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\""},
    {"escapes that go", "\"\\/\\u007f\\u2028\\u00e9\\u0041\\ud83d\\ude00\"",
     "\"/\x7f\xe2\x80\xa8\xc3\xa9"
     "A\xf0\x9f\x98\x80\""},
    {"escapes that get short", "\"\\u0022\\u005C\\u000a\"", "\"\\\"\\\\\\n\""},
    {"a lone surrogate in lower case", "\"\\uD83Dx\\uDE00\"", "\"\\ud83dx\\ude00\""},
    {"the dossier's vector",
     "{\"b\":1.0,\"2\":\"x\",\"1\":\"y\",\"u\":\"\\u2028\\/\xc3\xa9\"}",
     "{\"1\":\"y\",\"2\":\"x\",\"b\":1,\"u\":\"\xe2\x80\xa8/\xc3\xa9\"}"},
    {"a byte order mark goes", "\xef\xbb\xbf[1]", "[1]"},
};

static bool is_json(struct bytes text)
{
    struct scan_span root;
    struct scan_fault fault;

    return scan_json(text, NULL, &root, &fault);
}

static void it_prints_what_javascript_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf text;

        assert_true(is_json(bytes_str(cases[i].text)));
        buf_init(&text, 1000);
        assert_true(canonical_print(bytes_str(cases[i].text), &text));
        if (strcmp(buf_text(&text), cases[i].want) != 0)
            fail_msg("%s: got %s, want %s", cases[i].why, buf_text(&text), cases[i].want);
        buf_done(&text);
    }
}

static void it_stops_at_the_maximum(void **state)
{
    struct buf text;

    (void)state;
    buf_init(&text, 21);
    assert_false(canonical_print(BYTES("[1e20]"), &text));
    buf_clear(&text);
    assert_true(canonical_print(BYTES("1e20"), &text));
    buf_done(&text);
}

static void add(struct buf *text, const char *piece, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_int_equal(buf_add_text(text, piece), 0);
}

/* Copying each level into the one above would cost depth times size here. */
static void depth_costs_no_more_than_size(void **state)
{
    struct buf text;
    struct buf canonical;

    (void)state;
    buf_init(&text, 1 << 23);
    buf_init(&canonical, 1 << 23);
    add(&text, "{\"a\":1,\"1\":", SCAN_DEPTH - 1);
    add(&text, "[1", 1);
    add(&text, ",1", 1000000);
    add(&text, "]", 1);
    add(&text, "}", SCAN_DEPTH - 1);
    assert_true(is_json(buf_bytes(&text)));
    assert_true(canonical_print(buf_bytes(&text), &canonical));
    assert_int_equal(canonical.len, text.len);
    assert_true(bytes_starts(buf_bytes(&canonical), BYTES("{\"1\":{\"1\":")));
    assert_true(bytes_ends(buf_bytes(&canonical), BYTES(",\"a\":1},\"a\":1}")));
    buf_done(&text);
    buf_done(&canonical);
}

static void many_members_are_sorted_not_searched(void **state)
{
    struct buf text;
    struct buf canonical;

    (void)state;
    buf_init(&text, 1 << 23);
    buf_init(&canonical, 1 << 23);
    add(&text, "{", 1);
    for (int i = 100000; i > 0; i--)
        assert_int_equal(buf_addf(&text, "\"%d\":0,\"k%d\":1,\"k\":2,", i, i), 0);
    add(&text, "\"0\":3}", 1);
    assert_true(canonical_print(buf_bytes(&text), &canonical));
    assert_true(bytes_starts(buf_bytes(&canonical), BYTES("{\"0\":3,\"1\":0,\"2\":0,")));
    assert_true(bytes_ends(buf_bytes(&canonical), BYTES(",\"k2\":1,\"k1\":1}")));
    buf_done(&text);
    buf_done(&canonical);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_prints_what_javascript_does),
        cmocka_unit_test(it_stops_at_the_maximum),
        cmocka_unit_test(depth_costs_no_more_than_size),
        cmocka_unit_test(many_members_are_sorted_not_searched),
    };

    return cmocka_run_group_tests_name("canonical", tests, NULL, NULL);
}
