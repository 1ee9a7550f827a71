/* SPDX-License-Identifier: MIT */

#include "segment/mask.h"

#include "base/buf.h"
#include "base/err.h"
#include "lib/cm.h"
#include "json/json.h"

#define PATHS(list) "{\"update_mask\":{\"paths\":[" list "]}}"
#define X20 "xxxxxxxxxxxxxxxxxxxx"

static const char *const fields[] = {"enabled", "config",   "connection_mode",
                                     "if",      "labels.*", NULL};

static const struct {
    const char *why;
    const char *body;
    enum mask_verdict want;
    const char *paths; /* <path> for each, or what is wrong */
} cases[] = {
    {"with the prefix", PATHS("\"destination.enabled\""), MASK_GOOD, "<enabled>"},
    {"without", PATHS("\"enabled\",\"if\""), MASK_GOOD, "<enabled><if>"},
    {"in camel case", PATHS("\"connectionMode\",\"destination.ConnectionMode\""),
     MASK_GOOD, "<connection_mode><connection_mode>"},
    {"the mask in camel case", "{\"updateMask\":{\"paths\":[\"if\"]}}", MASK_GOOD,
     "<if>"},
    {"in the resource", "{\"destination\":{\"update_mask\":{\"paths\":[\"if\"]}}}",
     MASK_GOOD, "<if>"},
    {"in the resource, in camel case", "{\"destination\":{\"updateMask\":[\"if\"]}}",
     MASK_GOOD, "<if>"},
    {"in both places: the outer one",
     "{\"destination\":{\"update_mask\":[\"if\"]},\"update_mask\":[\"enabled\"]}",
     MASK_GOOD, "<enabled>"},
    {"in another resource", "{\"source\":{\"update_mask\":[\"if\"]}}", MASK_GOOD, ""},
    {"a list", "{\"update_mask\":[\"config\"]}", MASK_GOOD, "<config>"},
    {"one text", "{\"update_mask\":\"config, destination.enabled,\"}", MASK_GOOD,
     "<config><enabled>"},
    {"one text as paths", "{\"update_mask\":{\"paths\":\"config,if\"}}", MASK_GOOD,
     "<config><if>"},
    {"below a field that takes it", PATHS("\"destination.labels.a.b\""), MASK_GOOD,
     "<labels.a.b>"},
    {"no mask", "{\"destination\":{\"enabled\":true}}", MASK_GOOD, ""},
    {"an empty list", PATHS(""), MASK_GOOD, ""},
    {"an empty object", "{\"update_mask\":{}}", MASK_GOOD, ""},
    {"null", "{\"update_mask\":null}", MASK_GOOD, ""},
    {"an empty text", "{\"update_mask\":\"\"}", MASK_GOOD, ""},
    {"an empty path", PATHS("\"\",\"if\""), MASK_GOOD, "<if>"},
    {"a body that is no object", "[1]", MASK_GOOD, ""},
    {"a body that is a text", "\"update_mask\"", MASK_GOOD, ""},
    {"an unknown path", PATHS("\"if\",\"destination.Colour\""), MASK_UNKNOWN,
     "destination.Colour"},
    {"a path below a field that takes none", PATHS("\"config.a\""), MASK_UNKNOWN,
     "config.a"},
    {"a field that only takes what is below", PATHS("\"labels\""), MASK_UNKNOWN,
     "labels"},
    {"nothing below it", PATHS("\"labels.\""), MASK_UNKNOWN, "labels."},
    {"the prefix alone", PATHS("\"destination\""), MASK_UNKNOWN, "destination"},
    {"the prefix and a dot", PATHS("\"destination.\""), MASK_UNKNOWN, "destination."},
    {"the prefix twice", PATHS("\"destination.destination.if\""), MASK_UNKNOWN,
     "destination.destination.if"},
    {"a star is no path", PATHS("\"*\""), MASK_UNKNOWN, "*"},
    {"a NUL hides nothing", PATHS("\"if\\u0000x\""), MASK_UNKNOWN, "if"},
    {"a NUL hides nothing below either", PATHS("\"labels.a\\u0000x\""), MASK_UNKNOWN,
     "labels.a"},
    {"as long as can be shown", PATHS("\"" X20 X20 X20 "xx\""), MASK_UNKNOWN,
     X20 X20 X20 "xx"},
    {"too long", PATHS("\"labels." X20 X20 X20 "\""), MASK_MALFORMED, ""},
    {"too long in snake case", PATHS("\"labels." X20 X20 "ABCDEFGHIJ\""), MASK_MALFORMED,
     ""},
    {"a number", PATHS("\"if\",1"), MASK_MALFORMED, ""},
    {"a list in the list", PATHS("[\"if\"]"), MASK_MALFORMED, ""},
    {"true", "{\"update_mask\":true}", MASK_MALFORMED, ""},
    {"an object as paths", "{\"update_mask\":{\"paths\":{\"if\":true}}}", MASK_MALFORMED,
     ""},
};

