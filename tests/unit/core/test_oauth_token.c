/* SPDX-License-Identifier: MIT */

#include "core/oauth.h"

#include <stdio.h>

#include "lib/cm.h"

#define SCOPE "destination/clearbrain"
#define TYPE "\"token_type\":\"bearer\","
#define CANARY "canary0123456789"
#define NAMES                                                                            \
    "\"app_name\":\"apps/2\",\"install_name\":\"installs/7\","                           \
    "\"workspace_names\":[\"workspaces/acme\"],"                                         \
    "\"source_names\":[\"workspaces/acme/sources/js\"]"
#define TOKEN "\"access_token\":\"" CANARY "\","
#define WITH(member) "{" TOKEN TYPE NAMES ",\"scope\":\"" SCOPE "\"," member "}"
#define GOOD WITH("\"expires_in\":3599")

/* One reading, and what it must never do. */
static enum oauth_token_verdict read_answer(enum oauth_token_purpose purpose, int status,
                                            struct bytes body, struct buf *scratch,
                                            struct oauth_token *ret_token)
{
    char why[256];
    const struct oauth_token_answer answer = {purpose, status, body, BYTES(SCOPE)};
    enum oauth_token_verdict verdict =
        oauth_token_read(&answer, scratch, ret_token, why, sizeof(why));

    assert_true(bytes_starts(bytes_str(why), BYTES("Segment answered ")));
    assert_null(strstr(why, CANARY));
    assert_null(strchr(why, '<'));
    if (verdict != OAUTH_TOKEN_GOOD) {
        assert_int_equal(ret_token->access_token.len, 0);
        assert_int_equal(ret_token->install, 0);
    }
    return verdict;
}

static void a_good_answer_is_read_whole(void **state)
{
    struct oauth_token token;
    struct buf scratch;

    (void)state;
    buf_init(&scratch, 8192);
    assert_int_equal(read_answer(OAUTH_EXCHANGE, 200, BYTES(GOOD), &scratch, &token),
                     OAUTH_TOKEN_GOOD);
    assert_true(bytes_eq(token.access_token, BYTES(CANARY)));
    assert_true(bytes_eq(token.scope, BYTES(SCOPE)));
    assert_true(bytes_eq(token.app, BYTES("apps/2")));
    assert_true(bytes_eq(token.workspace, BYTES("workspaces/acme")));
    assert_true(bytes_eq(token.source, BYTES("workspaces/acme/sources/js")));
    assert_int_equal(token.install, 7);
    assert_int_equal(token.expires_in_s, 3599);
    buf_done(&scratch);
}

static const struct {
    const char *why;
    const char *body;
    int64_t install, expires_in_s;
} refreshes[] = {
    {"the documented sample, which says install/10",
     "{\"access_token\":\"4d9ee1b5-b752-4f7f-86d9-5680df6f8ce8\",\"token_type\":\"bearer"
     "\",\"expires_in\":3600,\"scope\":\"" SCOPE "\",\"app_name\":\"apps/myapp\","
     "\"install_name\":\"install/10\",\"workspace_names\":[\"workspaces/u\"]}",
     10, 3600},
    {"the least there is", "{" TYPE "\"access_token\":\"a.b\"}", 0, 3600},
    {"nulls",
     "{" TYPE "\"access_token\":\"a\",\"install_name\":null,\"app_name\":null,"
     "\"scope\":null,\"workspace_names\":null,\"source_names\":null}",
     0, 3600},
};

static void a_refresh_may_leave_out_what_is_known(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refreshes); i++) {
        struct oauth_token token;
        struct buf scratch;
        enum oauth_token_verdict got;

        buf_init(&scratch, 8192);
        got = read_answer(OAUTH_REFRESH, 200, bytes_str(refreshes[i].body), &scratch,
                          &token);
        if (got != OAUTH_TOKEN_GOOD || token.install != refreshes[i].install ||
            token.expires_in_s != refreshes[i].expires_in_s)
            fail_msg("%s: got %d, install %d", refreshes[i].why, (int)got,
                     (int)token.install);
        assert_true(bytes_eq(token.scope, BYTES(SCOPE)));
        buf_done(&scratch);
    }
}

#define E(error) "{\"error\":\"" error "\",\"error_description\":\"<b>" CANARY "</b>\"}"
#define API "{\"error\":\"" CANARY "\",\"code\":7}"

