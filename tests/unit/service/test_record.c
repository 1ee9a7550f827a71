/* SPDX-License-Identifier: MIT */

#include "service/record.h"

#include "lib/cm.h"

#include "js/pool.h"
#include "json/scan.h"

static const struct client_header request_headers[] = {
    {BYTES("Authorization"), BYTES("Bearer topsecretvalue")},
    {BYTES("X-Trace"), BYTES("has topsecretvalue inside")},
    {BYTES("bad\"name\n"), BYTES("v")},
};

static void record(struct buf *out, const struct redact *redact, struct bytes body)
{
    const struct client_request request = {
        .method = BYTES("POST"),
        .url = BYTES("https://api.example.com/x?k=topsecretvalue"),
        .headers = request_headers,
        .n_headers = COUNT(request_headers),
        .body = body,
        .has_body = true,
    };
    const struct client_response response = {
        .transport = TRANSPORT_OK, .status = 200, .body = BYTES("topsecretvalue back")};

    record_request(out, redact, &request, &response);
}

static void no_secret_is_left_anywhere(void **state)
{
    struct redact redact = {0};
    struct buf out;
    struct scan_span root;
    struct scan_fault fault;

    (void)state;
    buf_init(&out, RECORD_BYTES);
    redact_add(&redact, BYTES("topsecretvalue"));
    record(&out, &redact, BYTES("{\"key\":\"topsecretvalue\"}"));
    assert_true(bytes_find(buf_bytes(&out), BYTES("topsecretvalue")) == out.len);
    assert_true(bytes_find(buf_bytes(&out), BYTES("••••")) < out.len);
    if (!scan_json(buf_bytes(&out), NULL, &root, &fault))
        fail_msg("not JSON at %zu: %s", fault.offset, fault.why);
    redact_done(&redact);
    buf_done(&out);
}

static void a_request_that_does_not_fit_is_left_out_whole(void **state)
{
    struct redact redact = {0};
    struct buf out;
    size_t len;

    (void)state;
    buf_init(&out, 2000);
    while (!out.full)
        record(&out, &redact, BYTES("a body"));
    len = out.len;
    assert_int_equal('}', out.ptr[len - 1]);
    record(&out, &redact, BYTES(""));
    assert_int_equal(len, out.len);
    buf_done(&out);
}

