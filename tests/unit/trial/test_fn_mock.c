/* SPDX-License-Identifier: MIT */

#include "trial/fn_mock.h"

#include "base/err.h"
#include "lib/cm.h"
#include "json/json.h"

#define MOCKS                                                                            \
    "[{\"request\":{\"method\":\"POST\",\"url\":\"https://a.example/x\"},"               \
    "\"response\":{\"status\":201,\"body\":{\"id\":7}}},"                                \
    "{\"request\":{\"url\":\"https://a.example/*\"},\"response\":{\"status\":404,"       \
    "\"headers\":{\"retry-after\":\"2\"},\"body\":\"gone\"}},"                           \
    "{\"request\":{\"url\":\"https://down.example/\"},\"response\":{\"error\":\"connect" \
    " ECONNREFUSED\"}}]"

static const struct {
    const char *why;
    const char *method, *url;
    bool fits;
    int status;
    const char *body;
    const char *header; /* the first one's name */
} cases[] = {
    {"the first that fits", "POST", "https://a.example/x", true, 201, "{\"id\":7}",
     "content-type"},
    {"another method", "GET", "https://a.example/x", true, 404, "gone", "retry-after"},
    {"a star is any rest", "POST", "https://a.example/xyz?q", true, 404, "gone",
     "retry-after"},
    {"a method in any case", "post", "https://a.example/x", true, 201, "{\"id\":7}",
     "content-type"},
    {"nobody answers", "GET", "https://down.example/", true, 0, "", NULL},
    {"none fits", "GET", "https://b.example/", false, 0, "", NULL},
};

static void answers_by_method_and_url(void **state)
{
    struct json *document = NULL;
    struct fn_mocks mocks = {0};
    struct err err = {0};

    (void)state;
    assert_int_equal(0, json_parse(BYTES(MOCKS), &document, NULL));
    assert_int_equal(0, fn_mocks_add(&mocks, document, "m.json", &err));
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct client_request request = {.method = bytes_str(cases[i].method),
                                         .url = bytes_str(cases[i].url)};
        struct client_response got = {0};
        struct arena arena;
        bool fits;

        arena_init(&arena);
        fits = fn_mocks_answer(&mocks, &request, &arena, &got);
        if (fits != cases[i].fits || got.status != cases[i].status ||
            !bytes_eq(got.body, bytes_str(cases[i].body)) ||
            (got.n_headers > 0 &&
             !bytes_eq(got.headers[0].name, bytes_str(cases[i].header))))
            fail_msg("%s: got %d, %d %.*s", cases[i].why, fits, got.status,
                     BYTES_FMT(got.body));
        arena_done(&arena);
    }
    fn_mocks_done(&mocks);
    json_free(document);
}

static void what_is_no_mock_is_refused(void **state)
{
    static const char *const texts[] = {"1", "{}", "[{\"request\":{}}]",
                                        "{\"response\":{\"status\":99}}",
                                        "{\"response\":{\"status\":\"200\"}}"};

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct json *document = NULL;
        struct fn_mocks mocks = {0};
        struct err err = {0};

        assert_int_equal(0, json_parse(bytes_str(texts[i]), &document, NULL));
        if (fn_mocks_add(&mocks, document, "m.json", &err) != -1)
            fail_msg("%s: taken for a mock", texts[i]);
        assert_string_equal("PA2042", err.code);
        assert_non_null(strstr(err.text, "m.json"));
        fn_mocks_done(&mocks);
        json_free(document);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_by_method_and_url),
        cmocka_unit_test(what_is_no_mock_is_refused),
    };

    return cmocka_run_group_tests_name("fn_mock", tests, NULL, NULL);
}
