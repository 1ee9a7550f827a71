/* SPDX-License-Identifier: MIT */

#include "segment/assume_role.h"

#include "lib/cm.h"

/* --- the request -------------------------------------------------------------------- */

static void the_request_is_a_form(void **state)
{
    const struct assume_role_request request = {
        .role = BYTES("arn:aws:iam::123456789012:role/a"),
        .external_id = BYTES("b c"),
        .now_ns = 1557967167869889276,
    };
    struct buf body;

    (void)state;
    buf_init(&body, 1000);
    assert_int_equal(assume_role_write(&request, &body), 0);
    assert_string_equal(
        buf_text(&body),
        "Action=AssumeRole&Version=2011-06-15"
        "&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fa"
        "&RoleSessionName=1557967167869889276&ExternalId=b%20c&DurationSeconds=3600");
    buf_done(&body);
    buf_init(&body, 20);
    assert_int_equal(assume_role_write(&request, &body), BUF_FULL);
    buf_done(&body);
}

static void no_external_id_is_no_field(void **state)
{
    const struct assume_role_request request = {.role = BYTES("r"), .now_ns = 1};
    struct buf body;

    (void)state;
    buf_init(&body, 1000);
    assert_int_equal(assume_role_write(&request, &body), 0);
    assert_null(strstr(buf_text(&body), "ExternalId"));
    buf_done(&body);
}

/* --- the answer --------------------------------------------------------------------- */

#define ID "<AccessKeyId>ASIAEXAMPLE</AccessKeyId>"
#define SECRET "<SecretAccessKey>a+b/c=</SecretAccessKey>"
#define TOKEN "<SessionToken>FwoGZX//=</SessionToken>"
#define UNTIL "<Expiration>2026-09-03T12:00:00Z</Expiration>"
#define WHOLE "<Credentials>" ID SECRET TOKEN UNTIL "</Credentials>"
#define RESULT(credentials)                                                              \
    "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n"         \
    "  <AssumeRoleResult>" credentials "<AssumedRoleUser><Arn>x</Arn></AssumedRoleUser>" \
    "</AssumeRoleResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>\n" \
    "</AssumeRoleResponse>\n"
#define WITH(parts) RESULT("<Credentials>" parts "</Credentials>")

static const struct {
    const char *why;
    struct bytes xml;
    bool want;
} answers[] = {
    {"AWS's answer", BYTES(RESULT(WHOLE)), true},
    {"in another order, with space",
     BYTES(WITH(" " UNTIL "\n" TOKEN " " SECRET " " ID "\n")), true},
    {"with more that AWS may add", BYTES(WITH(ID SECRET TOKEN UNTIL "<New>1</New>")),
     true},
    {"without a key id", BYTES(WITH(SECRET TOKEN UNTIL)), false},
    {"without a secret", BYTES(WITH(ID TOKEN UNTIL)), false},
    {"without a token", BYTES(WITH(ID SECRET UNTIL)), false},
    {"without an end", BYTES(WITH(ID SECRET TOKEN)), false},
    {"an end that is no time",
     BYTES(WITH(ID SECRET TOKEN "<Expiration>soon</Expiration>")), false},
    {"an empty key id", BYTES(WITH("<AccessKeyId/>" SECRET TOKEN UNTIL)), false},
    {"an empty secret",
     BYTES(WITH(ID "<SecretAccessKey> </SecretAccessKey>" TOKEN UNTIL)), false},
    {"two secrets", BYTES(WITH(ID SECRET SECRET TOKEN UNTIL)), false},
    {"two of all", BYTES(RESULT(WHOLE WHOLE)), false},
    {"a token that breaks out of a header",
     BYTES(WITH(ID SECRET "<SessionToken>a\r\nX-B: c</SessionToken>" UNTIL)), false},
    {"a token with a space",
     BYTES(WITH(ID SECRET "<SessionToken>a b</SessionToken>" UNTIL)), false},
    {"a token with a reference",
     BYTES(WITH(ID SECRET "<SessionToken>a&#10;b</SessionToken>" UNTIL)), false},
    {"a token with a high byte",
     BYTES(WITH(ID SECRET "<SessionToken>a\xff</SessionToken>" UNTIL)), false},
    {"a token with a NUL",
     BYTES(WITH(ID SECRET "<SessionToken>a\0b</SessionToken>" UNTIL)), false},
    {"a key id that leaves its scope",
     BYTES(WITH("<AccessKeyId>a/b</AccessKeyId>" SECRET TOKEN UNTIL)), false},
    {"a key id that ends its field",
     BYTES(WITH("<AccessKeyId>a,b</AccessKeyId>" SECRET TOKEN UNTIL)), false},
    {"elements for a secret",
     BYTES(WITH(ID "<SecretAccessKey><b>c</b></SecretAccessKey>" TOKEN UNTIL)), false},
    {"another root", BYTES("<AssumeRoleResult>" WHOLE "</AssumeRoleResult>"), false},
    {"credentials at another place",
     BYTES("<AssumeRoleResponse>" WHOLE "</AssumeRoleResponse>"), false},
    {"half of it", BYTES("<AssumeRoleResponse><AssumeRoleResult>" WHOLE), false},
    {"an error",
     BYTES("<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>"),
     false},
    {"JSON", BYTES("{\"AccessKeyId\":\"a\"}"), false},
    {"nothing", BYTES(""), false},
    {"an entity for a secret", BYTES("<!DOCTYPE a [<!ENTITY b \"c\">]>" RESULT(WHOLE)),
     false},
};

