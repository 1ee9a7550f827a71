/* SPDX-License-Identifier: MIT */

#include "json/json.h"

#include <stdio.h>

#include "base/err.h"
#include "lib/cm.h"

static struct json *parse(const char *text)
{
    struct json *json = NULL;
    struct err err = {0};

    if (json_parse(bytes_str(text), &json, &err) < 0)
        fail_msg("%s: %s", text, err.text);
    return json;
}

static void parts_are_found_by_kind(void **state)
{
    cleanup(json_freep) struct json *json =
        parse("{\"s\":\"a\\u0000\\u00e9\",\"i\":-7,\"r\":2.5,\"t\":true,\"n\":null,"
              "\"big\":18446744073709551615,\"a\":[1,{\"x\":[\"deep\"]}],\"e\":1e3}");

    (void)state;
    assert_int_equal(json_kind(json), JSON_OBJECT);
    assert_int_equal(json_count(json), 8);
    assert_true(bytes_eq(json_string(json_get(json, "s")), BYTES("a\0\xc3\xa9")));
    assert_int_equal(json_i64(json_get(json, "i")), -7);
    assert_int_equal(json_kind(json_get(json, "r")), JSON_REAL);
    assert_true(json_double(json_get(json, "r")) == 2.5);
    assert_int_equal(json_i64(json_get(json, "r")), 2);
    assert_int_equal(json_i64(json_get(json, "e")), 1000);
    assert_true(json_bool(json_get(json, "t")));
    assert_int_equal(json_kind(json_get(json, "n")), JSON_NULL);
    assert_int_equal(json_kind(json_get(json, "big")), JSON_REAL);
    assert_int_equal(json_i64(json_get(json, "big")), 0);
    assert_true(bytes_eq(json_string(json_path(json, "a.1.x.0")), BYTES("deep")));
}

static void what_is_missing_is_empty(void **state)
{
    cleanup(json_freep) struct json *json = parse("{\"a\":[1],\"s\":\"5\"}");

    (void)state;
    assert_int_equal(json_kind(NULL), JSON_MISSING);
    assert_null(json_get(json_get(json, "x"), "y"));
    assert_null(json_get(json_get(json, "a"), "0"));
    assert_null(json_at(json_get(json, "a"), 1));
    assert_null(json_at(json, 0));
    assert_null(json_path(json, "a.x"));
    assert_null(json_path(json, "s.0"));
    assert_int_equal(json_i64(json_get(json, "s")), 0);
    assert_int_equal(json_string(json_get(json, "a")).len, 0);
    assert_false(json_bool(json_get(json, "s")));
    assert_int_equal(json_count(NULL), 0);
}

static void bad_text_fails_with_its_place(void **state)
{
    struct json *json = NULL;
    struct err err = {0};

    (void)state;
    assert_int_equal(json_parse(BYTES("{\n \"\xc3\xa9\": x}"), &json, &err), -1);
    assert_string_equal(err.text, "line 2, column 7: value expected");
    assert_null(json);
}

static void print(const struct json *json, bool indented, const char *want)
{
    struct buf text;

    buf_init(&text, 1 << 16);
    assert_int_equal(json_print(json, indented, &text), 0);
    assert_string_equal(buf_text(&text), want);
    buf_done(&text);
}

static void printing_keeps_numbers_and_order(void **state)
{
    static const char *const texts[] = {
        "{\"b\":1.0,\"a\":0.1,\"1\":18446744073709551615,\"e\":1E400}",
        "[null,true,false,\"\\n\xc3\xa9\",[],{}]",
        "-0",
        "\"a\"",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        cleanup(json_freep) struct json *json = parse(texts[i]);

        print(json, false, texts[i]);
    }
}

static void indenting_is_by_two(void **state)
{
    cleanup(json_freep) struct json *json = parse("{\"a\":[1,{}],\"b\":{\"c\":[]}}");

    (void)state;
    print(json, true,
          "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": {\n    \"c\": []\n  }\n}");
}

static void printing_stops_at_the_maximum(void **state)
{
    cleanup(json_freep) struct json *json = parse("[\"0123456789\"]");
    struct buf text;

    (void)state;
    buf_init(&text, 8);
    assert_int_equal(json_print(json, false, &text), BUF_FULL);
    buf_done(&text);
}

static void of_duplicates_the_last_wins(void **state)
{
    cleanup(json_freep) struct json *few =
        parse("{\"a\":1,\"b\":{\"x\":1},\"\\u0061\":[2],\"c\":3,\"b\":4,\"a\":5}");
    cleanup(json_freep) struct json *many = NULL;
    struct buf text;

    (void)state;
    print(few, false, "{\"a\":5,\"b\":4,\"c\":3}");
    assert_int_equal(json_count(few), 3);
    buf_init(&text, 1 << 22);
    (void)buf_add_char(&text, '{');
    for (int i = 0; i < 100000; i++)
        assert_int_equal(buf_addf(&text, "\"k%d\":%d,", i % 3, i), 0);
    (void)buf_add_text(&text, "\"z\":0}");
    many = parse(buf_text(&text));
    print(many, false, "{\"k0\":99999,\"k1\":99997,\"k2\":99998,\"z\":0}");
    buf_done(&text);
}

static void members_are_walked_in_order(void **state)
{
    cleanup(json_freep) struct json *json = parse("{\"b\":1,\"a\":2}");
    const struct json *value;
    const char *key;
    void *cursor = NULL;

    (void)state;
    assert_true(json_next(json, &cursor, &key, &value));
    assert_string_equal(key, "b");
    assert_int_equal(json_i64(value), 1);
    assert_true(json_next(json, &cursor, &key, &value));
    assert_string_equal(key, "a");
    assert_false(json_next(json, &cursor, &key, &value));
    cursor = NULL;
    assert_false(json_next(json_get(json, "a"), &cursor, &key, &value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_found_by_kind),
        cmocka_unit_test(what_is_missing_is_empty),
        cmocka_unit_test(bad_text_fails_with_its_place),
        cmocka_unit_test(printing_keeps_numbers_and_order),
        cmocka_unit_test(indenting_is_by_two),
        cmocka_unit_test(printing_stops_at_the_maximum),
        cmocka_unit_test(of_duplicates_the_last_wins),
        cmocka_unit_test(members_are_walked_in_order),
    };

    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
