/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * challenge - an authorization request that waits for a person (dossier §6.4).
 *
 *   login ──▶ login_verifier ──▶ consent ──▶ consent_verifier
 *
 * Each is a random id that is good once, for ten minutes of the world's clock, and only
 * in the browser that began. The two challenges are pages, with a CSRF token for their
 * form; the two verifiers bring what was said there back to /oauth2/auth.
 */

#include "base/bytes.h"

struct exchange;

enum challenge_kind {
    CHALLENGE_LOGIN = 0,
    CHALLENGE_LOGIN_VERIFIER,
    CHALLENGE_CONSENT,
    CHALLENGE_CONSENT_VERIFIER,
};

struct challenge {          /* texts lie in the exchange's arena */
    struct bytes query;     /* the authorization request, encoded */
    struct bytes email;     /* who logged in; not of LOGIN */
    struct bytes workspace; /* slug; of CONSENT_VERIFIER, and what the page showed last */
    struct bytes source;    /* name; likewise */
    struct bytes answer;    /* of CONSENT_VERIFIER (grant.h) */
    struct bytes csrf;      /* in the page's form */
    struct bytes browser;   /* session.h */
};

/* Stores @challenge under a new id (in the arena), with this browser and a token. */
must_check
const char *challenge_make(struct exchange *exchange, enum challenge_kind kind,
                           const struct challenge *challenge);
/* False: unknown, used, too old, or begun in another browser. */
must_check
bool challenge_find(struct exchange *exchange, enum challenge_kind kind, struct bytes id,
                    struct challenge *ret_challenge);
/* It has been used: there is none of this id any more. */
void challenge_end(struct exchange *exchange, struct bytes id);
