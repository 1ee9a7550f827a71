/* SPDX-License-Identifier: MIT */

#include "core/oauth.h"

#include <stdio.h>

#include "segment/name.h"
#include "segment/scope.h"
#include "json/json.h"

enum {
    EXPIRES_IN_S = 3600, /* when nothing is said (dossier §6.7) */
    EXPIRES_LEAST_S = 60,
    EXPIRES_MOST_S = 30 * 24 * 3600,
};

/* One answer as it is being judged. */
struct reading {
    const struct oauth_token_answer *sent;
    const struct json *json;
    char *why;
    size_t why_size;
};

static enum oauth_token_verdict say(const struct reading *reading,
                                    enum oauth_token_verdict verdict, const char *text)
{
    (void)snprintf(reading->why, reading->why_size, "Segment answered %d: %s",
                   reading->sent->status, text);
    return verdict;
}

static bool is_missing(const struct json *json)
{
    return json_kind(json) == JSON_MISSING || json_kind(json) == JSON_NULL;
}

static bool has_text(const struct json *json, struct bytes part)
{
    const struct bytes text = json_string(json);

    return bytes_find(text, part) < text.len;
}

/* What RFC 6749 §5.2 registers, and Segment's server_error. */
static const struct {
    const char *error;
    enum oauth_token_verdict verdict;
} errors[] = {
    {"invalid_grant", OAUTH_TOKEN_EXPIRED_CODE},
    {"invalid_client", OAUTH_TOKEN_WRONG_CLIENT},
    {"invalid_request", OAUTH_TOKEN_REFUSED},
    {"unauthorized_client", OAUTH_TOKEN_REFUSED},
    {"unsupported_grant_type", OAUTH_TOKEN_REFUSED},
    {"invalid_scope", OAUTH_TOKEN_REFUSED},
    {"server_error", OAUTH_TOKEN_UNAVAILABLE},
};

static enum oauth_token_verdict judge_error(const struct reading *reading)
{
    const struct bytes error = json_string(json_get(reading->json, "error"));
    const struct bytes missing = BYTES("missing a required parameter");

    if (has_text(json_get(reading->json, "error_description"), missing) ||
        has_text(json_get(reading->json, "error_hint"), missing))
        return say(reading, OAUTH_TOKEN_WRONG_REDIRECT, "missing a required parameter");
    for (size_t i = 0; i < COUNT(errors); i++) {
        if (bytes_eq(error, bytes_str(errors[i].error)))
            return say(reading, errors[i].verdict, errors[i].error);
    }
    return say(reading, OAUTH_TOKEN_REFUSED, "an error that is not registered");
}

/* A proxy's page is not Segment's word: that is said in JSON with an error in it. */
static enum oauth_token_verdict judge_failure(const struct reading *reading)
{
    const bool is_word = json_kind(json_get(reading->json, "error")) == JSON_STRING;
    const bool is_refresh = reading->sent->purpose == OAUTH_REFRESH;

    if (reading->sent->status == 429)
        return say(reading, OAUTH_TOKEN_LIMITED, "too many requests");
    if (reading->sent->status >= 500)
        return say(reading, OAUTH_TOKEN_UNAVAILABLE, "it cannot serve now");
    if (reading->sent->status < 400 || !is_word)
        return say(reading, OAUTH_TOKEN_MALFORMED, "no answer that makes sense");
    if (reading->sent->status == 401)
        return say(reading, OAUTH_TOKEN_WRONG_CLIENT, "invalid_client");
    if (is_refresh && (reading->sent->status == 403 || reading->sent->status == 404))
        return say(reading, OAUTH_TOKEN_REVOKED, "this install is not there any more");
    return judge_error(reading);
}

/* The grammar of a bearer token (RFC 6750 §2.1): goes into a header as it is. */
static bool is_token(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];
        const char lower = (char)(c | 0x20);

        if (!(lower >= 'a' && lower <= 'z') && !(c >= '0' && c <= '9') &&
            memchr("-._~+/=", c, 7) == NULL)
            return false;
    }
    return text.len > 0 && text.len <= OAUTH_TOKEN_MAX;
}

/* The reference client converts with Number(), so digits in quotes count. */
static bool read_expiry(const struct json *json, int64_t *ret_s)
{
    double seconds = json_double(json);
    int64_t digits;

    *ret_s = EXPIRES_IN_S;
    if (is_missing(json))
        return true;
    if (bytes_to_i64(json_string(json), &digits))
        seconds = (double)digits;
    if (!(seconds >= EXPIRES_LEAST_S && seconds <= EXPIRES_MOST_S))
        return false;
    *ret_s = (int64_t)seconds;
    return true;
}

/* The number of "installs/7", or, as one sample has it, "install/7". */
static bool read_install(const struct json *json, int64_t *ret_number)
{
    struct bytes text = json_string(json);
    const struct bytes collection = bytes_take_until(&text, '/');

    *ret_number = 0;
    if (is_missing(json))
        return true;
    if (!bytes_eq(collection, BYTES("installs")) &&
        !bytes_eq(collection, BYTES("install")))
        return false;
    return text.len > 0 && text.ptr[0] >= '1' && text.ptr[0] <= '9' &&
           bytes_to_i64(text, ret_number);
}

