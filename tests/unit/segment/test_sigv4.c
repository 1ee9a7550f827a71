/* SPDX-License-Identifier: MIT */

#include "segment/sigv4.h"

#include "lib/cm.h"

#define DATE "20150830T123600Z"
#define SCOPE                                                                            \
    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request"
#define MAC "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"

static const struct {
    const char *why;
    struct sigv4_request request;
    const char *want;
} signatures[] = {
    {"AWS's own example: get-vanilla",
     {.method = BYTES("GET"),
      .path = BYTES("/"),
      .headers = {{BYTES("x-amz-date"), BYTES(DATE)},
                  {BYTES("host"), BYTES("example.amazonaws.com")}},
      .n_headers = 2,
      .region = BYTES("us-east-1"),
      .service = BYTES("service"),
      .key_id = BYTES("AKIDEXAMPLE"),
      .secret = BYTES("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
      .date = DATE},
     SCOPE ", SignedHeaders=host;x-amz-date, Signature=" MAC},
    {"AWS's own example: get-vanilla-query-order-key-case",
     {.method = BYTES("GET"),
      .path = BYTES("/"),
      .query = BYTES("Param1=value1&Param2=value2"),
      .headers = {{BYTES("host"), BYTES("example.amazonaws.com")},
                  {BYTES("x-amz-date"), BYTES(DATE)}},
      .n_headers = 2,
      .region = BYTES("us-east-1"),
      .service = BYTES("service"),
      .key_id = BYTES("AKIDEXAMPLE"),
      .secret = BYTES("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
      .date = DATE},
     SCOPE ", SignedHeaders=host;x-amz-date, "
           "Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
    /* Made with Python's hmac and hashlib after AWS's description. */
    {"an ARN in the path is encoded twice, values are trimmed, the body counts",
     {.method = BYTES("POST"),
      .path = BYTES("/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-west-2%3A123456789012"
                    "%3Afunction%3Ahello/invocations"),
      .headers = {{BYTES("host"), BYTES("127.0.0.1:9001")},
                  {BYTES("x-amz-log-type"), BYTES("  Tail ")},
                  {BYTES("x-amz-date"), BYTES(DATE)},
                  {BYTES("content-type"), BYTES("application/json")}},
      .n_headers = 4,
      .body = BYTES("{\"type\":\"track\"}"),
      .region = BYTES("us-west-2"),
      .service = BYTES("lambda"),
      .key_id = BYTES("local"),
      .secret = BYTES("local"),
      .date = DATE},
     "AWS4-HMAC-SHA256 Credential=local/20150830/us-west-2/lambda/aws4_request, "
     "SignedHeaders=content-type;host;x-amz-date;x-amz-log-type, "
     "Signature=aecdb6c02fe1035012dd13af2f7c9eeff34f2484976a946d1879b06e461956b4"},
};

static void signs_every_request(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(signatures); i++) {
        cleanup(buf_done) struct buf got = {0};

        buf_init(&got, 4096);
        assert_int_equal(sigv4_authorization(&signatures[i].request, &got), 0);
        if (strcmp(buf_text(&got), signatures[i].want) != 0)
            fail_msg("%s: got %s, want %s", signatures[i].why, buf_text(&got),
                     signatures[i].want);
    }
}

static const struct {
    const char *why, *text;
    bool want;
} forms[] = {
    {"a whole one", SCOPE ", SignedHeaders=host, Signature=" MAC, true},
    {"without spaces", SCOPE ",SignedHeaders=host,Signature=" MAC, true},
    {"nothing", "", false},
    {"another scheme", "Bearer abc", false},
    {"no signature", SCOPE ", SignedHeaders=host", false},
    {"a short signature", SCOPE ", SignedHeaders=host, Signature=5fa0", false},
    {"no signed headers", SCOPE ", Signature=" MAC, false},
    {"a credential without a scope",
     "AWS4-HMAC-SHA256 Credential=AKID, SignedHeaders=host, Signature=" MAC, false},
    {"a credential with an empty part",
     "AWS4-HMAC-SHA256 Credential=AKID/20150830//lambda/aws4_request, "
     "SignedHeaders=host, Signature=" MAC,
     false},
    {"a credential for something else",
     "AWS4-HMAC-SHA256 Credential=AKID/20150830/r/lambda/aws5_request, "
     "SignedHeaders=host, Signature=" MAC,
     false},
};

static void knows_the_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(forms); i++) {
        bool got = sigv4_is_well_formed(bytes_str(forms[i].text));

        if (got != forms[i].want)
            fail_msg("%s: got %d, want %d", forms[i].why, got, forms[i].want);
    }
}

static void writes_dates_without_marks(void **state)
{
    char date[SIGV4_DATE_LEN + 1];

    (void)state;
    sigv4_date(INT64_C(1440938160123), date);
    assert_string_equal(date, DATE);
    sigv4_date(0, date);
    assert_string_equal(date, "19700101T000000Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_every_request),
        cmocka_unit_test(knows_the_form),
        cmocka_unit_test(writes_dates_without_marks),
    };

    return cmocka_run_group_tests_name("sigv4", tests, NULL, NULL);
}
