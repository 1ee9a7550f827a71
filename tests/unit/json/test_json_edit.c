/* SPDX-License-Identifier: MIT */

#include "json/json.h"

#include "base/err.h"
#include "lib/cm.h"

static struct json *parse(const char *text)
{
    struct json *json = NULL;

    if (json_parse(bytes_str(text), &json, NULL) < 0)
        fail_msg("%s is not JSON", text);
    return json;
}

static void prints_as(const struct json *json, const char *want)
{
    struct buf text;

    buf_init(&text, 1 << 16);
    assert_int_equal(json_print(json, false, &text), 0);
    assert_string_equal(buf_text(&text), want);
    buf_done(&text);
}

static void values_are_copied_in(void **state)
{
    cleanup(json_freep) struct json *json = json_object();
    struct json *value = parse("{\"a\":[1,\"x\"]}");

    (void)state;
    json_set(json, "v", value);
    json_set(json, "w", json_get(value, "a"));
    json_free(value);
    json_set_string(json, "s", BYTES("a\"b"));
    json_set(json, "v2", json_get(json, "v"));
    json_set(json, "w", NULL);
    prints_as(json, "{\"v\":{\"a\":[1,\"x\"]},\"w\":null,\"s\":\"a\\\"b\","
                    "\"v2\":{\"a\":[1,\"x\"]}}");
}

static void a_part_may_replace_its_whole(void **state)
{
    cleanup(json_freep) struct json *json = parse("{\"a\":{\"b\":{\"c\":1}}}");

    (void)state;
    json_set(json, "a", json_path(json, "a.b"));
    prints_as(json, "{\"a\":{\"c\":1}}");
    json_set(json, "self", json);
    prints_as(json, "{\"a\":{\"c\":1},\"self\":{\"a\":{\"c\":1}}}");
}

static void paths_make_their_objects(void **state)
{
    static const struct {
        const char *path;
        const char *value;
        const char *want; /* NULL: refused */
    } cases[] = {
        {"a", "1", "{\"n\":5,\"o\":{\"x\":1},\"a\":1}"},
        {"o.y", "[1, 2]", "{\"n\":5,\"o\":{\"x\":1,\"y\":[1,2]}}"},
        {"o.x", "pro", "{\"n\":5,\"o\":{\"x\":\"pro\"}}"},
        {"p.q.r", "\"7\"", "{\"n\":5,\"o\":{\"x\":1},\"p\":{\"q\":{\"r\":\"7\"}}}"},
        {"n", "", "{\"n\":\"\",\"o\":{\"x\":1}}"},
        {"n.x", "1", NULL},
        {"o.x.y.z", "1", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        cleanup(json_freep) struct json *json = parse("{\"n\":5,\"o\":{\"x\":1}}");
        struct err err = {0};
        int answer = json_set_path(json, cases[i].path, bytes_str(cases[i].value), &err);

        if ((answer == 0) != (cases[i].want != NULL))
            fail_msg("%s=%s: got %d", cases[i].path, cases[i].value, answer);
        if (answer == 0)
            prints_as(json, cases[i].want);
        else
            assert_true(strstr(err.text, cases[i].path) != NULL);
    }
}

static void merging_replaces_members_whole(void **state)
{
    cleanup(json_freep) struct json *json = parse("{\"a\":{\"x\":1},\"b\":1}");
    cleanup(json_freep) struct json *over = parse("{\"c\":3,\"a\":{\"y\":2}}");

    (void)state;
    json_merge(json, over);
    prints_as(json, "{\"a\":{\"y\":2},\"b\":1,\"c\":3}");
    json_merge(json, NULL);
    assert_int_equal(json_count(json), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_copied_in),
        cmocka_unit_test(a_part_may_replace_its_whole),
        cmocka_unit_test(paths_make_their_objects),
        cmocka_unit_test(merging_replaces_members_whole),
    };

    return cmocka_run_group_tests_name("json_edit", tests, NULL, NULL);
}