static const struct {
    const char *why;
    enum oauth_token_purpose purpose;
    int status;
    const char *body;
    enum oauth_token_verdict want;
} failures[] = {
    {"an old code", OAUTH_EXCHANGE, 400, E("invalid_grant"), OAUTH_TOKEN_EXPIRED_CODE},
    {"a wrong secret", OAUTH_EXCHANGE, 401, E("invalid_client"),
     OAUTH_TOKEN_WRONG_CLIENT},
    {"401 by any name", OAUTH_EXCHANGE, 401, E("x"), OAUTH_TOKEN_WRONG_CLIENT},
    {"a wrong secret, with 400", OAUTH_EXCHANGE, 400, E("invalid_client"),
     OAUTH_TOKEN_WRONG_CLIENT},
    {"another redirect URL", OAUTH_EXCHANGE, 400,
     "{\"error\":\"invalid_request\",\"error_description\":\"The request is missing a "
     "required parameter, includes <b>\"}",
     OAUTH_TOKEN_WRONG_REDIRECT},
    {"the same as a hint", OAUTH_EXCHANGE, 400,
     "{\"error\":\"invalid_request\",\"error_hint\":\"missing a required parameter\"}",
     OAUTH_TOKEN_WRONG_REDIRECT},
    {"another invalid request", OAUTH_EXCHANGE, 400, E("invalid_request"),
     OAUTH_TOKEN_REFUSED},
    {"unauthorized", OAUTH_EXCHANGE, 400, E("unauthorized_client"), OAUTH_TOKEN_REFUSED},
    {"another grant", OAUTH_EXCHANGE, 400, E("unsupported_grant_type"),
     OAUTH_TOKEN_REFUSED},
    {"another scope", OAUTH_EXCHANGE, 400, E("invalid_scope"), OAUTH_TOKEN_REFUSED},
    {"no registered error", OAUTH_EXCHANGE, 400, E("<script>"), OAUTH_TOKEN_REFUSED},
    {"an error with 200", OAUTH_EXCHANGE, 200, E("invalid_grant"),
     OAUTH_TOKEN_EXPIRED_CODE},
    {"a description with 200", OAUTH_EXCHANGE, 200, WITH("\"error_description\":\"x\""),
     OAUTH_TOKEN_REFUSED},
    {"an error that is an object, with 200", OAUTH_EXCHANGE, 200, WITH("\"error\":{}"),
     OAUTH_TOKEN_REFUSED},
    {"server_error with 200", OAUTH_EXCHANGE, 200, E("server_error"),
     OAUTH_TOKEN_UNAVAILABLE},
    {"too many", OAUTH_EXCHANGE, 429, "slow down", OAUTH_TOKEN_LIMITED},
    {"too many, API", OAUTH_REFRESH, 429, API, OAUTH_TOKEN_LIMITED},
    {"an accident", OAUTH_EXCHANGE, 500, E("server_error"), OAUTH_TOKEN_UNAVAILABLE},
    {"away, in plain text", OAUTH_REFRESH, 503, "upstream connect error",
     OAUTH_TOKEN_UNAVAILABLE},
    {"revoked", OAUTH_REFRESH, 403, API, OAUTH_TOKEN_REVOKED},
    {"unknown", OAUTH_REFRESH, 404, API, OAUTH_TOKEN_REVOKED},
    {"wrong credentials", OAUTH_REFRESH, 401, API, OAUTH_TOKEN_WRONG_CLIENT},
    {"403 of the exchange", OAUTH_EXCHANGE, 403, API, OAUTH_TOKEN_REFUSED},
    {"a proxy's 403 revokes nothing", OAUTH_REFRESH, 403, "<html>",
     OAUTH_TOKEN_MALFORMED},
    {"a proxy's 404 neither", OAUTH_REFRESH, 404, "{}", OAUTH_TOKEN_MALFORMED},
    {"a proxy's 401 says nothing of us", OAUTH_EXCHANGE, 401, "<html>",
     OAUTH_TOKEN_MALFORMED},
    {"a redirect", OAUTH_EXCHANGE, 302, GOOD, OAUTH_TOKEN_MALFORMED},
    {"an odd status", OAUTH_EXCHANGE, 199, GOOD, OAUTH_TOKEN_MALFORMED},
    {"no status", OAUTH_EXCHANGE, 0, "", OAUTH_TOKEN_MALFORMED},
};

