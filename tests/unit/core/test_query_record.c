/* SPDX-License-Identifier: MIT */

#include "core/query_record.h"

#include "lib/cm.h"

#define OK(members) "{\"id\":\"att_1\",\"duration_ms\":12.5,\"error\":null" members "}"
#define REQUEST(status) "{\"response\":{\"status\":" #status ",\"body\":\"\"}}"

static const struct {
    const char *attempts;
    int status;
    const char *cause;
    int64_t latency_us;
    bool has_log;
    const char *why;
} cases[] = {
    {"", 0, "", 0, false, "nothing was tried"},
    {OK(""), 0, "", 12500, false, "nothing ran"},
    {OK(",\"logs\":[],\"requests\":[]"), 0, "", 12500, false, "nothing was sent"},
    {OK(",\"logs\":[\"x\"],\"requests\":[]"), 0, "", 12500, true, "a log"},
    {OK(",\"logs\":null"), 0, "", 12500, false, "no list of logs"},
    {OK(",\"requests\":[" REQUEST(200) "]"), 200, "", 12500, false, "an answer"},
    {OK(",\"requests\":[" REQUEST(200) "," REQUEST(503) "]"), 503, "", 12500, false,
     "the last request counts"},
    {OK(",\"requests\":[" REQUEST(503) "]") "," OK(",\"requests\":[" REQUEST(201) "]"),
     201, "", 12500, false, "the last attempt counts"},
    {OK(",\"logs\":[\"x\"]") "," OK(",\"logs\":[]"), 0, "", 12500, true,
     "a log of any attempt counts"},
    {OK(",\"requests\":[{\"response\":null,\"error\":\"slow\",\"cause\":\"timeout\"}]"),
     0, "timeout", 12500, false, "no answer, and why"},
    {"{\"duration_ms\":0,\"error\":{\"name\":\"refused\"},\"requests\":[{\"response\":"
     "null}]}",
     0, "refused", 1, false, "its error says it; 0 ms is not no time"},
    {"{\"error\":{\"name\":\"RetryError\"},\"requests\":[{\"response\":null}]}", 0, "", 0,
     false, "a thrown error is no cause"},
    {OK(",\"result\":{\"logs\":[\"x\"],\"requests\":[" REQUEST(500) "]}"), 0, "", 12500,
     false, "what a function returned is not the record"},
    {"{\"duration_ms\":1e400}", 0, "", 0, false, "a time without end"},
    {OK(",\"requests\":[" REQUEST(0) "]"), 0, "", 12500, false, "a status of nothing"},
    {OK(",\"requests\":[" REQUEST(1000) "]"), 0, "", 12500, false, "a status of nobody"},
    {OK(",\"requests\":[" REQUEST("x") "]"), 0, "", 12500, false, "a status in words"},
    {OK(",\"requests\":[{\"response\":{\"body\":\"\"}}]"), 0, "", 12500, false,
     "an answer without a status"},
    {"nonsense", 0, "", 0, false, "no record"},
    {"{\"logs\":[\"", 0, "", 0, true, "cut off: looked at as far as it goes"},
};

static void the_last_attempt_speaks(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct query_facts facts = {.status = 1, .latency_us = 1, .has_log = true};

        query_record_read(bytes_str(cases[i].attempts), QUERY_OF_RECORD, &facts);
        if (facts.status != cases[i].status ||
            !bytes_eq(facts.status_cause, bytes_str(cases[i].cause)) ||
            facts.latency_us != cases[i].latency_us || facts.has_log != cases[i].has_log)
            fail_msg("%s: got %d \"%.*s\" %lld %d", cases[i].why, facts.status,
                     BYTES_FMT(facts.status_cause), (long long)facts.latency_us,
                     facts.has_log);
    }
}

static void only_what_is_asked_for_is_read(void **state)
{
    static const unsigned fields[] = {QUERY_BIT(STATUS), QUERY_BIT(LATENCY),
                                      QUERY_BIT(HAS)};

    (void)state;
    for (size_t i = 0; i < COUNT(cases) * COUNT(fields); i++) {
        const struct bytes attempts = bytes_str(cases[i / COUNT(fields)].attempts);
        const unsigned one = fields[i % COUNT(fields)];
        struct query_facts all = {0}, some = {0};

        query_record_read(attempts, QUERY_OF_RECORD, &all);
        query_record_read(attempts, one, &some);
        assert_int_equal(some.status, one == QUERY_BIT(STATUS) ? all.status : 0);
        assert_int_equal(some.latency_us, one == QUERY_BIT(LATENCY) ? all.latency_us : 0);
        assert_int_equal(some.has_log, one == QUERY_BIT(HAS) && all.has_log);
    }
}

/* What it says does not matter: read or not, the answers are the same. */
static void what_does_not_matter_changes_no_answer(void **state)
{
    static const char *const texts[] = {"status:503",
                                        "status:5xx",
                                        "status:200 OR status:timeout",
                                        "-status:503",
                                        "status:REFUSED",
                                        "status:2xx",
                                        "has:log",
                                        "-has:log status:4xx",
                                        "latency:>1ms",
                                        "status:201 -has:log"};
    size_t n_dull = 0, n_read = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct query query;

        assert_int_equal(query_parse(bytes_str(texts[i]), 0, &query, NULL), 0);
        for (size_t j = 0; j < COUNT(cases); j++) {
            struct query_facts facts = {0};
            const struct query_facts none = {0};
            bool matters = query_record_matters(bytes_str(cases[j].attempts), &query);

            query_record_read(bytes_str(cases[j].attempts), QUERY_OF_RECORD, &facts);
            n_dull += !matters;
            n_read += matters;
            if (!matters && query_match(&query, &facts) != query_match(&query, &none))
                fail_msg("%s: %s matters", texts[i], cases[j].why);
        }
        query_done(&query);
    }
    assert_true(n_dull > 20 && n_read > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_attempt_speaks),
        cmocka_unit_test(only_what_is_asked_for_is_read),
        cmocka_unit_test(what_does_not_matter_changes_no_answer),
    };

    return cmocka_run_group_tests_name("query_record", tests, NULL, NULL);
}
