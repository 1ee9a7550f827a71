/* SPDX-License-Identifier: MIT */

#include "core/query.h"

#include "base/err.h"
#include "lib/cm.h"

#define NOW INT64_C(1788436800000) /* 2026-09-03T12:00:00Z */

static const struct {
    const char *why;
    const char *query;
    struct query_term want; /* of the first term; its text as bytes */
} terms[] = {
    {"a word", "hello", {.field = QUERY_WORD, .text = {"hello", 5}}},
    {"an excluded word",
     "-hello",
     {.field = QUERY_WORD, .is_excluded = true, .text = {"hello", 5}}},
    {"capitals of a word", "HeLLo", {.field = QUERY_WORD, .text = {"hello", 5}}},
    {"a path",
     "properties.plan:Pro",
     {.field = QUERY_PATH, .path = {"properties.plan", 15}, .text = {"Pro", 3}}},
    {"a path from the top",
     "payload.a.0:\"x y\"",
     {.field = QUERY_PATH, .path = {"a.0", 3}, .text = {"x y", 3}}},
    {"a phrase", "\"a b\"", {.field = QUERY_WORD, .text = {"a b", 3}}},
    {"quotes and backslashes inside",
     "\"a\\\"b\\\\\"",
     {.field = QUERY_WORD, .text = {"a\"b\\", 4}}},
    {"a colon in quotes is text",
     "\"is:dead\"",
     {.field = QUERY_WORD, .text = {"is:dead", 7}}},
    {"OR in quotes is a word", "\"OR\"", {.field = QUERY_WORD, .text = {"or", 2}}},
    {"a value in quotes",
     "event:\"Signed Up\"",
     {.field = QUERY_EVENT, .text = {"Signed Up", 9}}},
    {"an excluded value",
     "-sub:crm",
     {.field = QUERY_SUB, .is_excluded = true, .text = {"crm", 3}}},
    {"a value with a colon", "user:a:b", {.field = QUERY_USER, .text = {"a:b", 3}}},
    {"blanks around", " \t key:k1 \n", {.field = QUERY_KEY, .text = {"k1", 2}}},
};

static void reads_terms_as_people_write_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(terms); i++) {
        const struct query_term *want = &terms[i].want;
        struct query query;
        struct err err = {0};

        if (query_parse(bytes_str(terms[i].query), NOW, &query, &err) < 0)
            fail_msg("%s: %s", terms[i].why, err.text);
        assert_int_equal(query.n_terms, 1);
        if (query.terms[0].field != want->field ||
            query.terms[0].is_excluded != want->is_excluded ||
            !bytes_eq(query.terms[0].text, want->text) ||
            !bytes_eq(query.terms[0].path, want->path))
            fail_msg("%s: got field %d, \"%.*s\"", terms[i].why,
                     (int)query.terms[0].field, BYTES_FMT(query.terms[0].text));
        query_done(&query);
        query_done(&query);
    }
}

static void a_query_without_end_is_refused(void **state)
{
    static char text[5000];
    struct query query;
    struct err err = {0};

    (void)state;
    memset(text, 'a', sizeof(text));
    assert_int_equal(query_parse(bytes_of(text, sizeof(text)), NOW, &query, &err), -1);
}

static void what_is_not_utf8_is_refused(void **state)
{
    static const char *const texts[] = {"\x87", "is:\xff", "a \xc3", "\xed\xa0\x80"};

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct query query;
        struct err err = {0};

        assert_int_equal(query_parse(bytes_str(texts[i]), NOW, &query, &err), -1);
        assert_string_equal(err.text, "the query is not UTF-8");
        assert_int_equal(query.fault_len, 1);
    }
}

static const struct {
    const char *query;
    unsigned groups[4]; /* of its terms, in order */
    size_t n_terms, n_groups;
    const char *why;
} grouped[] = {
    {"", {0}, 0, 1, "nothing to hold: one group that holds"},
    {"a b", {0, 0}, 2, 1, "a blank is and"},
    {"a OR b", {0, 1}, 2, 2, "OR begins another group"},
    {"a b OR c d", {0, 0, 1, 1}, 4, 2, "the blank binds tighter"},
    {"a OR b OR c", {0, 1, 2}, 3, 3, "OR after OR"},
    {"a or b", {0, 0, 0}, 3, 1, "small letters are a word"},
    {"a \"OR\" b", {0, 0, 0}, 3, 1, "quotes are a word"},
    {"a -OR b", {0, 0, 0}, 3, 1, "excluded, a word"},
    {"a ORB b", {0, 0, 0}, 3, 1, "only its beginning"},
};

static void or_stands_between_groups(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(grouped); i++) {
        struct query query;

        assert_int_equal(query_parse(bytes_str(grouped[i].query), NOW, &query, NULL), 0);
        if (query.n_terms != grouped[i].n_terms || query.n_groups != grouped[i].n_groups)
            fail_msg("%s: %zu terms, %zu groups", grouped[i].why, query.n_terms,
                     query.n_groups);
        for (size_t j = 0; j < query.n_terms; j++)
            assert_int_equal(query.terms[j].group, grouped[i].groups[j]);
        query_done(&query);
    }
}

