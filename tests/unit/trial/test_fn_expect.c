/* SPDX-License-Identifier: MIT */

#include "trial/fn_expect.h"

#include "lib/cm.h"
#include "json/json.h"

#define GOT                                                                              \
    "{\"outcome\":\"delivered\",\"result\":{\"id\":7,\"tags\":[\"a\",\"b\"]},\"error\":" \
    "null,\"logs\":[\"got Signed Up\",\"sent\"],\"requests\":[{\"method\":\"POST\","     \
    "\"url\":\"https://a.example/x\",\"headers\":{\"Content-Type\":\"text/plain\","      \
    "\"Authorization\":\"Basic abc\"},\"body\":\"{\\\"note\\\":1,\\\"more\\\":2}\"}]}"
#define THREW                                                                            \
    "{\"outcome\":\"retry\",\"result\":null,\"error\":{\"name\":\"RetryError\","         \
    "\"message\":\"later, please\"},\"logs\":[],\"requests\":[]}"

static const struct {
    const char *why;
    const char *want, *got;
    const char *path; /* of the first difference; NULL: there is none */
} cases[] = {
    {"nothing said wants a delivery", "{}", GOT, NULL},
    {"which a retry is not", "{}", THREW, "outcome"},
    {"an expected error wants no delivery", "{\"error\":\"RetryError\"}", THREW, NULL},
    {"a text as error is its name", "{\"error\":\"TypeError\"}", THREW, "error.name"},
    {"a part of an error",
     "{\"outcome\":\"retry\",\"error\":{\"message\":\"later, please\"}}", THREW, NULL},
    {"no error expected, and one there", "{\"outcome\":\"retry\",\"error\":null}", THREW,
     "error"},
    {"more members than expected are fine", "{\"result\":{\"id\":7}}", GOT, NULL},
    {"a number is its value", "{\"result\":{\"id\":7.0}}", GOT, NULL},
    {"another number", "{\"result\":{\"id\":8}}", GOT, "result.id"},
    {"a number is no text", "{\"result\":{\"id\":\"7\"}}", GOT, "result.id"},
    {"a missing member", "{\"result\":{\"no\":1}}", GOT, "result.no"},
    {"null is as good as missing", "{\"result\":{\"no\":null}}", GOT, NULL},
    {"a list in its order", "{\"result\":{\"tags\":[\"b\",\"a\"]}}", GOT,
     "result.tags[0]"},
    {"a list has no more elements", "{\"result\":{\"tags\":[\"a\"]}}", GOT,
     "result.tags.length"},
    {"a list of requests is whole", "{\"requests\":[]}", GOT, "requests.length"},
    {"headers in any case",
     "{\"requests\":[{\"headers\":{\"content-type\":\"text/plain\"}}]}", GOT, NULL},
    {"a JSON body as JSON", "{\"requests\":[{\"body\":{\"note\":1}}]}", GOT, NULL},
    {"a JSON body that differs", "{\"requests\":[{\"body\":{\"note\":2}}]}", GOT,
     "requests[0].body.note"},
    {"a body as text", "{\"requests\":[{\"body\":\"{\\\"note\\\":1,\\\"more\\\":2}\"}]}",
     GOT, NULL},
    {"what is masked is anything",
     "{\"requests\":[{\"headers\":{\"authorization\":\"••••\"}}]}", GOT, NULL},
    {"a gap in a text", "{\"requests\":[{\"url\":\"https://…/x\"}]}", GOT, NULL},
    {"a gap, then something else", "{\"requests\":[{\"url\":\"https://…/y\"}]}", GOT,
     "requests[0].url"},
    {"a gap does not overlap", "{\"requests\":[{\"method\":\"POS…ST\"}]}", GOT,
     "requests[0].method"},
    {"a log line by a part of it", "{\"logs\":[\"Signed\",\"sent\"]}", GOT, NULL},
    {"log lines in their order", "{\"logs\":[\"sent\",\"Signed\"]}", GOT, "logs[1]"},
    {"a log line that is not there", "{\"logs\":[\"lost\"]}", GOT, "logs[0]"},
};

static void finds_the_first_difference(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct json *want = NULL, *got = NULL;
        struct fn_expect expect;
        const char *path;

        assert_int_equal(0, json_parse(bytes_str(cases[i].want), &want, NULL));
        assert_int_equal(0, json_parse(bytes_str(cases[i].got), &got, NULL));
        fn_expect_check(&expect, want, got);
        path = expect.n > 0 ? expect.list[0].path : NULL;
        if ((path == NULL) != (cases[i].path == NULL) ||
            (path != NULL && strcmp(path, cases[i].path) != 0))
            fail_msg("%s: got %s, want %s", cases[i].why, path != NULL ? path : "none",
                     cases[i].path != NULL ? cases[i].path : "none");
        fn_expect_done(&expect);
        json_free(want);
        json_free(got);
    }
}

static void shows_both_values(void **state)
{
    struct json *want = NULL, *got = NULL;
    struct fn_expect expect;

    (void)state;
    assert_int_equal(0, json_parse(BYTES("{\"result\":{\"id\":8}}"), &want, NULL));
    assert_int_equal(0, json_parse(BYTES(GOT), &got, NULL));
    fn_expect_check(&expect, want, got);
    assert_int_equal(1, expect.n);
    assert_string_equal("8", expect.list[0].want);
    assert_string_equal("7", expect.list[0].got);
    fn_expect_done(&expect);
    json_free(want);
    json_free(got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_first_difference),
        cmocka_unit_test(shows_both_values),
    };

    return cmocka_run_group_tests_name("fn_expect", tests, NULL, NULL);
}
