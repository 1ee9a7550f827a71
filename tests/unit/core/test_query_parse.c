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
    {"a phrase", "\"a b\"", {.field = QUERY_WORD, .text = {"a b", 3}}},
    {"quotes and backslashes inside",
     "\"a\\\"b\\\\\"",
     {.field = QUERY_WORD, .text = {"a\"b\\", 4}}},
    {"a colon in quotes is text",
     "\"is:dead\"",
     {.field = QUERY_WORD, .text = {"is:dead", 7}}},
    {"OR in quotes is a word", "\"OR\"", {.field = QUERY_WORD, .text = {"OR", 2}}},
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
            !bytes_eq(query.terms[0].text, want->text))
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

static const struct {
    const char *query;
    const char *text;
    const char *help; /* is a part of it */
} errors[] = {
    {"tpye:track", "no prefix `tpye:` in queries", "did you mean `type:`?"},
    {"properties.plan:pro", "no prefix `properties.plan:` in queries",
     "known: is: type:"},
    {"http://x", "no prefix `http:` in queries", "\"http:"},
    {"is:ded", "no state `ded`", "did you mean `is:dead`?"},
    {"is:all", "no state `all`", "queued running retrying"},
    {"type:trak", "no event type `trak`", "did you mean `type:track`?"},
    {"after:yesterday", "`yesterday` is no time", "after:2h"},
    {"after:2026", "`2026` is no time", "after:2026-09-03"},
    {"after:-2h", "`-2h` is no time", "after:2h"},
    {"after:99999999999999999d", "`99999999999999999d` is no time", "after:2h"},
    {"id:evt_1", "`evt_1` is no event's or delivery's id", "26 characters"},
    {"id:key_0000000000000000000000001a", "", "26 characters"},
    {"is:", "`is:` without a value", "no blank after the colon"},
    {"event: x", "`event:` without a value", "quotes around blanks"},
    {"event:\"x", "a quote in the query is not closed", ""},
    {"\"x\\\"", "a quote in the query is not closed", ""},
    {"a OR b", "OR is not known in queries", "all terms must hold"},
    {"a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a",
     "more than 32 terms in the query", ""},
};

static void says_what_it_does_not_know(void **state)
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
        assert_int_equal(err.exit_code, ERR_USAGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_terms_as_people_write_them),
        cmocka_unit_test(a_query_without_end_is_refused),
        cmocka_unit_test(says_what_it_does_not_know),
    };

    return cmocka_run_group_tests_name("query_parse", tests, NULL, NULL);
}
