/* SPDX-License-Identifier: MIT */

#include "core/segment_api.h"

#include "lib/cm.h"

#define V1 SEGMENT_V1BETA
#define PUB SEGMENT_PUBLIC
#define ERROR(text, code) "{\"error\":\"" text "\",\"code\":" #code "}"
#define ERRORS(text) "{\"errors\":[{\"type\":\"t\",\"message\":\"" text "\"}]}"

static const struct {
    const char *why;
    enum segment_backend backend;
    int status;
    const char *body;
    enum segment_verdict want;
    const char *said;
} answers[] = {
    {"a resource", V1, 200, "{\"name\":\"x\"}", SEGMENT_FINE, ""},
    {"created", V1, 201, "{}", SEGMENT_FINE, ""},
    {"HTML with 200", V1, 200, "<html>", SEGMENT_MALFORMED,
     "status 200 without a word from Segment"},
    {"a list with 200", V1, 200, "[]", SEGMENT_MALFORMED,
     "status 200 without a word from Segment"},
    {"nothing with 200", V1, 200, "", SEGMENT_MALFORMED,
     "status 200 without a word from Segment"},
    {"it exists", V1, 500,
     ERROR("destination already exists or other internal error", 13), SEGMENT_EXISTS,
     "destination already exists or other internal error"},
    {"another 500", V1, 500, ERROR("internal", 13), SEGMENT_UNAVAILABLE, "internal"},
    {"a source exists", V1, 409, ERROR("exists", 6), SEGMENT_EXISTS, "exists"},
    {"malformed token", V1, 401, ERROR("malformed token", 16), SEGMENT_UNAUTHENTICATED,
     "malformed token"},
    {"case 94: insufficient scope", V1, 403, ERROR("insufficient scope", 7),
     SEGMENT_FORBIDDEN, "insufficient scope"},
    {"unknown", V1, 404, ERROR("not found", 5), SEGMENT_NOT_FOUND, "not found"},
    {"invalid", V1, 400, "{\"message\":\"bad value\",\"details\":[]}", SEGMENT_INVALID,
     "bad value"},
    {"limited", V1, 429, ERROR("slow", 8), SEGMENT_LIMITED, "slow"},
    {"limited by a proxy", V1, 429, "<html>", SEGMENT_LIMITED,
     "status 429 without a word from Segment"},
    {"not implemented", V1, 501, ERROR("no", 12), SEGMENT_NOT_IMITATED, "no"},
    {"the 503 in plain text", V1, 503,
     "upstream connect error or disconnect/reset before headers", SEGMENT_UNAVAILABLE,
     "status 503 without a word from Segment"},
    {"no answer", V1, 0, "", SEGMENT_UNAVAILABLE, "no answer"},
    {"a proxy's time-out", V1, 408, "", SEGMENT_UNAVAILABLE,
     "status 408 without a word from Segment"},
    {"a proxy's 401 accuses nobody", V1, 401, "<html>", SEGMENT_MALFORMED,
     "status 401 without a word from Segment"},
    {"a proxy's 404 loses nothing", V1, 404, "{}", SEGMENT_MALFORMED,
     "status 404 without a word from Segment"},
    {"an error that is no text", V1, 403, "{\"error\":{\"a\":1}}", SEGMENT_MALFORMED,
     "status 403 without a word from Segment"},
    {"a redirect", V1, 302, ERROR("x", 1), SEGMENT_MALFORMED, "x"},
    {"what turns text around", V1, 400,
     ERROR("a\\u0000b\\r\\nc\\u202ed\\u0085e\\u200bf", 3), SEGMENT_INVALID,
     "a b  c d e f"},
    {"what is invisible, in each of its ranges", V1, 400,
     ERROR("a\\u2007b\\u200fc\\u2010d\\u2028e\\u202ef\\u202fg\\u2060h\\u206fi\\u2070j",
           3),
     SEGMENT_INVALID, "a\u2007b c\u2010d e f\u202fg h i\u2070j"},
    {"what is two bytes or four and harmless", V1, 400,
     ERROR("\u00e9\u2192\U0001f600", 3), SEGMENT_INVALID, "\u00e9\u2192\U0001f600"},
    {"half a pair", V1, 400, ERROR("\\ud800 é", 3), SEGMENT_INVALID, NULL},
    {"data", PUB, 200, "{\"data\":{}}", SEGMENT_FINE, ""},
    {"no data", PUB, 200, "{\"source\":{}}", SEGMENT_MALFORMED,
     "status 200 without a word from Segment"},
    {"data and errors", PUB, 200,
     "{\"data\":{},\"errors\":[{\"type\":\"t\",\"message\":\"m\"}]}", SEGMENT_MALFORMED,
     "m"},
    {"unauthorized", PUB, 401, ERRORS("who?"), SEGMENT_UNAUTHENTICATED, "who?"},
    {"forbidden", PUB, 403, ERRORS("no"), SEGMENT_FORBIDDEN, "no"},
    {"not found", PUB, 404, "{\"errors\":[{\"type\":\"not-found\"}]}", SEGMENT_NOT_FOUND,
     "not-found"},
    {"validation", PUB, 422, ERRORS("bad"), SEGMENT_INVALID, "bad"},
    {"too large", PUB, 413, ERRORS("big"), SEGMENT_INVALID, "big"},
    {"a second of one kind", PUB, 400,
     ERRORS("Multiple configurations of this destination type not supported."),
     SEGMENT_EXISTS, "Multiple configurations of this destination type not supported."},
    {"exists", PUB, 409, ERRORS("taken"), SEGMENT_EXISTS, "taken"},
    {"v1beta's words are not its own", PUB, 500, ERROR("destination already exists", 13),
     SEGMENT_UNAVAILABLE, "status 500 without a word from Segment"},
    {"errors that are text", PUB, 403, "{\"errors\":\"no\"}", SEGMENT_MALFORMED,
     "status 403 without a word from Segment"},
};

