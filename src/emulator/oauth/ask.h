/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * ask - what an app asks for: the authorization request, judged (dossier §6.3).
 *
 * The order of the checks is the dossier's. Until client and redirect URI are known to
 * belong together nothing is redirected; afterwards every error is.
 */

#include "emulator/oauth/app.h"
#include "segment/pkce.h"

struct exchange;
struct oauth_failure;

enum { ASK_BYTES = 8192 };

struct ask {            /* texts lie in the exchange's arena; ptr NULL: was not sent */
    struct bytes query; /* as one query, without verifiers: what challenges keep */
    struct bytes client_id, redirect_uri, response_type, scope, state;
    struct bytes pkce_challenge, pkce_method_text;
    enum pkce_method pkce_method;
    struct app app;
    struct bytes target; /* where to redirect; ptr NULL: nowhere */
};

/* Reads @query; false when it has been answered with an error. */
must_check
bool ask_read(struct exchange *exchange, struct bytes query, struct ask *ret_ask);
/* Redirects with an error. */
void ask_fail(struct exchange *exchange, const struct ask *ask,
              const struct oauth_failure *failure);
/* Redirects with a code. @state: what to send back; ptr NULL: none. */
void ask_grant(struct exchange *exchange, const struct ask *ask, const char *code,
               struct bytes state);
