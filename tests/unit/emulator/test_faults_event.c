/* SPDX-License-Identifier: MIT */

#include "emulator/faults/faults_event.h"

#include "base/err.h"
#include "base/mem.h"
#include "lib/cm.h"
#include "json/json.h"

static const struct {
    const char *why;
    const char *event;
    const char *want;
} odd_cases[] = {
    {"keys of the envelope", "{\"userId\":\"u\",\"messageId\":\"m\",\"type\":\"track\"}",
     "{\"User_ID\":\"u\",\"MessageID\":\"m\",\"type\":\"track\"}"},
    {"nothing below", "{\"traits\":{\"userId\":1}}", "{\"TRAITS\":{\"userId\":1}}"},
    {"white space goes", "{ \"sentAt\" : [ 1 ] }", "{\"SentAt\":[ 1 ]}"},
    {"an empty one", "{}", "{}"},
    {"a list stays", "[]", ""},
    {"no JSON stays", "{", ""},
};

static void spells_keys_oddly(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(odd_cases); i++) {
        cleanup(buf_done) struct buf got = {0};

        buf_init(&got, 4096);
        fault_event_odd_case(bytes_str(odd_cases[i].event), &got);
        if (strcmp(buf_text(&got), odd_cases[i].want) != 0)
            fail_msg("%s: got '%s', want '%s'", odd_cases[i].why, buf_text(&got),
                     odd_cases[i].want);
    }
}

static void makes_a_hundred_events_of_one(void **state)
{
    static const char event[] = "{\"messageId\":\"m\",\"userId\":\"u\"}";
    cleanup(buf_done) struct buf got = {0};
    cleanup(json_freep) struct json *json = NULL;
    struct err err = {0};

    (void)state;
    buf_init(&got, FAULT_EVENT_BYTES);
    fault_event_batch(bytes_str(event), &got);
    assert_int_equal(json_parse(buf_bytes(&got), &json, &err), 0);
    assert_int_equal(json_count(json), FAULT_EVENT_BATCH);
    assert_true(bytes_eq(json_string(json_path(json, "0.messageId")), BYTES("m-1")));
    assert_true(bytes_eq(json_string(json_path(json, "99.messageId")), BYTES("m-100")));
    assert_true(bytes_eq(json_string(json_path(json, "99.userId")), BYTES("u")));
}

static const struct {
    const char *why;
    const char *event;
    bool is_made;
} large_cases[] = {
    {"members", "{\"a\":1}", true}, {"none", "{}", true},     {"blanks", " { } ", true},
    {"a list", "[1]", false},       {"no JSON", "{a", false},
};

static void is_one_byte_too_large(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(large_cases); i++) {
        cleanup(buf_done) struct buf got = {0};
        cleanup(json_freep) struct json *json = NULL;
        struct err err = {0};
        const size_t want = large_cases[i].is_made ? FAULT_EVENT_LARGE_BYTES : 0;

        buf_init(&got, FAULT_EVENT_BYTES);
        fault_event_large(bytes_str(large_cases[i].event), &got);
        if (got.len != want)
            fail_msg("%s: got %zu bytes, want %zu", large_cases[i].why, got.len, want);
        if (want > 0 && json_parse(buf_bytes(&got), &json, &err) < 0)
            fail_msg("%s: %s", large_cases[i].why, err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spells_keys_oddly),
        cmocka_unit_test(makes_a_hundred_events_of_one),
        cmocka_unit_test(is_one_byte_too_large),
    };

    return cmocka_run_group_tests_name("faults_event", tests, NULL, NULL);
}