static void only_the_whole_answer_gives_credentials(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(answers); i++) {
        struct assume_role_credentials got;
        const bool is_read = assume_role_read(answers[i].xml, &got);

        if (is_read != answers[i].want)
            fail_msg("%s: got %d", answers[i].why, is_read);
        if (is_read &&
            (!bytes_eq(got.key_id, BYTES("ASIAEXAMPLE")) ||
             !bytes_eq(got.secret, BYTES("a+b/c=")) ||
             !bytes_eq(got.token, BYTES("FwoGZX//=")) || got.expires_ms != 1788436800000))
            fail_msg("%s: got %.*s %lld", answers[i].why, BYTES_FMT(got.key_id),
                     (long long)got.expires_ms);
        if (!is_read && (got.key_id.len > 0 || got.secret.len > 0 || got.token.len > 0))
            fail_msg("%s: got parts of it", answers[i].why);
    }
}

/* AWS's answer with a token of @len letters, filled up to @whole_len. */
static bool is_read_with(size_t len, size_t whole_len)
{
    static const struct bytes before =
        BYTES("<AssumeRoleResponse><AssumeRoleResult><Credentials>" ID SECRET UNTIL
              "<SessionToken>");
    static const struct bytes after = BYTES("</SessionToken></Credentials>"
                                            "</AssumeRoleResult></AssumeRoleResponse>");
    struct assume_role_credentials got;
    struct buf xml;
    bool is_read;

    buf_init(&xml, 1 << 20);
    buf_add(&xml, before);
    for (size_t i = 0; i < len; i++)
        buf_add_char(&xml, 'a');
    buf_add(&xml, after);
    while (xml.len < whole_len)
        buf_add_char(&xml, ' ');
    is_read = assume_role_read(buf_bytes(&xml), &got);
    buf_done(&xml);
    return is_read;
}

static void what_is_too_long_is_refused(void **state)
{
    (void)state;
    assert_true(is_read_with(ASSUME_ROLE_TOKEN_LEN, 0));
    assert_false(is_read_with(ASSUME_ROLE_TOKEN_LEN + 1, 0));
    assert_true(is_read_with(1, ASSUME_ROLE_ANSWER_BYTES));
    assert_false(is_read_with(1, ASSUME_ROLE_ANSWER_BYTES + 1));
}

/* --- errors ------------------------------------------------------------------------- */

#define ERROR(parts)                                                                     \
    "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error>"         \
    "<Type>Sender</Type>" parts "</Error><RequestId>1</RequestId></ErrorResponse>"
#define A16 "AAAAAAAAAAAAAAAA"
#define A64 A16 A16 A16 A16
#define DENIED "<Code>AccessDenied</Code>"

