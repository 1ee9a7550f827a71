/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * grant - what a person answered to an ask, and what comes of it (dossier §6.3, §6.4
 * step 5).
 *
 * Besides yes and no there are answers that nobody gives on purpose; the consent page has
 * them so that a partner sees what her app does then.
 */

#include "emulator/oauth/ask.h"

enum grant_answer {
    GRANT_DENY = 0,
    GRANT_ALLOW,
    GRANT_SERVER_ERROR, /* error=server_error */
    GRANT_SHORT_CODE,   /* a code that expires in a second */
    GRANT_WRONG_STATE,  /* another state comes back */
    GRANT_SLOW,         /* the same as ALLOW, after five seconds */
    GRANT_N,
};

/* "allow", "access_denied", "server_error", "short_code", "wrong_state", "slow". */
const char *grant_answer_name(enum grant_answer answer);
/* DENY for what is none of them. */
enum grant_answer grant_answer_parse(struct bytes name);

struct grant {
    enum grant_answer answer;
    struct bytes email;
    struct bytes workspace; /* slug */
    struct bytes source;    /* name; only for a scope destination/<slug> */
};

/* Why may this person not say yes, as a sentence; NULL: she may. Looks at email and
 * workspace only. */
const char *grant_objection(struct exchange *exchange, const struct ask *ask,
                            const struct grant *grant);
/* Does the app ask for one destination, hence for a source? */
must_check
bool grant_needs_source(const struct ask *ask);
/* Is the source one of the workspace's, or not needed? */
must_check
bool grant_has_source(struct exchange *exchange, const struct ask *ask,
                      const struct grant *grant);
/* Redirects with a code, or with the error. May defer the answer. */
void grant_finish(struct exchange *exchange, const struct ask *ask,
                  const struct grant *grant);
