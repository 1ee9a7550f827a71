/* SPDX-License-Identifier: MIT */

#include "lambda/library/result.h"

#include "lib/cm.h"

#define EVENT "{\"type\":\"track\",\"messageId\":\"m-1\",\"event\":\"Signed Up\"}"

static const struct {
    const char *why;
    const char *payload, *settings, *context;
    const char *want_event, *want_settings, *want_api_key, *want_type, *want_id;
} payloads[] = {
    {"a bare event, the key in the client context", EVENT, "", "{\"apiKey\":\"k1\"}",
     EVENT, "{\"apiKey\":\"k1\"}", "k1", "track", "m-1"},
    {"an envelope",
     "{\"event\":" EVENT ",\"settings\":{\"apiKey\":\"k2\"},\"version\":1}", "", "",
     EVENT, "{\"apiKey\":\"k2\"}", "k2", "track", "m-1"},
    {"the context is above the envelope, that above the environment",
     "{\"event\":" EVENT ",\"settings\":{\"apiKey\":\"k2\",\"a\":2}}",
     "{\"apiKey\":\"k3\",\"a\":3,\"b\":3}", "{\"apiKey\":\"k1\"}", EVENT,
     "{\"apiKey\":\"k1\",\"a\":2,\"b\":3}", "k1", "track", "m-1"},
    {"without anything", "{}", "", "", "{}", "{}", "", "", ""},
    {"no payload at all is an empty one", "", "", "", "{}", "{}", "", "", ""},
    {"what is around the event is not of it", " {\"type\":\"page\"}\n", "", "",
     "{\"type\":\"page\"}", "{}", "", "page", ""},
    {"an escaped key", "{\"type\":\"track\"}", "", "{\"apiKey\":\"a\\u00fc\\\"\"}",
     "{\"type\":\"track\"}", "{\"apiKey\":\"a\xc3\xbc\\\"\"}", "a\xc3\xbc\"", "track",
     ""},
    {"a number as id is its text", "{\"messageId\":17,\"type\":null}", "", "",
     "{\"messageId\":17,\"type\":null}", "{}", "", "", "17"},
    {"a key that C cannot say is none", "{}", "", "{\"apiKey\":\"a\\u0000b\"}", "{}",
     "{\"apiKey\":\"a\\u0000b\"}", "", "", ""},
};

static void expect(const char *why, const char *got, const char *want)
{
    if (strcmp(got, want) != 0)
        fail_msg("%s: got %s, want %s", why, got, want);
}

static void a_payload_becomes_an_event_with_its_settings(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(payloads); i++) {
        struct partnerapp_result result = {0};
        struct runtime_failure failure = {0};
        const struct partnerapp_payload *got = &result.payload;
        const struct runtime_next next = {
            .request_id = BYTES("r-1"),
            .payload = bytes_str(payloads[i].payload),
            .client_context = bytes_str(payloads[i].context),
            .deadline_ms = 1234,
        };

        if (!result_begin(&result, &next, bytes_str(payloads[i].settings), &failure))
            fail_msg("%s: refused: %.*s", payloads[i].why, BYTES_FMT(failure.message));
        expect(payloads[i].why, got->event, payloads[i].want_event);
        expect(payloads[i].why, got->settings, payloads[i].want_settings);
        expect(payloads[i].why, got->api_key, payloads[i].want_api_key);
        expect(payloads[i].why, got->type, payloads[i].want_type);
        expect(payloads[i].why, got->message_id, payloads[i].want_id);
        expect(payloads[i].why, got->request_id, "r-1");
        assert_int_equal(got->deadline_ms, 1234);
        assert_int_equal(got->event_len, strlen(got->event));
        assert_int_equal(got->settings_len, strlen(got->settings));
        result_done(&result);
    }
}

static const struct {
    const char *why, *payload, *want;
} refused[] = {
    {"no JSON", "{\"type\":", "no JSON object"},
    {"a text", "\"track\"", "no JSON object"},
    {"a number", "17", "no JSON object"},
    {"null", "null", "no JSON object"},
    {"a list", "[" EVENT "]", "one event at a time"},
    {"a list in an envelope", "{\"event\":[],\"settings\":{}}", "one event at a time"},
};

static void what_is_no_event_is_refused_in_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        struct partnerapp_result result = {0};
        struct runtime_failure failure = {0};
        const struct runtime_next next = {.payload = bytes_str(refused[i].payload)};

        if (result_begin(&result, &next, BYTES(""), &failure))
            fail_msg("%s: taken", refused[i].why);
        if (!bytes_eq(failure.type, BYTES("InvalidEventPayload")) ||
            bytes_find(failure.message, bytes_str(refused[i].want)) ==
                failure.message.len)
            fail_msg("%s: got %.*s: %.*s", refused[i].why, BYTES_FMT(failure.type),
                     BYTES_FMT(failure.message));
        result_done(&result);
    }
}

