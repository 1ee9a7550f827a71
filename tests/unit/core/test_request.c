/* SPDX-License-Identifier: MIT */

#include "core/request.h"

#include "lib/cm.h"

#define HEAD "{\"type\":\"request\",\"method\":\"POST\","

static const struct {
    const char *why;
    struct request request;
    const char *payload, *sealed, *opened; /* opened NULL: the payload as it is */
} cases[] = {
    {"text, a query, fields of one name",
     {.method = BYTES("POST"),
      .body = BYTES("{\"a\":\"\xc3\xa9\"}\n"),
      .base = BYTES("https://h.example.com"),
      .path = BYTES("/source/a b"),
      .headers = {{BYTES("Content-Type"), BYTES("text/plain")},
                  {BYTES("X-A"), BYTES("1")},
                  {BYTES("x-a"), BYTES("2")}},
      .n_headers = 3,
      .queries = {{BYTES("q"), BYTES("x y&z")}, {BYTES("q"), BYTES("2")}},
      .n_queries = 2},
     HEAD "\"url\":\"https://h.example.com/source/a%20b?q=x%20y%26z&q=2\","
          "\"queryParameters\":{\"q\":\"x y&z\"},"
          "\"headers\":{\"content-type\":\"text/plain\",\"x-a\":\"1, 2\"},"
          "\"body\":\"{\\\"a\\\":\\\"\xc3\xa9\\\"}\\n\"}",
     "",
     NULL},
    {"a credential in a header",
     {.method = BYTES("POST"),
      .base = BYTES("http://h"),
      .path = BYTES("/s"),
      .headers = {{BYTES("Authorization"), BYTES("Bearer abc")},
                  {BYTES("X-B"), BYTES("b")}},
      .n_headers = 2},
     HEAD "\"url\":\"http://h/s\",\"queryParameters\":{},"
          "\"headers\":{\"authorization\":\"••••\",\"x-b\":\"b\"},\"body\":\"\"}",
     "{\"headers\":{\"authorization\":\"Bearer abc\"}}",
     "{\"method\":\"POST\",\"url\":\"http://h/s\",\"queryParameters\":{},\"body\":\"\","
     "\"headers\":{\"authorization\":\"Bearer abc\",\"x-b\":\"b\"}}"},
    {"a credential in the query",
     {.method = BYTES("POST"),
      .base = BYTES("http://h"),
      .path = BYTES("/s"),
      .queries = {{BYTES("access_token"), BYTES("t/1")}},
      .n_queries = 1},
     HEAD "\"url\":\"http://h/s?access_token=••••\","
          "\"queryParameters\":{\"access_token\":\"••••\"},\"headers\":{},\"body\":\"\"}",
     "{\"url\":\"http://h/s?access_token=t%2F1\","
     "\"queryParameters\":{\"access_token\":\"t/1\"},\"headers\":{}}",
     "{\"method\":\"POST\",\"url\":\"http://h/s?access_token=t%2F1\","
     "\"queryParameters\":{\"access_token\":\"t/1\"},\"body\":\"\",\"headers\":{}}"},
    {"bytes that are no text",
     {.method = BYTES("POST"),
      .body = BYTES("\xff\x00\x01"),
      .base = BYTES("http://h"),
      .path = BYTES("/s"),
      .headers = {{BYTES("X-Partnerapp-Body-Encoding"), BYTES("forged")}},
      .n_headers = 1},
     HEAD "\"url\":\"http://h/s\",\"queryParameters\":{},"
          "\"headers\":{\"x-partnerapp-body-encoding\":\"base64\"},\"body\":\"/wAB\"}",
     "",
     NULL},
    {"controls in text stay text",
     {.method = BYTES("POST"),
      .body = BYTES("a\x00\x1f"),
      .base = BYTES("http://h"),
      .path = BYTES("/s")},
     HEAD "\"url\":\"http://h/s\",\"queryParameters\":{},\"headers\":{},"
          "\"body\":\"a\\u0000\\u001f\"}",
     "",
     NULL},
};

static void a_request_is_kept_and_opened_again(void **state)
{
    struct buf payload;
    struct buf sealed;
    struct buf opened;

    (void)state;
    buf_init(&payload, 65536);
    buf_init(&sealed, 65536);
    buf_init(&opened, 65536);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *want = cases[i].opened != NULL ? cases[i].opened : cases[i].payload;

        buf_clear(&payload);
        buf_clear(&sealed);
        buf_clear(&opened);
        print_message("%s\n", cases[i].why);
        assert_int_equal(request_write(&cases[i].request, &payload, &sealed), 0);
        assert_string_equal(buf_text(&payload), cases[i].payload);
        assert_string_equal(buf_text(&sealed), cases[i].sealed);
        request_open(buf_bytes(&payload), buf_bytes(&sealed), &opened);
        assert_string_equal(buf_text(&opened), want);
    }
    buf_done(&payload);
    buf_done(&sealed);
    buf_done(&opened);
}

static void what_does_not_fit_is_refused(void **state)
{
    struct buf payload;
    struct buf sealed;

    (void)state;
    buf_init(&payload, 16);
    buf_init(&sealed, 65536);
    assert_int_equal(request_write(&cases[0].request, &payload, &sealed), BUF_FULL);
    buf_done(&payload);
    buf_done(&sealed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_kept_and_opened_again),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };

    return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
