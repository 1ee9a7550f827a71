/* SPDX-License-Identifier: MIT */

#include "json/scan.h"

#include "lib/cm.h"

#define EVENT                                                                            \
    "{ \"a\": {\"b\": [10, {\"c\": \"x\\ty\"}, [] ], \"\": 0}, \"a.b\": 1, "             \
    "\"d\\u0065\": true, \"twice\": 1, \"twice\": [2] }"

static void a_path_leads_to_its_value(void **state)
{
    static const struct {
        const char *why;
        const char *path;
        const char *want; /* NULL: there is none */
    } cases[] = {
        {"a member", "a.b", "[10, {\"c\": \"x\\ty\"}, [] ]"},
        {"an element", "a.b.0", "10"},
        {"a member of an element", "a.b.1.c", "\"x\\ty\""},
        {"the last element", "a.b.2", "[]"},
        {"past the last element", "a.b.3", NULL},
        {"an empty array has none", "a.b.2.0", NULL},
        {"a negative index", "a.b.-1", NULL},
        {"a word as index", "a.b.x", NULL},
        {"into a number", "a.b.0.x", NULL},
        {"into a string", "a.b.1.c.0", NULL},
        {"no such member", "b", NULL},
        {"a key written with an escape", "de", "true"},
        {"the last of two", "twice", "[2]"},
        {"into the last of two", "twice.0", "2"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct scan_span found = {0};
        bool ok = scan_find(BYTES(EVENT), bytes_str(cases[i].path), &found);

        if (ok != (cases[i].want != NULL) ||
            (ok && !bytes_eq(found.text, bytes_str(cases[i].want))))
            fail_msg("%s: got %.*s, want %s", cases[i].why, BYTES_FMT(found.text),
                     cases[i].want != NULL ? cases[i].want : "none");
    }
}

static void what_is_found_has_kind_and_escape(void **state)
{
    struct scan_span found;

    (void)state;
    assert_true(scan_find(BYTES(EVENT), BYTES("a.b.1.c"), &found));
    assert_int_equal(found.kind, SCAN_STRING);
    assert_true(found.has_escape);
    assert_true(scan_find(BYTES(EVENT), BYTES("a.b"), &found));
    assert_int_equal(found.kind, SCAN_ARRAY);
    assert_false(found.has_escape);
    assert_true(scan_find(BYTES("\xef\xbb\xbf [1] "), BYTES(""), &found));
    assert_true(bytes_eq(found.text, BYTES("[1]")));
}

static void unescaping_gives_the_meaning(void **state)
{
    static const struct {
        const char *inside;
        const char *want;
    } cases[] = {
        {"", ""},
        {"plain \xe2\x98\x83", "plain \xe2\x98\x83"},
        {"\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t"},
        {"\\u0041\\u00e9\\u20AC", "A\xc3\xa9\xe2\x82\xac"},
        {"\\ud83d\\ude00!", "\xf0\x9f\x98\x80!"},
        {"\\ud83d!", "\xef\xbf\xbd!"},
        {"\\udc00\\ud800", "\xef\xbf\xbd\xef\xbf\xbd"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf text;

        buf_init(&text, 100);
        assert_int_equal(scan_unescape(bytes_str(cases[i].inside), &text), 0);
        if (!bytes_eq(buf_bytes(&text), bytes_str(cases[i].want)))
            fail_msg("%s: got %s, want %s", cases[i].inside, buf_text(&text),
                     cases[i].want);
        buf_done(&text);
    }
}

static void unescaping_stops_at_the_maximum(void **state)
{
    struct buf text;

    (void)state;
    buf_init(&text, 4);
    assert_int_equal(scan_unescape(BYTES("abcde"), &text), BUF_FULL);
    buf_clear(&text);
    assert_int_equal(scan_unescape(BYTES("abc\\u20ac"), &text), BUF_FULL);
    assert_true(text.len <= 4);
    buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_leads_to_its_value),
        cmocka_unit_test(what_is_found_has_kind_and_escape),
        cmocka_unit_test(unescaping_gives_the_meaning),
        cmocka_unit_test(unescaping_stops_at_the_maximum),
    };

    return cmocka_run_group_tests_name("scan_find", tests, NULL, NULL);
}
