/* SPDX-License-Identifier: MIT */

#include "core/query.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "lib/cm.h"

#define NOW INT64_C(1788436800000) /* 2026-09-03T12:00:00Z */
#define HOUR INT64_C(3600000)
#define EVENT_ID "evt_01m1kesww0000000000000001a" /* row 42, NOW - HOUR */
#define DELIVERY_ID "dlv_0000000000000000000000001a"

#define PAYLOAD                                                                          \
    "{\"plan\":\"Pro\",\"at\":\"10:30\",\"properties\":{\"plan\":\"pro\",\"n\":3,"       \
    "\"tags\":[\"a\","                                                                   \
    "\"b\"],\"ok\":true},\"traits\":{\"email\":\"jo@initech.com\"},\"context\":{\"ip\":" \
    "\"8.8.8.8\"}}"

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
    .install = 7,
    .source = {"workspaces/acme/sources/website", 31},
    .function = {"functions/hello.js", 18},
    .error_name = {"RetryError", 10},
    .attempts = 4,
    .status = 503,
    .latency_us = 600200,
    .size_bytes = 40000,
    .has_log = true,
    .payload = {PAYLOAD, sizeof(PAYLOAD) - 1},
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
    {"anon:anon-7", true},
    {"anon:u42", false},
    {"source:website", true},
    {"source:workspaces/acme/sources/website", true},
    {"source:web", false},
    {"source:web*", true},
    {"fn:hello", true},
    {"fn:hello.js", true},
    {"fn:functions/hello.js", true},
    {"fn:functions", false},
    {"install:7", true},
    {"install:ins_7", true},
    {"install:installs/7", true},
    {"install:70", false},
    {"is:filtered", false},
    {"status:503", true},
    {"status:5xx", true},
    {"status:4xx", false},
    {"status:504", false},
    {"status:timeout", false},
    {"-status:timeout", true},
    {"attempts:4", true},
    {"attempts:>3", true},
    {"attempts:>4", false},
    {"attempts:>=4", true},
    {"attempts:<4", false},
    {"attempts:<=4", true},
    {"latency:>500ms", true},
    {"latency:>600ms", true}, /* 600.2 ms */
    {"latency:<=600ms", false},
    {"latency:600ms", true},
    {"latency:>1s", false},
    {"size:>32k", true},
    {"size:<32k", false},
    {"size:40000", true},
    {"has:log", true},
    {"-has:log", false},
    {"properties.plan:pro", true},
    {"properties.plan:Pro", false},
    {"properties.plan:p*", true},
    {"properties.n:3", true},
    {"properties.n:30", false},
    {"properties.ok:true", true},
    {"properties.tags:b", true},
    {"properties.tags:c", false},
    {"properties.tags.0:a", true},
    {"properties.none:*", false},
    {"-properties.none:*", true},
    {"properties.tags:*", true},
    {"traits.email:*@initech.com", true},
    {"context.ip:8.8.8.8", true},
    {"payload.plan:Pro", true},
    {"payload.plan:pro", false},
    {"is:queued OR is:dead", true},
    {"is:dead OR is:queued", true},
    {"is:queued OR is:retrying", false},
    {"is:dead type:page OR user:u42", true},
    {"is:dead type:page OR user:u43", false},
    {"user:u42 OR is:queued type:page", true},
    {"is:queued OR is:retrying OR plan", true},
    {"-is:dead OR -is:queued", true},
    {"-is:dead OR enterprise", false},
    {"\"OR\"", false},
    {"or", false}, /* a word, and not there */
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
                                       "before:2026-09-03 id:" EVENT_ID " word message:m "
                                       "anon:a error:* OR is:queued"),
                                 NOW, &query, NULL),
                     0);
    assert_int_equal(query.n_groups, 2);
    query_narrow(&query, 0, &narrow);
    assert_int_equal(narrow.after_ms, NOW - HOUR);
    assert_int_equal(narrow.before_ms, NOW - 12 * HOUR);
    assert_int_equal(narrow.event_row, 42);
    assert_int_equal(narrow.state, DELIVERY_DEAD);
    assert_true(bytes_eq(narrow.user, BYTES("u42")));
    assert_true(bytes_eq(narrow.name, BYTES("A b")));
    assert_true(bytes_eq(narrow.anonymous, BYTES("a")));
    assert_true(narrow.has_error);
    query_narrow(&query, 1, &narrow);
    assert_int_equal(narrow.state, DELIVERY_QUEUED);
    assert_int_equal(narrow.user.len, 0);
    assert_int_equal(narrow.after_ms, INT64_MIN);
    query_done(&query);
}

