/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * form_token - a form that was shown here is what this browser sends (CO-3: a login that
 * another site posts would sign a person in as somebody else).
 *
 * A cookie of an hour, and its keyed hash in a hidden field: nothing is kept here. A
 * cookie that is still fresh is used again, so that two tabs do not spoil each other.
 */

#include "service/access/cookie.h"
#include "store/vault.h"

enum { FORM_TOKEN_BYTES = 2 * VAULT_HASH_LEN + 1 };

/* *ret_cookie is Set-Cookie's text; "": the browser has it already. */
void form_token_make(const struct vault *vault, const struct server_request *request,
                     int64_t now_ms, char ret_token[FORM_TOKEN_BYTES],
                     char ret_cookie[COOKIE_BYTES]);
must_check
bool form_token_is_good(const struct vault *vault, const struct server_request *request,
                        struct bytes token, int64_t now_ms);
