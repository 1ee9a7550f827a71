/* SPDX-License-Identifier: MIT */

#include "core/segment_api.h"

#include "lib/cm.h"
#include "json/json.h"

#define ENTRY(name, value, type)                                                         \
    "{\"name\":\"workspaces/w/sources/s/destinations/d/config/" name                     \
    "\",\"value\":" value ",\"type\":\"" type "\"}"
#define D(enabled, entries)                                                              \
    "{\"enabled\":" enabled ",\"connection_mode\":\"UNSPECIFIED\",\"config\":[" entries  \
    "]}"

static const struct {
    const char *why;
    const char *destination, *settings;
    const char *want; /* "[]": no difference */
} cases[] = {
    {"case 101: nothing differs, the mode is never compared",
     D("true", ENTRY("apiKey", "\"abcd1234\"", "string")), "{\"apiKey\":\"abcd1234\"}",
     "[]"},
    {"a key differs and is not shown",
     D("true", ENTRY("apiKey", "\"abcd1234\"", "string")), "{\"apiKey\":\"wxyz9876\"}",
     "[{\"setting\":\"apiKey\",\"is\":\"••••\",\"should\":\"••••\"}]"},
    {"a password by its type", D("true", ENTRY("pin", "\"12\"", "password")),
     "{\"pin\":\"34\"}", "[{\"setting\":\"pin\",\"is\":\"••••\",\"should\":\"••••\"}]"},
    {"a key that is not there", D("true", ""), "{\"apiKey\":\"a\"}",
     "[{\"setting\":\"apiKey\",\"is\":null,\"should\":\"••••\"}]"},
    {"a plain setting", D("true", ENTRY("region", "\"eu\"", "string")),
     "{\"region\":\"us\"}", "[{\"setting\":\"region\",\"is\":\"eu\",\"should\":\"us\"}]"},
    {"switched off", D("false", ""), "{}",
     "[{\"setting\":\"enabled\",\"is\":false,\"should\":true}]"},
    {"what we do not set does not matter", D("true", ENTRY("other", "1", "number")), "{}",
     "[]"},
    {"a map in another order", D("true", ENTRY("map", "{\"a\":1,\"b\":[2]}", "map")),
     "{\"map\":{\"b\":[2.0],\"a\":1}}", "[]"},
    {"a list in another order", D("true", ENTRY("list", "[1,2]", "list")),
     "{\"list\":[2,1]}", "[{\"setting\":\"list\",\"is\":[1,2],\"should\":[2,1]}]"},
    {"a number that is a text", D("true", ENTRY("n", "\"1\"", "string")), "{\"n\":1}",
     "[{\"setting\":\"n\",\"is\":\"1\",\"should\":1}]"},
    {"a masked password is no difference",
     "{\"enabled\":true,\"settings\":{\"apiKey\":\"••••••••1234\"}}",
     "{\"apiKey\":\"abcd1234\"}", "[]"},
    {"a mask of ours neither", D("true", ENTRY("apiKey", "\"a\"", "string")),
     "{\"apiKey\":\"••••\"}", "[]"},
    {"the Public API's settings", "{\"enabled\":true,\"settings\":{\"region\":\"eu\"}}",
     "{\"region\":\"us\"}", "[{\"setting\":\"region\",\"is\":\"eu\",\"should\":\"us\"}]"},
    {"hostile text stays JSON", D("true", ENTRY("x", "\"<\\\"\\u0000\"", "string")),
     "{\"x\":1}", "[{\"setting\":\"x\",\"is\":\"<\\\"\\u0000\",\"should\":1}]"},
    {"no destination at all", "null", "{\"region\":\"us\"}",
     "[{\"setting\":\"enabled\",\"is\":false,\"should\":true},"
     "{\"setting\":\"region\",\"is\":null,\"should\":\"us\"}]"},
    {"a config of another kind", "{\"enabled\":true,\"config\":{\"a\":[7]}}",
     "{\"a\":false}", "[{\"setting\":\"a\",\"is\":null,\"should\":false}]"},
};

static void every_difference_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct segment_destination wanted = {true, BYTES("CLOUD"),
                                                   bytes_str(cases[i].settings)};
        cleanup(json_freep) struct json *json = NULL;
        struct buf got;
        bool differs;

        buf_init(&got, 4096);
        assert_int_equal(json_parse(bytes_str(cases[i].destination), &json, NULL), 0);
        differs = segment_api_drift(json, &wanted, &got);
        if (strcmp(buf_text(&got), cases[i].want) != 0 ||
            differs != (strcmp(cases[i].want, "[]") != 0))
            fail_msg("%s: got %d, %s, want %s", cases[i].why, differs, buf_text(&got),
                     cases[i].want);
        buf_done(&got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_difference_is_told),
    };

    return cmocka_run_group_tests_name("segment_api_drift", tests, NULL, NULL);
}