/* A name of these collections (NULL: any); nothing is fine as well. */
static bool read_name(const struct json *json, const char *const *collections,
                      struct bytes *ret_name)
{
    struct name name;

    *ret_name = json_string(json);
    if (is_missing(json))
        return true;
    return ret_name->len <= OAUTH_NAME_MAX && name_parse(*ret_name, &name) &&
           (collections == NULL || name_is(&name, collections));
}

/* The first name of a list; nobody is asked to choose more than one. */
static bool read_first(const struct json *json, const char *const *collections,
                       struct bytes *ret_name)
{
    return (is_missing(json) || json_kind(json) == JSON_ARRAY) &&
           read_name(json_at(json, 0), collections, ret_name);
}

/* Why it is not what the dossier describes; NULL: it is. */
static const char *read_token(const struct reading *reading, struct oauth_token *token)
{
    static const char *const workspace[] = {"workspaces", NULL};
    static const char *const source[] = {"workspaces", "sources", NULL};
    const struct json *json = reading->json;
    const bool is_exchange = reading->sent->purpose == OAUTH_EXCHANGE;

    token->access_token = json_string(json_get(json, "access_token"));
    if (!bytes_eq_nocase(json_string(json_get(json, "token_type")), BYTES("bearer")))
        return "a token that is not a bearer token";
    if (!is_token(token->access_token))
        return "no access token";
    if (!read_expiry(json_get(json, "expires_in"), &token->expires_in_s))
        return "an absurd expires_in";
    if (!read_install(json_get(json, "install_name"), &token->install) ||
        (is_exchange && token->install == 0))
        return "no name of an install";
    if (!read_name(json_get(json, "app_name"), NULL, &token->app))
        return "an app_name that is no name";
    if (!read_first(json_get(json, "workspace_names"), workspace, &token->workspace) ||
        (is_exchange && token->workspace.len == 0))
        return "no workspace";
    if (!read_first(json_get(json, "source_names"), source, &token->source) ||
        (token->source.len > 0 && token->workspace.len > 0 &&
         !bytes_eq(name_parent(token->source), token->workspace)))
        return "a source that is not in its workspace";
    return NULL;
}

static bool read_scope(const struct reading *reading, struct bytes *ret_scope)
{
    const struct json *json = json_get(reading->json, "scope");

    *ret_scope = json_string(json);
    if (!is_missing(json))
        return ret_scope->len <= OAUTH_NAME_MAX &&
               scope_parse(*ret_scope).kind != SCOPE_NONE;
    *ret_scope = reading->sent->scope; /* RFC 6749 §5.1 */
    return ret_scope->len > 0;
}

static enum oauth_token_verdict judge_success(const struct reading *reading,
                                              struct oauth_token *token)
{
    const char *fault;

    if (json_kind(reading->json) != JSON_OBJECT)
        return say(reading, OAUTH_TOKEN_MALFORMED, "no JSON object");
    if (!is_missing(json_get(reading->json, "error")) ||
        !is_missing(json_get(reading->json, "error_description")))
        return judge_error(reading);
    fault = read_token(reading, token);
    if (fault != NULL)
        return say(reading, OAUTH_TOKEN_MALFORMED, fault);
    if (!read_scope(reading, &token->scope))
        return say(reading, OAUTH_TOKEN_MALFORMED, "a scope that is none");
    if (reading->sent->scope.len > 0 && !bytes_eq(token->scope, reading->sent->scope))
        return say(reading, OAUTH_TOKEN_SCOPE, "another scope than was asked for");
    return say(reading, OAUTH_TOKEN_GOOD, "a token");
}

/* Moves the texts into @scratch. */
static bool keep(struct oauth_token *token, struct buf *scratch)
{
    struct bytes *const texts[] = {&token->access_token, &token->scope, &token->app,
                                   &token->workspace, &token->source};
    size_t len = 0;

    for (size_t i = 0; i < COUNT(texts); i++)
        len += texts[i]->len;
    buf_clear(scratch);
    if (buf_room(scratch, len) == NULL)
        return false;
    for (size_t i = 0; i < COUNT(texts); i++) {
        const size_t start = scratch->len;

        (void)buf_add(scratch, *texts[i]);
        *texts[i] = bytes_of(scratch->ptr + start, texts[i]->len);
    }
    return true;
}

enum oauth_token_verdict oauth_token_read(const struct oauth_token_answer *answer,
                                          struct buf *scratch,
                                          struct oauth_token *ret_token, char *why,
                                          size_t why_size)
{
    const int status = answer->status;
    struct reading reading = {.sent = answer, .why = why, .why_size = why_size};
    cleanup(json_freep) struct json *json = NULL;
    struct oauth_token token = {0};
    enum oauth_token_verdict verdict;

    *ret_token = (struct oauth_token){0};
    if (answer->body.len <= OAUTH_ANSWER_BYTES &&
        json_parse(answer->body, &json, NULL) == 0)
        reading.json = json;
    if (status < 200 || status > 299)
        return judge_failure(&reading);
    verdict = judge_success(&reading, &token);
    if (verdict == OAUTH_TOKEN_GOOD && !keep(&token, scratch))
        return say(&reading, OAUTH_TOKEN_MALFORMED, "more than there is room for");
    if (verdict == OAUTH_TOKEN_GOOD)
        *ret_token = token;
    return verdict;
}
