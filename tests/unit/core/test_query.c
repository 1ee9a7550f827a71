/* SPDX-License-Identifier: MIT */

#include "core/query.h"

#include "base/err.h"
#include "lib/cm.h"

#define NOW INT64_C(1788436800000) /* 2026-09-03T12:00:00Z */
#define HOUR INT64_C(3600000)
#define EVENT_ID "evt_01m1kesww0000000000000001a" /* row 42, NOW - HOUR */
#define DELIVERY_ID "dlv_0000000000000000000000001a"

static const struct query_facts facts = {
    .event_row = 42,
    .delivery_row = 43,
    .received_at_ms = NOW - HOUR,
    .state = DELIVERY_DEAD,
    .kind = EVENT_TRACK,
    .name = {"Signed Up", 9},
    .user_id = {"u42", 3},
    .anonymous_id = {"anon-7", 6},
    .message_id = {"msg-1", 5},
    .subscription = {"crm", 3},
    .key_id = {"key_1", 5},
    .key_name = {"acme", 4},
    .error_name = {"RetryError", 10},
    .payload = {"{\"plan\":\"Pro\",\"at\":\"10:30\"}", 27},
};

static const struct {
    const char *query;
    bool want;
} matches[] = {
    {"", true},
    {"   ", true},
    {"is:dead", true},
    {"is:queued", false},
    {"-is:queued", true},
    {"-is:dead", false},
    {"IS:dead", true},
    {"type:track", true},
    {"type:Track", true},
    {"type:page", false},
    {"event:\"Signed Up\"", true},
    {"event:\"signed up\"", false},
    {"event:Signed*", true},
    {"event:*Up", true},
    {"event:*ned*", true},
    {"event:*nope*", false},
    {"event:*", true},
    {"user:u42", true},
    {"user:u4", false},
    {"user:u4*", true},
    {"user:anon-7", false},
    {"sub:crm", true},
    {"sub:default", false},
    {"key:key_1", true},
    {"key:KEY_1", true},
    {"key:acme", true},
    {"key:other", false},
    {"id:" EVENT_ID, true},
    {"id:evt_01m1kesww0000000000000001b", false},
    {"id:evt_0000000000000000000000001a", false}, /* its row, but another time */
    {"id:" DELIVERY_ID, false},
    {"id:dlv_0000000000000000000000001b", true},
    {"message:msg-1", true},
    {"message:msg-2", false},
    {"replay:rpl_1", false},
    {"replay:*", false},
    {"error:RetryError", true},
    {"error:*Error", true},
    {"error:TypeError", false},
    {"after:2h", true},
    {"after:30m", false},
    {"before:30m", true},
    {"before:2h", false},
    {"after:2026-09-03", true},
    {"before:2026-09-03T11:00:00Z", false},
    {"after:2026-09-03T11:00:00Z", true},
    {"plan", true},
    {"PRO", true},
    {"\"plan\\\":\"", true},
    {"\"10:30\"", true},
    {"enterprise", false},
    {"-enterprise", true},
    {"-pro", false},
    {"is:dead type:track pro", true},
    {"is:dead type:page pro", false},
    {"-", false},
    {":x", false},
};

static void matches_what_all_terms_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(matches); i++) {
        struct query query;
        struct err err = {0};

        if (query_parse(bytes_str(matches[i].query), NOW, &query, &err) < 0)
            fail_msg("%s: %s", matches[i].query, err.text);
        if (query_match(&query, &facts) != matches[i].want)
            fail_msg("%s: want %d", matches[i].query, matches[i].want);
        query_done(&query);
    }
}

static void narrows_to_what_every_match_satisfies(void **state)
{
    struct query query;
    struct query_narrow narrow;

    (void)state;
    assert_int_equal(query_parse(BYTES("is:dead user:u42 event:\"A b\" after:2h after:1h "
                                       "before:2026-09-03 id:" EVENT_ID " word"),
                                 NOW, &query, NULL),
                     0);
    query_narrow(&query, &narrow);
    assert_int_equal(narrow.after_ms, NOW - HOUR);
    assert_int_equal(narrow.before_ms, NOW - 12 * HOUR);
    assert_int_equal(narrow.event_row, 42);
    assert_int_equal(narrow.state, DELIVERY_DEAD);
    assert_true(bytes_eq(narrow.user, BYTES("u42")));
    assert_true(bytes_eq(narrow.name, BYTES("A b")));
    assert_true(narrow.needs_payload);
    query_done(&query);
}

static void does_not_narrow_by_what_is_excluded_or_open(void **state)
{
    struct query query;
    struct query_narrow narrow;

    (void)state;
    assert_int_equal(
        query_parse(BYTES("-is:dead user:u* event:* -after:2h id:" DELIVERY_ID), NOW,
                    &query, NULL),
        0);
    query_narrow(&query, &narrow);
    assert_int_equal(narrow.after_ms, INT64_MIN);
    assert_int_equal(narrow.before_ms, INT64_MAX);
    assert_int_equal(narrow.event_row, 0);
    assert_int_equal(narrow.state, DELIVERY_NONE);
    assert_int_equal(narrow.user.len, 0);
    assert_int_equal(narrow.name.len, 0);
    assert_false(narrow.needs_payload);
    query_done(&query);
}

static void without_a_user_id_the_anonymous_one_counts(void **state)
{
    struct query_facts anonymous = facts;
    struct query query;

    (void)state;
    anonymous.user_id = bytes_of(NULL, 0);
    assert_int_equal(query_parse(BYTES("user:anon-7"), NOW, &query, NULL), 0);
    assert_true(query_match(&query, &anonymous));
    query_done(&query);
}

static void a_query_says_what_it_looks_at(void **state)
{
    struct query query;

    (void)state;
    assert_int_equal(query_parse(BYTES("is:dead -user:u1"), NOW, &query, NULL), 0);
    assert_true(query_looks_at(&query, 1u << QUERY_IS));
    assert_true(query_looks_at(&query, 1u << QUERY_USER | 1u << QUERY_KEY));
    assert_false(query_looks_at(&query, 1u << QUERY_WORD | 1u << QUERY_KEY));
    query_done(&query);
    assert_int_equal(query_parse(BYTES(""), NOW, &query, NULL), 0);
    assert_false(query_looks_at(&query, ~0u));
    query_done(&query);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_query_says_what_it_looks_at),
        cmocka_unit_test(matches_what_all_terms_say),
        cmocka_unit_test(narrows_to_what_every_match_satisfies),
        cmocka_unit_test(does_not_narrow_by_what_is_excluded_or_open),
        cmocka_unit_test(without_a_user_id_the_anonymous_one_counts),
    };

    return cmocka_run_group_tests_name("query", tests, NULL, NULL);
}