static const struct {
    const char *query;
    const char *text;
    const char *help;  /* is a part of it */
    size_t at, length; /* in characters */
} errors[] = {
    {"tpye:track", "no field \"tpye\"; did you mean type:?", "fields: is: type:", 0, 5},
    {"is:dead snb:crm", "no field \"snb\"; did you mean sub:?", "fields:", 8, 4},
    {"ü -snb:crm", "no field \"snb\"; did you mean sub:?", "fields:", 3, 4},
    {"propertes.plan:pro", "no field \"propertes.plan\"; did you mean properties.plan:?",
     "payload.any.path:", 0, 15},
    {"a.b:pro", "no field \"a.b\"", "payload.any.path:", 0, 4},
    {"http://x", "no field \"http\"", "\"http:", 0, 5},
    {"properties:x", "\"properties\" is no path into the payload", "traits.email:", 0,
     10},
    {"properties..x:x", "\"properties..x\" is no path into the payload", "paths:", 0, 13},
    {"properties.x.:x", "\"properties.x.\" is no path into the payload", "paths:", 0, 13},
    {"payload.:x", "\"payload.\" is no path into the payload", "paths:", 0, 8},
    {"payload.1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17:x", "", "at most 16", 0, 49},
    {"is:ded", "no state \"ded\"; did you mean is:dead?", "states: queued", 3, 3},
    {"is:all", "no state \"all\"", "queued running retrying", 3, 3},
    {"type:trak", "no event type \"trak\"; did you mean type:track?", "types:", 5, 4},
    {"after:yesterday", "\"yesterday\" is no time", "after:2h", 6, 9},
    {"after:2026", "\"2026\" is no time", "after:2026-09-03", 6, 4},
    {"after:-2h", "\"-2h\" is no time", "after:2h", 6, 3},
    {"after:99999999999999999d", "\"99999999999999999d\" is no time", "after:2h", 6, 18},
    {"id:evt_1", "\"evt_1\" is no event's or delivery's id", "26 characters", 3, 5},
    {"id:key_0000000000000000000000001a", "", "26 characters", 3, 30},
    {"is:", "is: without a value", "no blank after the colon", 0, 3},
    {"a event: x", "event: without a value", "quotes around blanks", 2, 6},
    {"event:\"x", "a quote in the query is not closed", "", 6, 2},
    {"\"x\\\"", "a quote in the query is not closed", "", 0, 4},
    {"\"x\\", "a quote in the query is not closed", "", 0, 3},
    {"OR a", "OR stands between two terms", "is:dead OR is:retrying", 0, 2},
    {"a OR", "OR stands between two terms", "\"OR\"", 2, 2},
    {"a OR OR b", "OR stands between two terms", "\"OR\"", 5, 2},
    {"(a OR b) c", "there are no parentheses in queries", "binds tighter", 0, 1},
    {"c -(a", "there are no parentheses in queries", "\"(", 3, 1},
    {"status:5x", "no status \"5x\"", "status:5xx", 7, 2},
    {"status:timeuot", "no status \"timeuot\"; did you mean status:timeout?", "refused",
     7, 7},
    {"attempts:>x", "\">x\" is no number of attempts", "attempts:>3", 9, 2},
    {"attempts:-1", "\"-1\" is no number of attempts", "attempts:>3", 9, 2},
    {"latency:>500", "\">500\" is no latency", "with a unit", 8, 4},
    {"size:>big", "\">big\" is no size", "size:>32k", 5, 4},
    {"has:logz", "no such thing as \"logz\"; did you mean has:log?", "has:log", 4, 4},
    {"install:x", "\"x\" is no install", "install:ins_7", 8, 1},
    {"install:ins_0", "\"ins_0\" is no install", "install:ins_7", 8, 5},
    {"a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a",
     "more than 32 terms in the query", "", 64, 1},
};

static void says_what_it_does_not_know_and_where(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(errors); i++) {
        struct query query;
        struct err err = {0};

        if (query_parse(bytes_str(errors[i].query), NOW, &query, &err) == 0)
            fail_msg("%s was accepted", errors[i].query);
        if (errors[i].text[0] != '\0')
            assert_string_equal(err.text, errors[i].text);
        if (strstr(err.help, errors[i].help) == NULL)
            fail_msg("%s: help is \"%s\"", errors[i].query, err.help);
        if (query.fault_at != errors[i].at || query.fault_len != errors[i].length)
            fail_msg("%s: the place is %zu, %zu long", errors[i].query, query.fault_at,
                     query.fault_len);
        assert_true(err.place[0] != '\0');
        assert_int_equal(err.exit_code, ERR_USAGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_terms_as_people_write_them),
        cmocka_unit_test(a_query_without_end_is_refused),
        cmocka_unit_test(what_is_not_utf8_is_refused),
        cmocka_unit_test(or_stands_between_groups),
        cmocka_unit_test(says_what_it_does_not_know_and_where),
    };

    return cmocka_run_group_tests_name("query_parse", tests, NULL, NULL);
}
