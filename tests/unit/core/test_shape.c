/* SPDX-License-Identifier: MIT */

#include "core/shape.h"

#include "lib/cm.h"

static const char *const kept[] = {"id", "state", NULL};
static const char *const closed[] = {"payload", NULL};
static const struct shape_rule rule = {kept, closed};

#define DOTS "\"\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2\""

static const struct {
    const char *json, *want, *why;
} cases[] = {
    {"{\"id\":\"evt_1\"}", "{\"id\":\"evt_1\"}", "what is named is kept"},
    {"{\"user\":\"ada\"}", "{\"user\":" DOTS "}", "what is not named is not"},
    {"{\"id\": 7, \"n\": -1.5e3}", "{\"id\": 7, \"n\": 0}", "numbers"},
    {"{\"ok\":true,\"no\":false,\"nil\":null}",
     "{\"ok\":false,\"no\":false,\"nil\":null}", "a truth is a value, nothing is none"},
    {"{\"payload\":{\"id\":\"4711\",\"state\":\"TX\"},\"id\":\"x\"}",
     "{\"payload\":{\"id\":" DOTS ",\"state\":" DOTS "},\"id\":\"x\"}",
     "strangers call their members as they like"},
    {"{\"payload\":[{\"a\":{\"id\":1}},\"x\"],\"state\":\"dead\"}",
     "{\"payload\":[{\"a\":{\"id\":0}}," DOTS "],\"state\":\"dead\"}",
     "closed to its end, and no further"},
    {"{\"payload\":\"text\",\"id\":\"x\"}", "{\"payload\":" DOTS ",\"id\":\"x\"}",
     "a closed member that holds nothing closes nothing"},
    {"{\"payload\":5,\"a\":{\"id\":1}}", "{\"payload\":0,\"a\":{\"id\":1}}",
     "nor does a number"},
    {"{\"id\":{\"x\":\"secret\"}}", "{\"id\":{\"x\":" DOTS "}}",
     "a kept name covers no object"},
    {"{\"id\":[\"secret\"]}", "{\"id\":[" DOTS "]}", "nor a list"},
    {"{\"i\\u0064\":\"x\"}", "{\"i\\u0064\":" DOTS "}", "an escaped name is another"},
    {"{\"a\":\"\\\"id\\\":\\\"x\"}", "{\"a\":" DOTS "}", "quotes inside end nothing"},
    {"[\"a\",\"\",1]", "[" DOTS ",\"\",0]", "an empty text has no value"},
    {"\"a\"", DOTS, "a text alone"},
    {" 5 ", "0", "a number alone"},
    {"[]", "[]", "nothing"},
};

static void only_the_shape_is_left(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        cleanup(buf_done) struct buf got = {0};

        buf_init(&got, 4096);
        if (shape_json(bytes_str(cases[i].json), &rule, &got) != 0 ||
            !bytes_eq(buf_bytes(&got), bytes_str(cases[i].want)))
            fail_msg("%s: got %s, want %s: %s", cases[i].json, buf_text(&got),
                     cases[i].want, cases[i].why);
    }
}

static void what_is_no_json_is_not_let_through(void **state)
{
    static const char *const texts[] = {"", "{", "{\"a\":}", "secret", "[1,]"};

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        cleanup(buf_done) struct buf got = {0};

        buf_init(&got, 4096);
        assert_int_equal(-1, shape_json(bytes_str(texts[i]), &rule, &got));
        assert_int_equal(0, got.len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_shape_is_left),
        cmocka_unit_test(what_is_no_json_is_not_let_through),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
