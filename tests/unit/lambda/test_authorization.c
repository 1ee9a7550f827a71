/* SPDX-License-Identifier: MIT */

#include "lambda/host/authorization.h"

#include "lib/cm.h"
#include "segment/invoke.h"

#define DATE "20150830T123600Z"
#define PATH                                                                             \
    "/2015-03-31/functions/arn:aws:lambda:us-west-2:123456789012:function:f/invocations"
#define SENT                                                                             \
    "/2015-03-31/functions/"                                                             \
    "arn%3Aaws%3Alambda%3Aus-west-2%3A123456789012%3Afunction%3Af/invocations"
#define TOKEN "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

enum { NOW_MS = 1000 };

static struct sts known = {
    .role = "arn:aws:iam::123456789012:role/r",
    .kept = {{"ASIAAAAAAAAAAAAAAAAA", "secret", TOKEN, 2 * NOW_MS}},
    .n_made = 1,
};

/* What a client signs, and with what; what is sent differs in one thing. */
struct sent {
    const char *signed_path, *secret;
    struct bytes path, query, body, token, date;
};

static void send(const struct sent *sent, struct post *post, struct buf *authorization)
{
    struct sigv4_request request = {
        .method = BYTES("POST"),
        .path = bytes_str(sent->signed_path),
        .query = BYTES("Qualifier=live"),
        .headers = {{BYTES("host"), BYTES("localhost")},
                    {BYTES("x-amz-date"), BYTES(DATE)},
                    {BYTES("x-amz-security-token"), BYTES(TOKEN)}},
        .n_headers = 3,
        .body = BYTES("{}"),
        .region = BYTES("us-west-2"),
        .service = BYTES("lambda"),
        .key_id = BYTES("ASIAAAAAAAAAAAAAAAAA"),
        .secret = bytes_str(sent->secret),
        .date = DATE,
    };

    buf_init(authorization, 4096);
    assert_int_equal(0, sigv4_authorization(&request, authorization));
    *post = (struct post){
        .method = BYTES("POST"),
        .path = sent->path,
        .query = sent->query,
        .body = sent->body,
        .fields = {{BYTES("authorization"), buf_bytes(authorization)},
                   {BYTES("host"), BYTES("localhost")},
                   {BYTES("x-amz-date"), sent->date},
                   {BYTES("x-amz-security-token"), sent->token}},
        .n_fields = 4,
    };
}

static const struct {
    const char *why;
    struct sent sent;
    int64_t now_ms;
    const char *want; /* NULL: it is heard */
} rows[] = {
    {"signed as the SDKs do",
     {SENT, "secret", BYTES(PATH), BYTES("Qualifier=live"), BYTES("{}"), BYTES(TOKEN),
      BYTES(DATE)},
     NOW_MS,
     NULL},
    {"signed by who sends a ':' as it is",
     {PATH, "secret", BYTES(PATH), BYTES("Qualifier=live"), BYTES("{}"), BYTES(TOKEN),
      BYTES(DATE)},
     NOW_MS,
     NULL},
    {"another secret",
     {SENT, "guess", BYTES(PATH), BYTES("Qualifier=live"), BYTES("{}"), BYTES(TOKEN),
      BYTES(DATE)},
     NOW_MS,
     "InvalidSignatureException"},
    {"another path",
     {SENT, "secret", BYTES("/x"), BYTES("Qualifier=live"), BYTES("{}"), BYTES(TOKEN),
      BYTES(DATE)},
     NOW_MS,
     "InvalidSignatureException"},
    {"another query",
     {SENT, "secret", BYTES(PATH), BYTES("Qualifier=dead"), BYTES("{}"), BYTES(TOKEN),
      BYTES(DATE)},
     NOW_MS,
     "InvalidSignatureException"},
    {"another body",
     {SENT, "secret", BYTES(PATH), BYTES("Qualifier=live"), BYTES("{ }"), BYTES(TOKEN),
      BYTES(DATE)},
     NOW_MS,
     "InvalidSignatureException"},
    {"another day",
     {SENT, "secret", BYTES(PATH), BYTES("Qualifier=live"), BYTES("{}"), BYTES(TOKEN),
      BYTES("20150831T123600Z")},
     NOW_MS,
     "InvalidSignatureException"},
    {"no date",
     {SENT, "secret", BYTES(PATH), BYTES("Qualifier=live"), BYTES("{}"), BYTES(TOKEN),
      BYTES("")},
     NOW_MS,
     "InvalidSignatureException"},
    {"no token",
     {SENT, "secret", BYTES(PATH), BYTES("Qualifier=live"), BYTES("{}"), BYTES(""),
      BYTES(DATE)},
     NOW_MS,
     "UnrecognizedClientException"},
    {"too late",
     {SENT, "secret", BYTES(PATH), BYTES("Qualifier=live"), BYTES("{}"), BYTES(TOKEN),
      BYTES(DATE)},
     2 * NOW_MS,
     "ExpiredTokenException"},
};

static void only_what_is_signed_is_heard(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        cleanup(buf_done) struct buf authorization = {0};
        struct invoke_refusal refusal;
        struct post post;
        bool is_fine;

        send(&rows[i].sent, &post, &authorization);
        is_fine = authorization_check(&known, &post, rows[i].now_ms, &refusal);
        if (is_fine != (rows[i].want == NULL) ||
            (!is_fine && strcmp(refusal.type, rows[i].want) != 0))
            fail_msg("%s: got %s, want %s", rows[i].why, is_fine ? "fine" : refusal.type,
                     rows[i].want != NULL ? rows[i].want : "fine");
        assert_int_equal(is_fine ? 0 : 403, refusal.status);
    }
}

static const struct {
    const char *why;
    struct bytes header;
    const char *with_role, *without; /* NULL: it is heard */
} unsigned_rows[] = {
    {"nothing", {NULL, 0}, "MissingAuthenticationTokenException", NULL},
    {"another scheme", BYTES("Bearer x"), "MissingAuthenticationTokenException", NULL},
    {"a signature that is none", BYTES("AWS4-HMAC-SHA256 Credential=x"),
     "IncompleteSignatureException", "IncompleteSignatureException"},
    {"another algorithm", BYTES("AWS4-HMAC-SHA1 Credential=x"),
     "IncompleteSignatureException", "IncompleteSignatureException"},
};

static const char *judge(const struct sts *sts, struct bytes header)
{
    const struct post post = {.fields = {{BYTES("authorization"), header}},
                              .n_fields = header.ptr != NULL};
    static struct invoke_refusal refusal;

    return authorization_check(sts, &post, NOW_MS, &refusal) ? "fine" : refusal.type;
}

static void without_a_role_nobody_has_to_sign(void **state)
{
    static struct sts any;

    (void)state;
    for (size_t i = 0; i < COUNT(unsigned_rows); i++) {
        const char *with_role = judge(&known, unsigned_rows[i].header);
        const char *without = judge(&any, unsigned_rows[i].header);
        const char *want =
            unsigned_rows[i].without != NULL ? unsigned_rows[i].without : "fine";

        if (strcmp(with_role, unsigned_rows[i].with_role) != 0 ||
            strcmp(without, want) != 0)
            fail_msg("%s: got %s and %s, want %s and %s", unsigned_rows[i].why, with_role,
                     without, unsigned_rows[i].with_role, want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_is_signed_is_heard),
        cmocka_unit_test(without_a_role_nobody_has_to_sign),
    };

    return cmocka_run_group_tests_name("authorization", tests, NULL, NULL);
}
