/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * oauth - "Enable with Segment": the OAuth 2.0 server of the local Segment (dossier §6).
 *
 * Its areas are in areas.h: /oauth2/ (authorize.c, token_endpoint.c), /login/ and
 * /authorize/ (login_page.c, consent_page.c). What an app asked for is an ask (ask.h); it
 * waits in challenges (challenge.h) while a person logs in and consents; what comes of it
 * is an install and its tokens (install.h).
 */

#include "base/bytes.h"

struct exchange;

/* GET /v1beta/installs/{}/token, and install/{}: the handler for the Config API's table
 * (§6.6). Asks for Basic client credentials itself, not for a bearer token, and counts
 * its own rate. */
void oauth_install_token(struct exchange *exchange);

/* --- between the files of the OAuth server ------------------------------------------ */

/* POST /oauth2/token (token_endpoint.c). */
void oauth_token(struct exchange *exchange);
/* Sends the browser to the login page, with an authorization request that is good. */
void oauth_begin_login(struct exchange *exchange, struct bytes query);