static const struct {
    const char *why;
    int outcome;
    const char *event, *json, *message;
    const char *want_json, *want_type, *want_message; /* either the first, or both */
} ends[] = {
    {"delivered", PARTNERAPP_DELIVERED, EVENT, NULL, NULL, "null", NULL, NULL},
    {"delivered, with a result", PARTNERAPP_DELIVERED, EVENT, "{\"a\":1}", "unused",
     "{\"a\":1}", NULL, NULL},
    {"a result that is no JSON", PARTNERAPP_DELIVERED, EVENT, "{a:1}", NULL, NULL,
     "Error", "is no JSON"},
    {"an empty result", PARTNERAPP_DELIVERED, EVENT, "", NULL, NULL, "Error",
     "is no JSON"},
    {"later", PARTNERAPP_RETRY, EVENT, NULL, NULL, NULL, "RetryError", "later"},
    {"later, and why", PARTNERAPP_RETRY, EVENT, "{}", "busy", NULL, "RetryError", "busy"},
    {"not for us", PARTNERAPP_NOT_SUPPORTED, EVENT, NULL, NULL, NULL, "EventNotSupported",
     "track not supported"},
    {"not for us, without a type", PARTNERAPP_NOT_SUPPORTED, "{}", NULL, NULL, NULL,
     "EventNotSupported", "an event without a type is not supported"},
    {"not valid", PARTNERAPP_INVALID, EVENT, NULL, "no email", NULL, "ValidationError",
     "no email"},
    {"not valid, no word", PARTNERAPP_INVALID, EVENT, NULL, NULL, NULL, "ValidationError",
     "not valid"},
    {"failed", PARTNERAPP_FAILED, EVENT, NULL, "401", NULL, "Error", "401"},
    {"failed, no word", PARTNERAPP_FAILED, EVENT, NULL, NULL, NULL, "Error",
     "was not delivered"},
    {"a number of its own", 42, EVENT, NULL, NULL, NULL, "Error", "returned 42"},
    {"a negative one", -1, EVENT, NULL, NULL, NULL, "Error", "returned -1"},
};

static void check_end(size_t i, struct partnerapp_result *result)
{
    struct bytes json = {0};
    struct runtime_failure failure = {0};

    if (result_end(result, ends[i].outcome, &json, &failure)) {
        if (ends[i].want_json == NULL || !bytes_eq(json, bytes_str(ends[i].want_json)))
            fail_msg("%s: got %.*s", ends[i].why, BYTES_FMT(json));
        return;
    }
    if (ends[i].want_type == NULL ||
        !bytes_eq(failure.type, bytes_str(ends[i].want_type)) ||
        bytes_find(failure.message, bytes_str(ends[i].want_message)) ==
            failure.message.len)
        fail_msg("%s: got %.*s: %.*s, want %s: %s", ends[i].why, BYTES_FMT(failure.type),
                 BYTES_FMT(failure.message), ends[i].want_type, ends[i].want_message);
}

static void an_outcome_becomes_what_segment_understands(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ends); i++) {
        struct partnerapp_result result = {0};
        struct runtime_failure failure = {0};
        const struct runtime_next next = {.payload = bytes_str(ends[i].event)};

        assert_true(result_begin(&result, &next, BYTES(""), &failure));
        if (ends[i].json != NULL)
            partnerapp_return(&result, ends[i].json);
        if (ends[i].message != NULL)
            assert_int_equal(
                partnerapp_fail(&result, PARTNERAPP_INVALID, ends[i].message),
                PARTNERAPP_INVALID);
        check_end(i, &result);
        result_done(&result);
    }
}

/* The numbers are in programs that were built long ago. */
static void the_numbers_of_outcomes_stay(void **state)
{
    (void)state;
    assert_int_equal(PARTNERAPP_DELIVERED, 0);
    assert_int_equal(PARTNERAPP_RETRY, 1);
    assert_int_equal(PARTNERAPP_NOT_SUPPORTED, 2);
    assert_int_equal(PARTNERAPP_INVALID, 3);
    assert_int_equal(PARTNERAPP_FAILED, 4);
}

/* So are the places of a payload's members. */
static void the_members_of_a_payload_stay_where_they_are(void **state)
{
    (void)state;
    assert_int_equal(offsetof(struct partnerapp_payload, event), 0);
    assert_int_equal(offsetof(struct partnerapp_payload, event_len), 8);
    assert_int_equal(offsetof(struct partnerapp_payload, settings), 16);
    assert_int_equal(offsetof(struct partnerapp_payload, settings_len), 24);
    assert_int_equal(offsetof(struct partnerapp_payload, api_key), 32);
    assert_int_equal(offsetof(struct partnerapp_payload, type), 40);
    assert_int_equal(offsetof(struct partnerapp_payload, message_id), 48);
    assert_int_equal(offsetof(struct partnerapp_payload, request_id), 56);
    assert_int_equal(offsetof(struct partnerapp_payload, deadline_ms), 64);
}

static void a_result_larger_than_lambda_takes_is_refused_in_words(void **state)
{
    enum { TOO_LARGE = (6 << 20) + 1 };
    struct partnerapp_result result = {0};
    struct runtime_failure failure = {0};
    const struct runtime_next next = {.payload = BYTES(EVENT)};
    struct bytes json = {0};
    char *text = calloc(1, TOO_LARGE + 1);

    (void)state;
    assert_non_null(text);
    memset(text, ' ', TOO_LARGE);
    text[0] = '1';
    assert_true(result_begin(&result, &next, BYTES(""), &failure));
    partnerapp_return(&result, text);
    assert_false(result_end(&result, PARTNERAPP_DELIVERED, &json, &failure));
    assert_true(bytes_find(failure.message, BYTES("6291457 bytes")) <
                failure.message.len);
    text[TOO_LARGE - 1] = '\0';
    partnerapp_return(&result, text);
    assert_true(result_end(&result, PARTNERAPP_DELIVERED, &json, &failure));
    result_done(&result);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_payload_becomes_an_event_with_its_settings),
        cmocka_unit_test(what_is_no_event_is_refused_in_words),
        cmocka_unit_test(an_outcome_becomes_what_segment_understands),
        cmocka_unit_test(the_numbers_of_outcomes_stay),
        cmocka_unit_test(the_members_of_a_payload_stay_where_they_are),
        cmocka_unit_test(a_result_larger_than_lambda_takes_is_refused_in_words),
    };

    return cmocka_run_group_tests_name("lambda result", tests, NULL, NULL);
}
