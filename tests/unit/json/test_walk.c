/* SPDX-License-Identifier: MIT */

#include "json/walk.h"

#include <stdio.h>

#include "lib/cm.h"

static void a_value_is_taken_whole(void **state)
{
    static const struct {
        const char *text;
        const char *value;
        const char *rest;
    } cases[] = {
        {"1.5e-3,2", "1.5e-3", ",2"},
        {"true]", "true", "]"},
        {"\"a\\\"]\" ,", "\"a\\\"]\"", " ,"},
        {"{\"a\":[{},\"}\"]} x", "{\"a\":[{},\"}\"]}", " x"},
        {"[ 1 , [ ] ]]", "[ 1 , [ ] ]", "]"},
        {"\"\xe2\x82\xac\\\\\"}", "\"\xe2\x82\xac\\\\\"", "}"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bytes rest = bytes_str(cases[i].text);
        struct bytes value = walk_value(&rest);

        if (!bytes_eq(value, bytes_str(cases[i].value)) ||
            !bytes_eq(rest, bytes_str(cases[i].rest)))
            fail_msg("%s: got %.*s and %.*s", cases[i].text, BYTES_FMT(value),
                     BYTES_FMT(rest));
    }
}

static void check_points(const char *inside, const uint32_t *points, size_t n_points)
{
    struct bytes rest = bytes_str(inside);

    for (size_t i = 0; rest.len > 0; i++) {
        uint32_t got = walk_point(&rest);

        if (i == n_points || got != points[i])
            fail_msg("%s: got U+%04X as number %zu", inside, got, i);
    }
}

static void points_are_what_a_string_means(void **state)
{
    static const struct {
        const char *inside;
        uint32_t points[4];
    } cases[] = {
        {"a\\n\\/", {'a', '\n', '/'}},
        {"\\u0061\\u00E9\xc3\xa9", {'a', 0xe9, 0xe9}},
        {"\\ud83d\\ude00", {0x1f600}},
        {"\\uD83DX", {0xd83d, 'X'}},
        {"\\ud83d\\ud83d\\ude00", {0xd83d, 0x1f600}},
        {"\\ude00\\ud83d\\n", {0xde00, 0xd83d, '\n'}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check_points(cases[i].inside, cases[i].points, COUNT(cases[i].points));
}

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

static void order_is_of_meaning(void **state)
{
    static const struct {
        const char *a;
        const char *b;
        int want;
    } cases[] = {
        {"", "", 0},
        {"a", "b", -1},
        {"ab", "a", 1},
        {"\\u0061b", "ab", 0},
        {"a\\u0062", "ab", 0},
        {"\\u00e9", "\xc3\xa9", 0},
        {"\xc3\xa9", "\\u00e8", 1},
        {"\\ud83d\\ude00", "\xf0\x9f\x98\x80", 0},
        {"\\ud800", "\\ud801", -1},
        {"\\/", "/", 0},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\\u00e9x",
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xc3\xa9x", 0},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaax",
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaay", -1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bytes a = bytes_str(cases[i].a);
        struct bytes b = bytes_str(cases[i].b);

        if (sign(walk_order(a, b)) != cases[i].want ||
            sign(walk_order(b, a)) != -cases[i].want)
            fail_msg("%s and %s: got %d, want %d", cases[i].a, cases[i].b,
                     walk_order(a, b), cases[i].want);
    }
}

static void an_inside_means_one_text(void **state)
{
    (void)state;
    assert_true(walk_means(BYTES("userId"), BYTES("userId")));
    assert_true(walk_means(BYTES("user\\u0049d"), BYTES("userId")));
    assert_false(walk_means(BYTES("user\\u0049"), BYTES("userId")));
    assert_false(walk_means(BYTES("user\\u0049d2"), BYTES("userId")));
    assert_false(walk_means(BYTES("a\\\\b"), BYTES("a\\\\b")));
    assert_true(walk_means(BYTES("a\\\\b"), BYTES("a\\b")));
}

static void members_are_taken_in_order(void **state)
{
    static const struct {
        const char *why;
        const char *text;
        const char *want;
    } cases[] = {
        {"no member", "{}", ""},
        {"white space alone", " { \n } ", ""},
        {"one", "{\"a\":1}", "a=1;"},
        {"white space everywhere", " { \"a\" : 1 , \"b\" : [ 2 ] } ",
         "a=1;b=[ 2 ] (spaced);"},
        {"values that hold members", "{\"a\":{\"x\":{}},\"b\":\"}\"}",
         "a={\"x\":{}};b=\"}\";"},
        {"a byte order mark", "\xef\xbb\xbf{\"a\":null}", "a=null;"},
        {"the same key twice", "{\"a\":1,\"a\":2}", "a=1;a=2;"},
        {"space inside a text is none between parts", "{\"a\":[\" \"]}", "a=[\" \"];"},
        {"space deep inside", "{\"a\":{\"b\":[1,\n2]}}", "a={\"b\":[1,\n2]} (spaced);"},
        {"escapes stay", "{\"\\\"a\":\"\\\\\"}", "\\\"a=\"\\\\\";"},
        {"what stands after the object is not looked at", "{\"a\":1},\"b\":2", "a=1;"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bytes rest = bytes_str(cases[i].text);
        struct walk_member member;
        char got[64] = "";
        size_t len = 0;

        while (walk_member(&rest, &member))
            len += (size_t)snprintf(got + len, sizeof(got) - len, "%.*s=%.*s%s;",
                                    BYTES_FMT(member.key), BYTES_FMT(member.value),
                                    member.is_spaced ? " (spaced)" : "");
        if (strcmp(got, cases[i].want) != 0)
            fail_msg("%s: got %s, want %s", cases[i].why, got, cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_is_taken_whole),
        cmocka_unit_test(members_are_taken_in_order),
        cmocka_unit_test(points_are_what_a_string_means),
        cmocka_unit_test(order_is_of_meaning),
        cmocka_unit_test(an_inside_means_one_text),
    };

    return cmocka_run_group_tests_name("walk", tests, NULL, NULL);
}