static void does_not_narrow_by_what_is_excluded_or_open(void **state)
{
    struct query query;
    struct query_narrow narrow;

    (void)state;
    assert_int_equal(query_parse(BYTES("-is:dead user:u* event:* -after:2h -error:x "
                                       "-message:m id:" DELIVERY_ID),
                                 NOW, &query, NULL),
                     0);
    query_narrow(&query, 0, &narrow);
    assert_int_equal(narrow.after_ms, INT64_MIN);
    assert_int_equal(narrow.before_ms, INT64_MAX);
    assert_int_equal(narrow.event_row, 0);
    assert_int_equal(narrow.state, DELIVERY_NONE);
    assert_false(narrow.has_error);
    assert_int_equal(narrow.user.len + narrow.name.len, 0);
    query_done(&query);
}

/* --- random queries, random facts ----------------------------------------------------
 */

static struct bytes one_of(const char *const *words, size_t n_words)
{
    return bytes_str(words[(size_t)rand() % n_words]);
}
#define ONE_OF(...)                                                                      \
    one_of((const char *const[]){__VA_ARGS__},                                           \
           COUNT(((const char *const[]){__VA_ARGS__})))

static struct query_facts random_facts(void)
{
    return (struct query_facts){
        .event_row = 41 + rand() % 3,
        .delivery_row = 41 + rand() % 3,
        .received_at_ms = NOW - (rand() % 4) * HOUR,
        .state = (enum delivery_state)(1 + rand() % 6),
        .kind = (enum event_kind)(1 + rand() % 8),
        .name = ONE_OF("", "a", "ab"),
        .user_id = ONE_OF("", "u", "v"),
        .anonymous_id = ONE_OF("", "u", "v"),
        .message_id = ONE_OF("", "m", "n"),
        .subscription = ONE_OF("crm", "web"),
        .key_name = ONE_OF("", "acme"),
        .install = rand() % 3,
        .source = ONE_OF("", "sources/web"),
        .function = ONE_OF("", "functions/f.js"),
        .error_name = ONE_OF("", "DropEvent", "503"),
        .attempts = rand() % 4,
        .status = rand() % 2 * (200 + rand() % 2 * 303),
        .status_cause = ONE_OF("", "timeout"),
        .latency_us = rand() % 3 * 1000,
        .size_bytes = rand() % 3 * 1024,
        .has_log = rand() % 2 == 0,
        .payload = ONE_OF("", "{\"properties\":{\"p\":\"pro\"}}", "{\"a\":[1]}"),
    };
}

static void random_query(char *ret_text, size_t size)
{
    static const char *const words[] = {"is:dead",
                                        "is:queued",
                                        "is:filtered",
                                        "type:track",
                                        "event:a",
                                        "event:a*",
                                        "user:u",
                                        "user:*v",
                                        "anon:u",
                                        "sub:crm",
                                        "source:web",
                                        "fn:f",
                                        "install:1",
                                        "key:acme",
                                        "id:evt_01m1kesww0000000000000001a",
                                        "id:dlv_0000000000000000000000001b",
                                        "message:m",
                                        "replay:r",
                                        "status:5xx",
                                        "status:timeout",
                                        "error:503",
                                        "error:*",
                                        "attempts:>1",
                                        "latency:>1ms",
                                        "size:<2k",
                                        "has:log",
                                        "after:1h",
                                        "before:2h",
                                        "properties.p:pro",
                                        "pro",
                                        "payload.a:1"};
    size_t n_terms = (size_t)rand() % 6, len = 0;

    ret_text[0] = '\0';
    for (size_t i = 0; i < n_terms; i++)
        len += (size_t)snprintf(
            ret_text + len, size - len, "%s%s%s ", i > 0 && rand() % 3 == 0 ? "OR " : "",
            rand() % 4 == 0 ? "-" : "", words[(size_t)rand() % COUNT(words)]);
}

static bool admits_text(struct bytes wanted, struct bytes fact)
{
    return wanted.len == 0 || bytes_eq(wanted, fact);
}

/* What the store keeps to: an event that is not admitted is never looked at. */
static bool admits(const struct query_narrow *narrow, const struct query_facts *f)
{
    return f->received_at_ms >= narrow->after_ms &&
           f->received_at_ms < narrow->before_ms &&
           (narrow->event_row == 0 || narrow->event_row == f->event_row) &&
           (narrow->state == DELIVERY_NONE || narrow->state == f->state) &&
           (!narrow->has_error || f->error_name.len > 0) &&
           (admits_text(narrow->user, f->user_id) ||
            admits_text(narrow->user, f->anonymous_id)) &&
           admits_text(narrow->anonymous, f->anonymous_id) &&
           admits_text(narrow->name, f->name);
}

