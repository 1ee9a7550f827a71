/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * oauth_error - the errors of the OAuth server, as its product words them (dossier §6.3,
 * §6.5).
 *
 * Descriptions and hints are ours, so nothing of a request is ever in them. As JSON they
 * are indented with tabs and have four members: error, error_description, error_hint,
 * status_code.
 */

#include "base/buf.h"

struct exchange;

enum oauth_error {
    OAUTH_SERVER_ERROR = 0,
    OAUTH_INVALID_REQUEST,
    OAUTH_INVALID_CLIENT,
    OAUTH_INVALID_SCOPE,
    OAUTH_INVALID_STATE,
    OAUTH_INVALID_GRANT,
    OAUTH_UNSUPPORTED_RESPONSE_TYPE,
    OAUTH_UNSUPPORTED_GRANT_TYPE,
    OAUTH_ACCESS_DENIED,
    OAUTH_REQUEST_FORBIDDEN,
    OAUTH_NOT_FOUND,
};

struct oauth_failure {
    enum oauth_error error;
    const char *hint;
    const char *description; /* NULL: the usual one */
};

/* To a program: JSON, no-store; a wrong client is asked for Basic. */
void oauth_error_answer(struct exchange *exchange, const struct oauth_failure *failure);
/* To a browser, when its Accept prefers a page; else the same. */
void oauth_error_show(struct exchange *exchange, const struct oauth_failure *failure);
/* Adds error, error_description and error_hint as a redirect has them: '+' for spaces. */
void oauth_error_add(const struct oauth_failure *failure, struct buf *query);
