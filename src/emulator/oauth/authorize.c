/* SPDX-License-Identifier: MIT */

/* /oauth2/auth: where the browser comes three times (dossier §6.4). */

#include "base/form.h"
#include "emulator/frame/areas.h"
#include "emulator/oauth/challenge.h"
#include "emulator/oauth/consent.h"
#include "emulator/oauth/oauth.h"
#include "emulator/oauth/oauth_error.h"
#include "emulator/oauth/session.h"

enum { BODY_BYTES = 1 << 20, VERIFIER_BYTES = 256 };

/* Of a form and of the address; both count. */
static struct bytes read_query(struct exchange *exchange)
{
    cleanup(buf_done) struct buf query = {0};

    if (!bytes_eq(exchange->method, BYTES("POST")))
        return exchange->query;
    buf_init(&query, 2 * BODY_BYTES);
    buf_add(&query, exchange->body);
    buf_add_char(&query, '&');
    buf_add(&query, exchange->query);
    return bytes_of(arena_copy(&exchange->arena, buf_bytes(&query)), query.len);
}

/* A copy in the arena; ptr NULL when it is absent or absurdly long. */
static struct bytes find(struct exchange *exchange, struct bytes query, const char *name)
{
    cleanup(buf_done) struct buf scratch = {0};
    struct bytes value;

    buf_init(&scratch, VERIFIER_BYTES);
    if (!form_find(query, name, &scratch, &value))
        return bytes_of(NULL, 0);
    return bytes_of(arena_copy(&exchange->arena, value), value.len);
}

static void send_to(struct exchange *exchange, const char *page, const char *id)
{
    exchange_redirect(exchange, 302, arena_printf(&exchange->arena, "%s%s", page, id));
    exchange_set_header(exchange, "Cache-Control", "no-store");
}

void oauth_begin_login(struct exchange *exchange, struct bytes query)
{
    const struct challenge challenge = {.query = query};

    send_to(exchange, "/login?login_challenge=",
            challenge_make(exchange, CHALLENGE_LOGIN, &challenge));
}

static void begin_consent(struct exchange *exchange, const struct ask *ask,
                          struct bytes email)
{
    const struct challenge challenge = {.query = ask->query, .email = email};

    send_to(exchange, "/authorize?consent_challenge=",
            challenge_make(exchange, CHALLENGE_CONSENT, &challenge));
}

/* A verifier that is not good ends the attempt; the app hears of it. */
static void refuse_verifier(struct exchange *exchange, struct bytes query)
{
    static const struct oauth_failure failure = {
        .error = OAUTH_ACCESS_DENIED,
        .hint = "The verifier is unknown, was used, is older than ten minutes, or comes "
                "from another browser: begin again."};
    struct ask ask;

    if (ask_read(exchange, query, &ask))
        ask_fail(exchange, &ask, &failure);
}

static void go_on_after_login(struct exchange *exchange, struct bytes query,
                              struct bytes verifier)
{
    struct challenge challenge;
    struct ask ask;

    if (!challenge_find(exchange, CHALLENGE_LOGIN_VERIFIER, verifier, &challenge)) {
        refuse_verifier(exchange, query);
        return;
    }
    challenge_end(exchange, verifier);
    if (ask_read(exchange, challenge.query, &ask))
        begin_consent(exchange, &ask, challenge.email);
}

static void go_on_after_consent(struct exchange *exchange, struct bytes query,
                                struct bytes verifier)
{
    struct challenge challenge;
    struct ask ask;

    if (!challenge_find(exchange, CHALLENGE_CONSENT_VERIFIER, verifier, &challenge)) {
        refuse_verifier(exchange, query);
        return;
    }
    challenge_end(exchange, verifier);
    if (ask_read(exchange, challenge.query, &ask)) {
        const struct grant grant = {
            .answer = grant_answer_parse(challenge.answer),
            .email = challenge.email,
            .workspace = challenge.workspace,
            .source = challenge.source,
        };

        grant_finish(exchange, &ask, &grant);
    }
}

static void begin(struct exchange *exchange, struct bytes query)
{
    struct ask ask;
    struct grant grant;
    struct bytes person;

    if (!ask_read(exchange, query, &ask))
        return;
    if (consent_is_automatic(exchange, &ask, &grant)) {
        grant_finish(exchange, &ask, &grant);
        return;
    }
    person = session_person(exchange);
    if (person.ptr != NULL)
        begin_consent(exchange, &ask, person);
    else
        oauth_begin_login(exchange, ask.query);
}

static void authorize(struct exchange *exchange)
{
    const struct bytes query = read_query(exchange);
    const struct bytes after_login = find(exchange, query, "login_verifier");
    const struct bytes after_consent = find(exchange, query, "consent_verifier");

    if (after_consent.ptr != NULL)
        go_on_after_consent(exchange, query, after_consent);
    else if (after_login.ptr != NULL)
        go_on_after_login(exchange, query, after_login);
    else
        begin(exchange, query);
}

static void missing(struct exchange *exchange, enum route_missing why)
{
    const struct oauth_failure failure = {
        .error = why == ROUTE_NO_METHOD ? OAUTH_INVALID_REQUEST : OAUTH_NOT_FOUND,
        .hint = "GET /oauth2/auth and POST /oauth2/token are what there is.",
    };

    oauth_error_answer(exchange, &failure);
}

#define RELATIVE                                                                         \
    "Pages of Segment's other hosts are redirected to without a host, and look "         \
    "different; Segment's own error page is plain."

static const struct route routes[] = {
    {"GET", "/oauth2/auth", authorize, FIDELITY_DOCUMENTED, RELATIVE},
    {"POST", "/oauth2/auth", authorize, FIDELITY_GUESS, RELATIVE},
    {"POST", "/oauth2/token", oauth_token, FIDELITY_DOCUMENTED,
     "The words of descriptions and hints are ours."},
    {.method = NULL},
};

const struct area oauth_area = {
    .title = "OAuth",
    .prefix = "/oauth2/",
    .routes = routes,
    .body_bytes = BODY_BYTES,
    .missing_fn = missing,
};