static void every_failure_has_its_verdict(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(failures); i++) {
        struct oauth_token token;
        struct buf scratch;
        enum oauth_token_verdict got;

        buf_init(&scratch, 8192);
        got = read_answer(failures[i].purpose, failures[i].status,
                          bytes_str(failures[i].body), &scratch, &token);
        if (got != failures[i].want)
            fail_msg("%s: got %d, want %d", failures[i].why, (int)got,
                     (int)failures[i].want);
        buf_done(&scratch);
    }
}

#define REST TYPE NAMES ",\"scope\":\"" SCOPE "\"}"
#define AFTER "," TOKEN TYPE NAMES "}"
#define NAMED(install, workspaces, sources)                                              \
    "{" TOKEN TYPE "\"scope\":\"" SCOPE "\",\"install_name\":" install                   \
    ",\"workspace_names\":" workspaces ",\"source_names\":" sources "}"
#define W "[\"workspaces/acme\"]"
#define I7 "\"installs/7\""

static const struct {
    const char *why;
    const char *body;
    enum oauth_token_verdict want;
} hostile[] = {
    {"nothing", "", OAUTH_TOKEN_MALFORMED},
    {"HTML", "<html><script>" CANARY "</script>", OAUTH_TOKEN_MALFORMED},
    {"a form", "access_token=" CANARY "&token_type=bearer", OAUTH_TOKEN_MALFORMED},
    {"null", "null", OAUTH_TOKEN_MALFORMED},
    {"a string", "\"" CANARY "\"", OAUTH_TOKEN_MALFORMED},
    {"a number", "7", OAUTH_TOKEN_MALFORMED},
    {"a list of it", "[" GOOD "]", OAUTH_TOKEN_MALFORMED},
    {"one level down", "{\"data\":" GOOD "}", OAUTH_TOKEN_MALFORMED},
    {"an empty object", "{}", OAUTH_TOKEN_MALFORMED},
    {"half of it", "{" TOKEN TYPE, OAUTH_TOKEN_MALFORMED},
    {"something after it", GOOD "x", OAUTH_TOKEN_MALFORMED},
    {"twice", GOOD GOOD, OAUTH_TOKEN_MALFORMED},
    {"single quotes", "{'access_token':'a'}", OAUTH_TOKEN_MALFORMED},
    {"no UTF-8", "{\"access_token\":\"\xff\"," REST, OAUTH_TOKEN_MALFORMED},
    {"a token that is a number", "{\"access_token\":1," REST, OAUTH_TOKEN_MALFORMED},
    {"a token that is a list", "{\"access_token\":[\"a\"]," REST, OAUTH_TOKEN_MALFORMED},
    {"an empty token", "{\"access_token\":\"\"," REST, OAUTH_TOKEN_MALFORMED},
    {"no token", "{" REST, OAUTH_TOKEN_MALFORMED},
    {"a token with a line break", "{\"access_token\":\"a\\r\\nX: y\"," REST,
     OAUTH_TOKEN_MALFORMED},
    {"a token with a NUL", "{\"access_token\":\"a\\u0000\"," REST, OAUTH_TOKEN_MALFORMED},
    {"a token with a space", "{\"access_token\":\"a b\"," REST, OAUTH_TOKEN_MALFORMED},
    {"a token with an accent", "{\"access_token\":\"\\u00e9\"," REST,
     OAUTH_TOKEN_MALFORMED},
    {"two tokens: the last would win, and is none",
     "{\"access_token\":\"a\",\"access_token\":\"\"," REST, OAUTH_TOKEN_MALFORMED},
    {"Bearer in capitals", "{" TOKEN NAMES ",\"token_type\":\"Bearer\"}",
     OAUTH_TOKEN_GOOD},
    {"a mac token", "{" TOKEN NAMES ",\"token_type\":\"mac\"}", OAUTH_TOKEN_MALFORMED},
    {"no type", "{" TOKEN NAMES "}", OAUTH_TOKEN_MALFORMED},
    {"a type that is true", "{" TOKEN NAMES ",\"token_type\":true}",
     OAUTH_TOKEN_MALFORMED},
    {"a type with a blank", "{" TOKEN NAMES ",\"token_type\":\"bearer \"}",
     OAUTH_TOKEN_MALFORMED},
    {"expired before it began", WITH("\"expires_in\":-1"), OAUTH_TOKEN_MALFORMED},
    {"expired at once", WITH("\"expires_in\":0"), OAUTH_TOKEN_MALFORMED},
    {"a minute is the least", WITH("\"expires_in\":59.9"), OAUTH_TOKEN_MALFORMED},
    {"a minute", WITH("\"expires_in\":60"), OAUTH_TOKEN_GOOD},
    {"thirty years", WITH("\"expires_in\":1e9"), OAUTH_TOKEN_MALFORMED},
    {"thirty days", WITH("\"expires_in\":2592000"), OAUTH_TOKEN_GOOD},
    {"a second more", WITH("\"expires_in\":2592001"), OAUTH_TOKEN_MALFORMED},
    {"infinite", WITH("\"expires_in\":1e999"), OAUTH_TOKEN_MALFORMED},
    {"beyond any integer", WITH("\"expires_in\":99999999999999999999"),
     OAUTH_TOKEN_MALFORMED},
    {"digits in quotes", WITH("\"expires_in\":\"3600\""), OAUTH_TOKEN_GOOD},
    {"a word", WITH("\"expires_in\":\"soon\""), OAUTH_TOKEN_MALFORMED},
    {"an empty text", WITH("\"expires_in\":\"\""), OAUTH_TOKEN_MALFORMED},
    {"half a second", WITH("\"expires_in\":3600.5"), OAUTH_TOKEN_GOOD},
    {"null", WITH("\"expires_in\":null"), OAUTH_TOKEN_GOOD},
    {"not said", "{" TOKEN REST, OAUTH_TOKEN_GOOD},
    {"true", WITH("\"expires_in\":true"), OAUTH_TOKEN_MALFORMED},
    {"a list", WITH("\"expires_in\":[3600]"), OAUTH_TOKEN_MALFORMED},
    {"another slug", "{\"scope\":\"destination/other\"" AFTER, OAUTH_TOKEN_SCOPE},
    {"more than was asked", "{\"scope\":\"workspace\"" AFTER, OAUTH_TOKEN_SCOPE},
    {"two scopes", "{\"scope\":\"" SCOPE " workspace\"" AFTER, OAUTH_TOKEN_MALFORMED},
    {"an empty scope", "{\"scope\":\"\"" AFTER, OAUTH_TOKEN_MALFORMED},
    {"a scope of script", "{\"scope\":\"<script>\"" AFTER, OAUTH_TOKEN_MALFORMED},
    {"a scope that is a list", "{\"scope\":[\"" SCOPE "\"]" AFTER, OAUTH_TOKEN_MALFORMED},
    {"no scope is the one that was asked for", "{\"x\":0" AFTER, OAUTH_TOKEN_GOOD},
    {"no install", NAMED("null", W, "[]"), OAUTH_TOKEN_MALFORMED},
    {"install in the singular", NAMED("\"install/10\"", W, "[]"), OAUTH_TOKEN_GOOD},
    {"install -1", NAMED("\"installs/-1\"", W, "[]"), OAUTH_TOKEN_MALFORMED},
    {"install 0", NAMED("\"installs/0\"", W, "[]"), OAUTH_TOKEN_MALFORMED},
    {"install 07", NAMED("\"installs/07\"", W, "[]"), OAUTH_TOKEN_MALFORMED},
    {"an install and more", NAMED("\"installs/7/token\"", W, "[]"),
     OAUTH_TOKEN_MALFORMED},
    {"no number", NAMED("\"installs/x\"", W, "[]"), OAUTH_TOKEN_MALFORMED},
    {"a number alone", NAMED("7", W, "[]"), OAUTH_TOKEN_MALFORMED},
    {"a number too large", NAMED("\"installs/9223372036854775808\"", W, "[]"),
     OAUTH_TOKEN_MALFORMED},
    {"a line break in an install", NAMED("\"installs/7\\n\"", W, "[]"),
     OAUTH_TOKEN_MALFORMED},
    {"no workspace", NAMED(I7, "[]", "[]"), OAUTH_TOKEN_MALFORMED},
    {"a workspace that is no list", NAMED(I7, "\"workspaces/acme\"", "[]"),
     OAUTH_TOKEN_MALFORMED},
    {"a control character", NAMED(I7, "[\"workspaces/a\\u0007\"]", "[]"),
     OAUTH_TOKEN_MALFORMED},
    {"a way up", NAMED(I7, "[\"workspaces/../x\"]", "[]"), OAUTH_TOKEN_MALFORMED},
    {"a source for a workspace", NAMED(I7, "[\"workspaces/acme/sources/js\"]", "[]"),
     OAUTH_TOKEN_MALFORMED},
    {"a source of somebody else", NAMED(I7, W, "[\"workspaces/other/sources/js\"]"),
     OAUTH_TOKEN_MALFORMED},
    {"a source with a query", NAMED(I7, W, "[\"workspaces/acme/sources/js?x\"]"),
     OAUTH_TOKEN_MALFORMED},
    {"a source that is a number", NAMED(I7, W, "[7]"), OAUTH_TOKEN_MALFORMED},
    {"sources that are an object", NAMED(I7, W, "{}"), OAUTH_TOKEN_MALFORMED},
    {"no source is for the caller to see", NAMED(I7, W, "[]"), OAUTH_TOKEN_GOOD},
    {"an app of script",
     "{\"app_name\":\"<script>\"," TOKEN TYPE "\"install_name\":" I7
     ",\"workspace_names\":" W "}",
     OAUTH_TOKEN_MALFORMED},
};

