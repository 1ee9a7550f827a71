/* SPDX-License-Identifier: MIT */

#include "emulator/oauth/ask.h"

#include "base/form.h"
#include "emulator/frame/emulator.h"
#include "emulator/frame/exchange.h"
#include "emulator/oauth/oauth_error.h"
#include "segment/redirect_uri.h"

enum {
    STATE_MIN = 8,
    LOCATION_BYTES = 4 * ASK_BYTES, /* a state may grow threefold */
};

/* --- reading ------------------------------------------------------------------------ */

static struct bytes find(struct exchange *exchange, struct bytes query, const char *name)
{
    cleanup(buf_done) struct buf scratch = {0};
    struct bytes value;

    buf_init(&scratch, ASK_BYTES);
    if (!form_find(query, name, &scratch, &value))
        return bytes_of(NULL, 0);
    return bytes_of(arena_copy(&exchange->arena, value), value.len);
}

static bool is_verifier(struct bytes name)
{
    return bytes_eq(name, BYTES("login_verifier")) ||
           bytes_eq(name, BYTES("consent_verifier"));
}

/* The request without the verifiers, which are good for one use only; and encoded anew:
 * it becomes part of headers. */
static struct bytes strip(struct exchange *exchange, struct bytes query)
{
    cleanup(buf_done) struct buf kept = {0};
    cleanup(buf_done) struct buf scratch = {0};
    struct bytes name, value;

    buf_init(&kept, 3 * ASK_BYTES);
    buf_init(&scratch, 2 * ASK_BYTES);
    while (form_next(&query, &scratch, &name, &value)) {
        if (!is_verifier(name)) {
            if (kept.len > 0)
                buf_add_char(&kept, '&');
            form_encode(name, FORM_SPACE_PERCENT, &kept);
            buf_add_char(&kept, '=');
            form_encode(value, FORM_SPACE_PERCENT, &kept);
        }
        buf_clear(&scratch);
    }
    return bytes_of(arena_copy(&exchange->arena, buf_bytes(&kept)), kept.len);
}

static void read_fields(struct exchange *exchange, struct bytes query,
                        struct ask *ret_ask)
{
    *ret_ask = (struct ask){
        .query = strip(exchange, query),
        .client_id = find(exchange, query, "client_id"),
        .redirect_uri = find(exchange, query, "redirect_uri"),
        .response_type = find(exchange, query, "response_type"),
        .scope = find(exchange, query, "scope"),
        .state = find(exchange, query, "state"),
        .pkce_challenge = find(exchange, query, "code_challenge"),
        .pkce_method_text = find(exchange, query, "code_challenge_method"),
    };
    ret_ask->pkce_method = pkce_parse(ret_ask->pkce_method_text, ret_ask->pkce_challenge);
}

/* --- the client and where it may be redirected -------------------------------------- */

static bool refuse(struct exchange *exchange, enum oauth_error error, const char *hint)
{
    const struct oauth_failure failure = {.error = error, .hint = hint};

    oauth_error_show(exchange, &failure);
    return false;
}

static bool check_client(struct exchange *exchange, struct ask *ask)
{
    if (ask->query.len > 0 &&
        app_find_client(exchange->world, ask->client_id, &exchange->arena, &ask->app))
        return true;
    return refuse(exchange, OAUTH_INVALID_CLIENT,
                  "There is no app of this client_id; the local Segment shows its own on "
                  "the page Developer.");
}

static bool check_target(struct exchange *exchange, struct ask *ask)
{
    struct bytes uri = ask->redirect_uri;

    if (form_count(ask->query, "client_id") > 1 ||
        form_count(ask->query, "redirect_uri") > 1)
        return refuse(exchange, OAUTH_INVALID_REQUEST,
                      "client_id or redirect_uri was sent more than once.");
    if (uri.len == 0) /* "redirect_uri=" names none either */
        uri = app_only_redirect_uri(&ask->app, &exchange->arena);
    if (uri.ptr == NULL)
        return refuse(exchange, OAUTH_INVALID_REQUEST,
                      "redirect_uri is missing, and the app does not have exactly one.");
    if (!app_has_redirect_uri(&ask->app, uri))
        return refuse(exchange, OAUTH_INVALID_REQUEST,
                      "redirect_uri is none of those that the app has registered: they "
                      "are compared to the letter.");
    if (!redirect_uri_is_allowed(uri))
        return refuse(exchange, OAUTH_INVALID_REQUEST,
                      "redirect_uri must be https, or http on localhost, and must not "
                      "have a fragment.");
    ask->target = uri;
    return true;
}

