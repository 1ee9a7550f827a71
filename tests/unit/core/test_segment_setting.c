/* SPDX-License-Identifier: MIT */

#include "core/segment_setting.h"

#include "lib/cm.h"
#include "json/json.h"

static const struct {
    const char *why;
    const char *value;
    bool want;
} masks[] = {
    {"ours", "\"••••\"", true},
    {"the Public API's", "\"••••••••1234\"", true},
    {"inside a list", "[1,\"••••\"]", true},
    {"inside a map", "{\"a\":{\"b\":\"••••x\"}}", true},
    {"escaped", "\"\\u2022\\u2022\\u2022\\u2022\"", true},
    {"a bullet of a list", "\"• one\"", false},
    {"bullets at the end", "\"a••••\"", false},
    {"stars", "\"********\"", false},
    {"a number", "1", false},
};

static void bullets_are_no_value(void **state)
{
    (void)state;
    assert_false(segment_setting_is_masked(NULL));
    for (size_t i = 0; i < COUNT(masks); i++) {
        cleanup(json_freep) struct json *json = NULL;

        assert_int_equal(json_parse(bytes_str(masks[i].value), &json, NULL), 0);
        if (segment_setting_is_masked(json) != masks[i].want)
            fail_msg("%s: want %d", masks[i].why, masks[i].want);
    }
}

static const struct {
    const char *name, *type;
    bool want;
} secrets[] = {
    {"apiKey", "string", true},  {"API_KEY", "", true},       {"accessToken", "", true},
    {"clientSecret", "", true},  {"pin", "password", true},   {"pin", "PASSWORD", true},
    {"authorization", "", true}, {"region", "string", false}, {"", "", false},
};

static void secrets_are_known_by_name_or_type(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(secrets); i++) {
        if (segment_setting_is_secret(bytes_str(secrets[i].name),
                                      bytes_str(secrets[i].type)) != secrets[i].want)
            fail_msg("%s, %s: want %d", secrets[i].name, secrets[i].type,
                     secrets[i].want);
    }
}

static const struct {
    const char *a, *b;
    bool want;
} pairs[] = {
    {"1", "1.0", true},
    {"1", "1e0", true},
    {"1", "2", false},
    {"1", "\"1\"", false},
    {"null", "null", true},
    {"null", "false", false},
    {"true", "false", false},
    {"\"a\"", "\"\\u0061\"", true},
    {"[1,2]", "[1,2]", true},
    {"[1,2]", "[1]", false},
    {"{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", true},
    {"{\"a\":null}", "{\"b\":null}", false},
    {"{}", "[]", false},
};

static void values_are_the_same_whatever_their_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(pairs); i++) {
        cleanup(json_freep) struct json *a = NULL;
        cleanup(json_freep) struct json *b = NULL;

        assert_int_equal(json_parse(bytes_str(pairs[i].a), &a, NULL), 0);
        assert_int_equal(json_parse(bytes_str(pairs[i].b), &b, NULL), 0);
        if (segment_setting_is_same(a, b) != pairs[i].want ||
            segment_setting_is_same(b, a) != pairs[i].want)
            fail_msg("%s and %s: want %d", pairs[i].a, pairs[i].b, pairs[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bullets_are_no_value),
        cmocka_unit_test(secrets_are_known_by_name_or_type),
        cmocka_unit_test(values_are_the_same_whatever_their_order),
    };

    return cmocka_run_group_tests_name("segment_setting", tests, NULL, NULL);
}