static void sixty_hostile_answers_get_the_right_verdict(void **state)
{
    (void)state;
    assert_true(COUNT(hostile) >= 60);
    for (size_t i = 0; i < COUNT(hostile); i++) {
        struct oauth_token token;
        struct buf scratch;
        enum oauth_token_verdict got;

        buf_init(&scratch, 8192);
        got = read_answer(OAUTH_EXCHANGE, 200, bytes_str(hostile[i].body), &scratch,
                          &token);
        if (got != hostile[i].want)
            fail_msg("%s: got %d, want %d", hostile[i].why, (int)got,
                     (int)hostile[i].want);
        buf_done(&scratch);
    }
}

/* A good answer of exactly @len bytes. */
static void pad(struct buf *body, size_t len)
{
    buf_clear(body);
    (void)buf_add_text(body, GOOD);
    while (body->len < len)
        (void)buf_add_char(body, ' ');
}

static void sizes_have_their_ends(void **state)
{
    struct oauth_token token;
    struct buf body;
    struct buf scratch;

    (void)state;
    buf_init(&body, OAUTH_ANSWER_BYTES + 1);
    buf_init(&scratch, 8192);
    pad(&body, OAUTH_ANSWER_BYTES);
    assert_int_equal(read_answer(OAUTH_EXCHANGE, 200, buf_bytes(&body), &scratch, &token),
                     OAUTH_TOKEN_GOOD);
    pad(&body, OAUTH_ANSWER_BYTES + 1);
    assert_int_equal(read_answer(OAUTH_EXCHANGE, 200, buf_bytes(&body), &scratch, &token),
                     OAUTH_TOKEN_MALFORMED);
    for (int more = 0; more < 2; more++) {
        buf_clear(&body);
        buf_add_text(&body, "{\"access_token\":\"");
        for (int i = 0; i < OAUTH_TOKEN_MAX + more; i++)
            buf_add_char(&body, 'a');
        buf_add_text(&body, "\"," REST);
        assert_int_equal(
            read_answer(OAUTH_EXCHANGE, 200, buf_bytes(&body), &scratch, &token),
            more ? OAUTH_TOKEN_MALFORMED : OAUTH_TOKEN_GOOD);
    }
    buf_done(&scratch);
    buf_init(&scratch, 10);
    assert_int_equal(read_answer(OAUTH_EXCHANGE, 200, BYTES(GOOD), &scratch, &token),
                     OAUTH_TOKEN_MALFORMED);
    buf_done(&body);
    buf_done(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_answer_is_read_whole),
        cmocka_unit_test(a_refresh_may_leave_out_what_is_known),
        cmocka_unit_test(every_failure_has_its_verdict),
        cmocka_unit_test(sixty_hostile_answers_get_the_right_verdict),
        cmocka_unit_test(sizes_have_their_ends),
    };

    return cmocka_run_group_tests_name("oauth_token", tests, NULL, NULL);
}