static const struct {
    const char *why;
    struct bytes xml;
    const char *code; /* NULL: none */
    const char *message;
} errors[] = {
    {"AWS's error", BYTES(ERROR(DENIED "<Message>not you &amp; me</Message>")),
     "AccessDenied", "not you & me"},
    {"without a message", BYTES(ERROR(DENIED)), "AccessDenied", ""},
    {"all that a code may have", BYTES(ERROR("<Code>Az.09</Code>")), "Az.09", ""},
    {"the longest code", BYTES(ERROR("<Code>" A64 "</Code>")), A64, ""},
    {"an empty code", BYTES(ERROR("<Code/>")), NULL, NULL},
    {"a message that is no text", BYTES(ERROR(DENIED "<Message>&b;</Message>")),
     "AccessDenied", ""},
    {"two messages", BYTES(ERROR(DENIED "<Message>a</Message><Message>b</Message>")),
     "AccessDenied", ""},
    {"two codes", BYTES(ERROR(DENIED DENIED)), NULL, NULL},
    {"no code", BYTES(ERROR("<Message>a</Message>")), NULL, NULL},
    {"a code that is none", BYTES(ERROR("<Code>a b</Code>")), NULL, NULL},
    {"a code with markup", BYTES(ERROR("<Code>&lt;b&gt;</Code>")), NULL, NULL},
    {"an endless code", BYTES(ERROR("<Code>" A64 "A</Code>")), NULL, NULL},
    {"a gateway's page", BYTES("<html><body>Bad Gateway</body></html>"), NULL, NULL},
    {"text", BYTES("Bad Gateway"), NULL, NULL},
    {"nothing", BYTES(""), NULL, NULL},
};

static void an_error_has_a_code_and_a_message(void **state)
{
    struct buf scratch;

    (void)state;
    buf_init(&scratch, 10000);
    for (size_t i = 0; i < COUNT(errors); i++) {
        struct bytes code, message;
        const bool is_read =
            assume_role_read_error(errors[i].xml, &scratch, &code, &message);

        if (is_read != (errors[i].code != NULL) ||
            !bytes_eq(code, bytes_str(errors[i].code)) ||
            !bytes_eq(message, bytes_str(errors[i].message)))
            fail_msg("%s: got %d %.*s '%.*s'", errors[i].why, is_read, BYTES_FMT(code),
                     BYTES_FMT(message));
    }
    buf_done(&scratch);
}

static void a_long_message_is_cut(void **state)
{
    struct bytes code, message;
    struct buf xml, scratch;

    (void)state;
    buf_init(&xml, 10000);
    buf_init(&scratch, 10000);
    buf_add_text(&xml, "<ErrorResponse><Error>" DENIED "<Message>");
    for (size_t i = 0; i < 2000; i++)
        buf_add_char(&xml, 'a');
    buf_add_text(&xml, "</Message></Error></ErrorResponse>");
    assert_true(assume_role_read_error(buf_bytes(&xml), &scratch, &code, &message));
    assert_int_equal(message.len, ASSUME_ROLE_MESSAGE_LEN);
    buf_done(&xml);
    buf_done(&scratch);
}

/* --- showing ------------------------------------------------------------------------ */

static const struct {
    const char *why;
    struct bytes xml;
    const char *want; /* NULL: not to be shown */
} shown[] = {
    {"the credentials are cut out", BYTES(RESULT(WHOLE)), RESULT("")},
    {"even those that are not read", BYTES(WITH(SECRET)), RESULT("")},
    {"an error has none", BYTES(ERROR(DENIED)), ERROR(DENIED)},
    {"two of them", BYTES(RESULT(WHOLE WHOLE)), NULL},
    {"some at another place", BYTES("<a>" WHOLE "</a>"), NULL},
    {"some at two places", BYTES(RESULT(WHOLE "<b>" SECRET "</b>")), NULL},
    {"a token before them", BYTES(RESULT(TOKEN WHOLE)), NULL},
    {"no XML", BYTES("SecretAccessKey=a"), NULL},
    {"half of it", BYTES("<AssumeRoleResponse><AssumeRoleResult>" WHOLE), NULL},
    {"nothing", BYTES(""), NULL},
};

static void no_credentials_are_shown(void **state)
{
    struct buf text;

    (void)state;
    buf_init(&text, 10000);
    for (size_t i = 0; i < COUNT(shown); i++) {
        bool is_shown;

        buf_clear(&text);
        is_shown = assume_role_cut(shown[i].xml, &text);
        if (is_shown != (shown[i].want != NULL) ||
            strcmp(buf_text(&text), is_shown ? shown[i].want : "") != 0)
            fail_msg("%s: got %d %s", shown[i].why, is_shown, buf_text(&text));
    }
    buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_request_is_a_form),
        cmocka_unit_test(no_external_id_is_no_field),
        cmocka_unit_test(only_the_whole_answer_gives_credentials),
        cmocka_unit_test(what_is_too_long_is_refused),
        cmocka_unit_test(an_error_has_a_code_and_a_message),
        cmocka_unit_test(a_long_message_is_cut),
        cmocka_unit_test(no_credentials_are_shown),
    };

    return cmocka_run_group_tests_name("assume_role", tests, NULL, NULL);
}
