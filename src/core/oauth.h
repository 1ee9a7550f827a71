/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * oauth - the partner's half of Enable with Segment, decided without a socket (dossier
 * §6.3–6.7; reliability OA-1 … OA-11).
 *
 * Everything that a query string or an endpoint says is hostile here: it is bounded,
 * checked, and never handed on as it is.
 */

#include "base/buf.h"

enum {
    OAUTH_STATE_LEN = 43,    /* base64url of 32 random bytes */
    OAUTH_VERIFIER_LEN = 43, /* RFC 7636 §4.1 */
    OAUTH_ATTEMPT_MS = 10 * 60 * 1000,
    OAUTH_CODE_MAX = 512,
    OAUTH_TOKEN_MAX = 4096,
    OAUTH_ANSWER_BYTES = 64 << 10,
    OAUTH_NAME_MAX = 256,
};

/* @random: 32 bytes; used for state, cookie and verifier alike. */
void oauth_random_text(const uint8_t random[32], char ret_text[OAUTH_STATE_LEN + 1]);

/* What is asked of Segment. */
struct oauth_request {
    struct bytes id_url; /* "https://id.segmentapis.com" */
    struct bytes client_id, redirect_uri, scope, state;
    struct bytes verifier; /* of PKCE S256; empty: none is sent */
};
/* Adds the URL that the browser is sent to; parameters in the reference client's order.
 */
int oauth_authorize_url(const struct oauth_request *request, struct buf *ret_url);

/* What the browser brought back. */
enum oauth_callback_verdict {
    OAUTH_CALLBACK_MALFORMED = 0, /* no state, no code and no error, one of them twice,
                                     too long, odd characters */
    OAUTH_CALLBACK_REFUSED,       /* Segment says no: `refusal` */
    OAUTH_CALLBACK_CODE,
};
/* The registered error codes of RFC 6749 §4.1.2.1, and what Segment adds (§6.9). */
enum oauth_refusal {
    OAUTH_REFUSAL_NONE = 0,
    OAUTH_ACCESS_DENIED,
    OAUTH_INVALID_SCOPE,
    OAUTH_INSTALLED_ALREADY, /* any error whose text has "install already exists": which
                                code Segment sends with it, no document says */
    OAUTH_INVALID_REQUEST,
    OAUTH_UNAUTHORIZED_CLIENT,
    OAUTH_UNSUPPORTED_RESPONSE_TYPE,
    OAUTH_SERVER_ERROR,
    OAUTH_TEMPORARILY_UNAVAILABLE,
    OAUTH_OTHER_REFUSAL, /* a code there is none of: never shown */
};
const char *oauth_refusal_text(enum oauth_refusal refusal); /* "access_denied" */
struct oauth_callback {
    struct bytes code, state; /* in @scratch */
    enum oauth_refusal refusal;
    struct bytes description; /* as sent, at most 200 bytes: for the log, escaped */
    struct bytes issuer;      /* `iss`, empty: not sent (RFC 9207) */
};
/*
 * @query: raw, at most 8 KiB; @scratch (cleared first) must have room for as much, and
 * holds the code: wipe it. The state must still be compared with what was handed out, and
 * the issuer, when there is one, with whom we asked. An error needs a state as a code
 * does: what has none that we could have made is no answer to us. A token in the query
 * (nobody asked for the implicit grant) is malformed, and so is a fragment.
 */
must_check
enum oauth_callback_verdict oauth_callback_read(struct bytes query, struct buf *scratch,
                                                struct oauth_callback *ret_callback);

/* What the token endpoint (code) or the refresh (install) answered. */
enum oauth_token_verdict {
    OAUTH_TOKEN_MALFORMED = 0, /* not JSON, not bearer, absurd: nothing is stored; a 4xx
                                  whose body has no `error`, which a proxy may say */
    OAUTH_TOKEN_GOOD,
    OAUTH_TOKEN_EXPIRED_CODE,   /* invalid_grant */
    OAUTH_TOKEN_WRONG_CLIENT,   /* invalid_client, or 401 */
    OAUTH_TOKEN_WRONG_REDIRECT, /* its text: "missing a required parameter" */
    OAUTH_TOKEN_REFUSED,        /* any other error of RFC 6749 §5.2 */
    OAUTH_TOKEN_REVOKED,        /* refresh: 403, or 404: the customer removed the app */
    OAUTH_TOKEN_LIMITED,        /* 429 */
    OAUTH_TOKEN_UNAVAILABLE,    /* 5xx */
    OAUTH_TOKEN_SCOPE,          /* another scope than was asked for */
};
enum oauth_token_purpose { OAUTH_EXCHANGE = 0, OAUTH_REFRESH };
struct oauth_token { /* texts in the scratch */
    struct bytes access_token;
    int64_t expires_in_s;   /* 60 … 30 days; absent: 3600; "3599" and 3599.5 are 3599 */
    struct bytes scope;     /* "destination/demo" */
    struct bytes app;       /* "apps/2"; may be empty */
    int64_t install;        /* number of "installs/7" or "install/7"; 0: absent (refused
                               of an exchange) */
    struct bytes workspace; /* "workspaces/acme"; of an exchange never empty */
    struct bytes source; /* "workspaces/acme/sources/js", in `workspace`; empty: none */
};
struct oauth_token_answer { /* as it came */
    enum oauth_token_purpose purpose;
    int status;
    struct bytes body;
    struct bytes scope; /* what was asked for; empty: not compared */
};
/*
 * @ret_token is filled when GOOD only; @scratch (cleared first) then holds the token:
 * wipe it. Whether a refresh speaks of the same install as before is the caller's to
 * compare.
 * @why (at least 256 bytes) becomes one sentence for the log without any of the answer's
 * own text but its registered error.
 */
must_check
enum oauth_token_verdict oauth_token_read(const struct oauth_token_answer *answer,
                                          struct buf *scratch,
                                          struct oauth_token *ret_token, char *why,
                                          size_t why_size);
/* Adds the form of the exchange; an empty @verifier is left out. */
int oauth_exchange_form(struct bytes code, struct bytes redirect_uri,
                        struct bytes verifier, struct buf *ret_form);
/* Adds "Basic …" of client id and secret, joined raw as the reference client does. */
int oauth_basic(struct bytes client_id, struct bytes client_secret,
                struct buf *ret_value);

enum { OAUTH_REFRESH_BEFORE_MS = 5 * 60 * 1000 };
/* Is it time to get a new token? */
bool oauth_needs_refresh(int64_t expires_at_ms, int64_t now_ms);