static void read_body(struct bytes body, struct mask *ret_mask,
                      enum mask_verdict *ret_verdict)
{
    cleanup(json_freep) struct json *json = NULL;
    struct err err = {0};

    assert_int_equal(json_parse(body, &json, &err), 0);
    *ret_verdict = mask_read(json, "destination", fields, ret_mask);
}

static void every_mask_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        cleanup(buf_done) struct buf got = {.max_bytes = 10000};
        enum mask_verdict verdict;
        struct mask mask;

        read_body(bytes_str(cases[i].body), &mask, &verdict);
        for (size_t path = 0; path < mask.n_paths; path++)
            buf_addf(&got, "<%s>", mask.paths[path]);
        buf_add_text(&got, mask.wrong);
        if (verdict != cases[i].want || strcmp(buf_text(&got), cases[i].paths) != 0)
            fail_msg("%s: got %d %s, want %d %s", cases[i].why, (int)verdict,
                     buf_text(&got), (int)cases[i].want, cases[i].paths);
    }
}

static enum mask_verdict read_many(const char *open, const char *path, size_t n,
                                   const char *end)
{
    cleanup(buf_done) struct buf body = {.max_bytes = 10000};
    enum mask_verdict verdict;
    struct mask mask;

    buf_add_text(&body, open);
    for (size_t i = 0; i < n; i++)
        buf_addf(&body, "%s%s", i > 0 ? "," : "", path);
    buf_add_text(&body, end);
    read_body(buf_bytes(&body), &mask, &verdict);
    assert_int_equal(mask.n_paths, verdict == MASK_GOOD ? n : 0);
    return verdict;
}

static void paths_are_counted(void **state)
{
    const char *list = "{\"update_mask\":[";
    const char *text = "{\"update_mask\":\"";
    const size_t most = MASK_MAX_PATHS;

    (void)state;
    assert_int_equal(read_many(list, "\"if\"", most, "]}"), MASK_GOOD);
    assert_int_equal(read_many(list, "\"if\"", most + 1, "]}"), MASK_MALFORMED);
    assert_int_equal(read_many(list, "\"\"", most + 1, "]}"), MASK_MALFORMED);
    assert_int_equal(read_many(text, "if", most, "\"}"), MASK_GOOD);
    assert_int_equal(read_many(text, "if", most + 1, "\"}"), MASK_MALFORMED);
}

static void a_field_is_in_the_mask_or_not(void **state)
{
    enum mask_verdict verdict;
    struct mask mask;

    (void)state;
    read_body(BYTES(PATHS("\"destination.connectionMode\",\"if\"")), &mask, &verdict);
    assert_true(mask_has(&mask, "connection_mode"));
    assert_true(mask_has(&mask, "if"));
    assert_false(mask_has(&mask, "connectionMode"));
    assert_false(mask_has(&mask, "enabled"));
    assert_false(mask_has(&mask, "i"));
}

static void a_mask_is_good_without_body_or_prefix(void **state)
{
    cleanup(json_freep) struct json *body = NULL;
    struct err err = {0};
    struct mask mask;

    (void)state;
    assert_int_equal(mask_read(NULL, "filter", fields, &mask), MASK_GOOD);
    assert_int_equal(mask.n_paths, 0);
    assert_int_equal(json_parse(BYTES("{\"update_mask\":\"if\"}"), &body, &err), 0);
    assert_int_equal(mask_read(body, "", fields, &mask), MASK_GOOD);
    assert_true(mask_has(&mask, "if"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_mask_is_read),
        cmocka_unit_test(paths_are_counted),
        cmocka_unit_test(a_field_is_in_the_mask_or_not),
        cmocka_unit_test(a_mask_is_good_without_body_or_prefix),
    };

    return cmocka_run_group_tests_name("mask", tests, NULL, NULL);
}