static bool is_admitted(const struct query *query, const struct query_facts *f)
{
    for (size_t group = 0; group < query->n_groups; group++) {
        struct query_narrow narrow;

        query_narrow(query, group, &narrow);
        if (admits(&narrow, f))
            return true;
    }
    return false;
}

static void narrowing_never_leaves_out_a_match(void **state)
{
    size_t n_matches = 0, n_left_out = 0;

    (void)state;
    srand(5);
    for (int i = 0; i < 200000; i++) {
        const struct query_facts random = random_facts();
        char text[512];
        struct query query;
        struct err err = {0};
        bool is_match;

        random_query(text, sizeof(text));
        if (query_parse(bytes_str(text), NOW, &query, &err) < 0)
            fail_msg("%s: %s", text, err.text);
        is_match = query_match(&query, &random);
        n_matches += is_match;
        n_left_out += !is_admitted(&query, &random);
        if (is_match && !is_admitted(&query, &random))
            fail_msg("%s: a match is left out", text);
        query_done(&query);
    }
    /* Else nothing was tried. */
    assert_true(n_matches > 10000 && n_left_out > 10000);
}

/* Whatever is unknown: a firm answer is the right one. */
static void an_answer_without_all_facts_is_right_or_unknown(void **state)
{
    size_t n_firm = 0, n_unknown = 0;

    (void)state;
    srand(6);
    for (int i = 0; i < 100000; i++) {
        const struct query_facts random = random_facts();
        unsigned unknown = (unsigned)rand() & ((1u << QUERY_N_FIELDS) - 1);
        enum query_answer answer;
        char text[512];
        struct query query;

        random_query(text, sizeof(text));
        assert_int_equal(query_parse(bytes_str(text), NOW, &query, NULL), 0);
        answer = query_judge(&query, &random, unknown);
        n_unknown += answer == QUERY_UNKNOWN;
        n_firm += answer != QUERY_UNKNOWN && query_looks_at(&query, unknown);
        if (answer != QUERY_UNKNOWN &&
            (answer == QUERY_YES) != query_match(&query, &random))
            fail_msg("%s: answered %d without %x", text, (int)answer, unknown);
        if (answer == QUERY_UNKNOWN && !query_looks_at(&query, unknown))
            fail_msg("%s: everything was known", text);
        query_done(&query);
    }
    assert_true(n_firm > 1000 && n_unknown > 1000);
}

static void what_was_filtered_was_not_wanted(void **state)
{
    static const struct {
        enum delivery_state state;
        const char *error;
        bool want;
    } cases[] = {
        {DELIVERY_DISCARDED, "DropEvent", true},
        {DELIVERY_DISCARDED, "EventNotSupported", true},
        {DELIVERY_DISCARDED, "ValidationError", false},
        {DELIVERY_DISCARDED, "discarded by operator", false},
        {DELIVERY_DEAD, "DropEvent", false},
    };
    struct query query;

    (void)state;
    assert_int_equal(query_parse(BYTES("is:filtered"), NOW, &query, NULL), 0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct query_facts one = {.state = cases[i].state,
                                        .error_name = bytes_str(cases[i].error)};

        assert_int_equal(query_match(&query, &one), cases[i].want);
    }
    query_done(&query);
}

/* There is no such fact, so it is neither above nor below anything. */
static void what_is_not_there_matches_nothing(void **state)
{
    static const char *const texts[] = {
        "latency:<1h", "size:<1G",       "status:5xx", "status:timeout", "has:log",
        "install:1",   "source:*",       "fn:*",       "anon:*",         "error:*",
        "message:*",   "properties.x:*", "is:dead"};
    static const struct query_facts nothing;

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct query query;

        assert_int_equal(query_parse(bytes_str(texts[i]), NOW, &query, NULL), 0);
        if (query_match(&query, &nothing))
            fail_msg("%s matches nothing at all", texts[i]);
        query_done(&query);
    }
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
        cmocka_unit_test(narrowing_never_leaves_out_a_match),
        cmocka_unit_test(an_answer_without_all_facts_is_right_or_unknown),
        cmocka_unit_test(what_was_filtered_was_not_wanted),
        cmocka_unit_test(what_is_not_there_matches_nothing),
        cmocka_unit_test(does_not_narrow_by_what_is_excluded_or_open),
        cmocka_unit_test(without_a_user_id_the_anonymous_one_counts),
    };

    return cmocka_run_group_tests_name("query", tests, NULL, NULL);
}
