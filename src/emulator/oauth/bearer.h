/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * bearer - who asks? The token of "Authorization: Bearer …" and what it may (dossier
 * §6.7).
 *
 * Good is a token that is live, has not expired on the world's clock, and whose install,
 * when it has one, is still installed. Why one is not good is nobody's business but ours:
 * Segment says "malformed token" to all of them, and so do the callers.
 */

#include "base/bytes.h"
#include "segment/scope.h"

struct exchange;

enum bearer_verdict {
    BEARER_MALFORMED = 0, /* unknown, expired, replaced, revoked, of another API: 401 */
    BEARER_MISSING,       /* no Authorization, or not of this scheme: 401 */
    BEARER_GOOD,
};

struct bearer {              /* slices lie in the exchange's arena */
    struct bytes token;      /* as it was sent: the key for rate limits */
    struct bytes kind;       /* "install", "personal", "public" */
    struct bytes name;       /* "installs/7", "access-tokens/127"; may be empty */
    struct scope scope;      /* zero: may do nothing */
    struct bytes workspaces; /* slugs; several (personal tokens) are joined by ',' */
    struct bytes source;     /* name; only of scope destination/<slug> */
    int64_t install;         /* number; 0: none */
};

/* For the Config API: tokens of installs and people. @ret_bearer is filled when GOOD; its
 * `token` also when MALFORMED. */
must_check
enum bearer_verdict bearer_check(struct exchange *exchange, struct bearer *ret_bearer);
/* For the Public API: its own tokens only. */
must_check
enum bearer_verdict bearer_check_public(struct exchange *exchange,
                                        struct bearer *ret_bearer);