static void every_answer_has_its_verdict(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(answers); i++) {
        char said[256] = "untouched";
        const enum segment_verdict got =
            segment_api_read(answers[i].backend, answers[i].status,
                             bytes_str(answers[i].body), said, sizeof(said));

        if (got != answers[i].want ||
            (answers[i].said != NULL && strcmp(said, answers[i].said) != 0))
            fail_msg("%s: got %s, \"%s\"; want %s", answers[i].why,
                     segment_verdict_text(got), said,
                     segment_verdict_text(answers[i].want));
    }
}

static void a_sentence_is_cut_between_two_characters(void **state)
{
    char said[6];

    (void)state;
    (void)!segment_api_read(V1, 400, BYTES("{\"error\":\"aééé\"}"), said, sizeof(said));
    assert_string_equal(said, "aéé");
    (void)!segment_api_read(V1, 400, BYTES("{\"error\":\"éééé\"}"), said, sizeof(said));
    assert_string_equal(said, "éé");
    (void)!segment_api_read(V1, 400, BYTES("{\"error\":\"éééé\"}"), said, 1);
    assert_string_equal(said, "");
}

static const struct {
    const char *why;
    unsigned tries;
    int64_t retry_after_ms;
    uint32_t random;
    int64_t want;
} waits[] = {
    {"the first", 1, 0, 1u << 31, 1000},
    {"twice as long", 2, 0, 1u << 31, 2000},
    {"and again", 3, 0, 1u << 31, 4000},
    {"by chance shorter", 1, 0, 0, 500},
    {"four tries are enough", 4, 0, 0, -1},
    {"what Segment says is the least", 1, 5000, 0, 5000},
    {"a minute is for another time", 1, 60000, 0, -1},
    {"for ever", 1, INT64_MAX, 0, -1},
};

static void waits_double_and_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(waits); i++) {
        const int64_t got =
            segment_api_wait_ms(waits[i].tries, waits[i].retry_after_ms, waits[i].random);

        if (got != waits[i].want)
            fail_msg("%s: got %d, want %d", waits[i].why, (int)got, (int)waits[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_answer_has_its_verdict),
        cmocka_unit_test(a_sentence_is_cut_between_two_characters),
        cmocka_unit_test(waits_double_and_end),
    };

    return cmocka_run_group_tests_name("segment_api_read", tests, NULL, NULL);
}