/* --- the rest: errors are redirected ------------------------------------------------ */

static const char *find_repeated(const struct ask *ask)
{
    static const char *const names[] = {"response_type", "scope", "state",
                                        "code_challenge", "code_challenge_method"};

    for (size_t i = 0; i < COUNT(names); i++) {
        if (form_count(ask->query, names[i]) > 1)
            return names[i];
    }
    return NULL;
}

static struct oauth_failure judge(struct exchange *exchange, const struct ask *ask)
{
    if (find_repeated(ask) != NULL)
        return (struct oauth_failure){OAUTH_INVALID_REQUEST,
                                      "A parameter was sent more than once.", NULL};
    if (!bytes_eq(ask->scope, ask->app.scope))
        return (struct oauth_failure){
            OAUTH_INVALID_SCOPE, "The scope must be the one of the app, and no other.",
            NULL};
    if (!bytes_eq(ask->response_type, BYTES("code")))
        return (struct oauth_failure){OAUTH_UNSUPPORTED_RESPONSE_TYPE,
                                      "response_type must be code.", NULL};
    if (emulator_options(exchange->emulator)->is_strict && ask->state.len < STATE_MIN)
        return (struct oauth_failure){OAUTH_INVALID_STATE,
                                      "The state must have at least 8 characters.", NULL};
    if (ask->pkce_method == PKCE_UNKNOWN)
        return (struct oauth_failure){
            OAUTH_INVALID_REQUEST,
            "code_challenge must have 43 to 128 characters, and its method must be S256 "
            "or plain.",
            NULL};
    return (struct oauth_failure){.hint = NULL};
}

bool ask_read(struct exchange *exchange, struct bytes query, struct ask *ret_ask)
{
    struct oauth_failure failure;

    if (query.len > ASK_BYTES)
        return refuse(exchange, OAUTH_INVALID_REQUEST,
                      "The request is longer than 8 KiB.");
    read_fields(exchange, query, ret_ask);
    if (!check_client(exchange, ret_ask) || !check_target(exchange, ret_ask))
        return false;
    failure = judge(exchange, ret_ask);
    if (failure.hint == NULL)
        return true;
    ask_fail(exchange, ret_ask, &failure);
    return false;
}

/* --- the way back ------------------------------------------------------------------- */

static void redirect(struct exchange *exchange, const struct ask *ask,
                     const struct buf *query)
{
    cleanup(buf_done) struct buf location = {0};

    buf_init(&location, LOCATION_BYTES);
    redirect_uri_extend(ask->target, buf_bytes(query), &location);
    exchange_redirect(exchange, 302, buf_text(&location));
    exchange_set_header(exchange, "Cache-Control", "no-store");
}

void ask_fail(struct exchange *exchange, const struct ask *ask,
              const struct oauth_failure *failure)
{
    cleanup(buf_done) struct buf query = {0};

    buf_init(&query, LOCATION_BYTES);
    oauth_error_add(failure, &query);
    if (ask->state.ptr != NULL)
        form_add(&query, "state", ask->state, FORM_SPACE_PLUS);
    exchange->fidelity = FIDELITY_GUESS;
    redirect(exchange, ask, &query);
}

void ask_grant(struct exchange *exchange, const struct ask *ask, const char *code,
               struct bytes state)
{
    cleanup(buf_done) struct buf query = {0};

    buf_init(&query, LOCATION_BYTES);
    form_add(&query, "code", bytes_str(code), FORM_SPACE_PERCENT);
    form_add(&query, "scope", ask->scope, FORM_SPACE_PERCENT);
    if (state.ptr != NULL)
        form_add(&query, "state", state, FORM_SPACE_PERCENT);
    redirect(exchange, ask, &query);
}
