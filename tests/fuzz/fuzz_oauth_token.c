/* SPDX-License-Identifier: MIT */

/* A good token is good for a header, a name and a clock; nothing is kept of a bad one,
 * and no answer's own words come into the sentence for the log. */

#include "core/oauth.h"

#include "fuzz/fuzz.h"
#include "segment/name.h"
#include "segment/scope.h"
#include "json/scan.h"

enum { WHY_BYTES = 256 };

static void check_good(const struct oauth_token_answer *answer,
                       const struct oauth_token *token, struct bytes storage)
{
    struct name name;
    const struct bytes texts[] = {token->access_token, token->scope, token->app,
                                  token->workspace, token->source};

    CLAIM(answer->status / 100 == 2 && answer->body.len <= OAUTH_ANSWER_BYTES);
    for (size_t i = 0; i < COUNT(texts); i++) {
        CLAIM(is_within(texts[i], storage));
        for (size_t j = 0; j < texts[i].len; j++)
            CLAIM(texts[i].ptr[j] > ' ' && texts[i].ptr[j] <= '~');
    }
    CLAIM(token->access_token.len > 0 && token->access_token.len <= OAUTH_TOKEN_MAX);
    CLAIM(token->expires_in_s >= 60 && token->expires_in_s <= 30 * 24 * 3600);
    CLAIM(token->install >= 0 && scope_parse(token->scope).kind != SCOPE_NONE);
    CLAIM(answer->scope.len == 0 || bytes_eq(answer->scope, token->scope));
    CLAIM(token->workspace.len == 0 || name_parse(token->workspace, &name));
    CLAIM(token->source.len == 0 || name_parse(token->source, &name));
    if (answer->purpose == OAUTH_EXCHANGE)
        CLAIM(token->install > 0 && token->workspace.len > 0);
}

static void check(enum oauth_token_purpose purpose, int status, struct bytes body,
                  struct bytes scope)
{
    const struct oauth_token_answer answer = {purpose, status, body, scope};
    struct oauth_token token;
    struct buf scratch;
    char why[WHY_BYTES];
    enum oauth_token_verdict verdict;

    buf_init(&scratch, 8192);
    memset(why, 'x', sizeof(why));
    verdict = oauth_token_read(&answer, &scratch, &token, why, sizeof(why));
    CLAIM(memchr(why, '\0', sizeof(why)) != NULL);
    CLAIM(bytes_starts(bytes_str(why), BYTES("Segment answered ")));
    for (size_t i = 0; why[i] != '\0'; i++)
        CLAIM(why[i] >= ' ' && why[i] <= '~' && why[i] != '<');
    if (verdict == OAUTH_TOKEN_GOOD)
        check_good(&answer, &token, buf_bytes(&scratch));
    else
        CLAIM(token.access_token.len == 0 && token.install == 0 &&
              token.workspace.len == 0);
    CLAIM(verdict != OAUTH_TOKEN_REVOKED || purpose == OAUTH_REFRESH);
    buf_done(&scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int statuses[] = {200, 400, 401, 403, 404, 429, 500, 302};
    const struct bytes scope = BYTES("destination/clearbrain");
    const struct bytes body = bytes_of(data, size);

    for (size_t i = 0; i < COUNT(statuses); i++) {
        check(OAUTH_EXCHANGE, statuses[i], body, scope);
        check(OAUTH_REFRESH, statuses[i], body, bytes_of(NULL, 0));
    }
    return 0;
}