static void what_took_how_long_is_null_where_it_did_not_happen(void **state)
{
    static const struct {
        struct client_timing timing;
        const char *want, *why;
    } rows[] = {
        {{1000, 2500, 30000, 40000},
         "{\"timing\":{\"dns_ms\":1,\"connect_ms\":2.5,\"tls_ms\":30,"
         "\"first_byte_ms\":40,\"total_ms\":80}}",
         "each part's own time"},
        {{0, 0, 0, 40000},
         "{\"timing\":{\"dns_ms\":null,\"connect_ms\":null,\"tls_ms\":null,"
         "\"first_byte_ms\":40,\"total_ms\":80}}",
         "over a connection that was open"},
        {{0, 0, 0, 0}, "{\"timing\":null}", "nothing was sent"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct client_response response = {
            .transport = TRANSPORT_OK, .duration_us = 80000, .timing = rows[i].timing};
        struct buf out;
        struct write json;

        buf_init(&out, RECORD_BYTES);
        write_init(&json, &out);
        write_object(&json);
        record_timing(&json, &response);
        write_object_end(&json);
        if (strcmp(buf_text(&out), rows[i].want) != 0)
            fail_msg("%s: got %s, want %s", rows[i].why, buf_text(&out), rows[i].want);
        buf_done(&out);
    }
}

static void a_request_that_went_out_twice_says_so(void **state)
{
    const struct client_request request = {.method = BYTES("POST")};
    struct client_response response = {.transport = TRANSPORT_OK, .n_sent = 1};
    struct redact redact = {0};
    struct buf out;

    (void)state;
    buf_init(&out, RECORD_BYTES);
    record_request(&out, &redact, &request, &response);
    assert_null(strstr(buf_text(&out), "sends"));
    response.n_sent = 2;
    record_request(&out, &redact, &request, &response);
    assert_non_null(strstr(buf_text(&out), "\"sends\":2,"));
    buf_done(&out);
}

static void milliseconds_are_written_as_any_number_is(void **state)
{
    static const int64_t durations_us[] = {
        1,    9,     10,     100, 999, 1000,  1001,    1010,   1100,
        5000, 12345, 100000, 0,   123, 60000, 1234567, 120000, 86400000001};

    (void)state;
    for (size_t i = 0; i < COUNT(durations_us); i++) {
        const struct record_attempt attempt = {.duration_us = durations_us[i]};
        struct redact redact = {0};
        struct buf want;
        struct buf got;
        struct write json;

        buf_init(&got, RECORD_BYTES);
        buf_init(&want, 200);
        write_init(&json, &want);
        write_key(&json, "duration_ms");
        write_double(&json, (double)durations_us[i] / 1000.0);
        (void)buf_add_char(&want, ',');
        (void)record_attempt(&got, &redact, &attempt);
        if (bytes_find(buf_bytes(&got), buf_bytes(&want)) == got.len)
            fail_msg("%s is not in %s", buf_text(&want), buf_text(&got));
        buf_done(&got);
        buf_done(&want);
    }
}

static void bodies_are_cut_and_their_length_told(void **state)
{
    static char large[RECORD_BODY_BYTES * 3];
    struct redact redact = {0};
    struct buf out;

    (void)state;
    memset(large, 'x', sizeof(large));
    buf_init(&out, RECORD_BYTES);
    record(&out, &redact, bytes_of(large, sizeof(large)));
    assert_true(out.len < RECORD_BODY_BYTES + 2000);
    assert_true(bytes_find(buf_bytes(&out), BYTES("\"body_bytes\":24576")) < out.len);
    buf_done(&out);
}

static void an_attempt_that_is_too_large_says_so(void **state)
{
    static char requests[RECORD_BYTES];
    struct redact redact = {0};
    const struct record_attempt attempt = {
        .delivery_row = 7,
        .at_ms = 1,
        .number = 2,
        .outcome = OUTCOME_RETRY,
        .error_name = "503",
        .error_message = "the endpoint answered 503",
        .requests = bytes_of(requests, sizeof(requests)),
    };
    struct buf out;
    struct scan_span root;
    struct scan_fault fault;

    (void)state;
    memset(requests, ' ', sizeof(requests));
    buf_init(&out, RECORD_BYTES);
    assert_false(record_attempt(&out, &redact, &attempt));
    assert_true(bytes_find(buf_bytes(&out), BYTES("\"truncated\":true")) < out.len);
    assert_true(scan_json(buf_bytes(&out), NULL, &root, &fault));
    buf_done(&out);
}

static void an_error_says_where_and_what_was_missing(void **state)
{
    const struct pool_result result = {
        .line = 3, .error_note = BYTES("event.a was \"topsecretvalue\": it has no `b`")};
    struct redact redact = {0};
    struct record_attempt attempt = {
        .number = 1, .error_name = "TypeError", .error_message = "m"};
    struct buf thrown;
    struct buf out;

    (void)state;
    redact_add(&redact, BYTES("topsecretvalue"));
    buf_init(&thrown, RECORD_BYTES);
    buf_init(&out, RECORD_BYTES);
    record_throw(&thrown, &redact, &result);
    attempt.thrown = buf_bytes(&thrown);
    assert_true(record_attempt(&out, &redact, &attempt));
    assert_non_null(strstr(buf_text(&out),
                           "{\"name\":\"TypeError\",\"message\":\"m\",\"line\":3,"
                           "\"note\":\"event.a was \\\"••••\\\": it has no `b`\"}"));
    redact_done(&redact);
    buf_done(&thrown);
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_secret_is_left_anywhere),
        cmocka_unit_test(a_request_that_does_not_fit_is_left_out_whole),
        cmocka_unit_test(what_took_how_long_is_null_where_it_did_not_happen),
        cmocka_unit_test(a_request_that_went_out_twice_says_so),
        cmocka_unit_test(milliseconds_are_written_as_any_number_is),
        cmocka_unit_test(bodies_are_cut_and_their_length_told),
        cmocka_unit_test(an_error_says_where_and_what_was_missing),
        cmocka_unit_test(an_attempt_that_is_too_large_says_so),
    };

    return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
