/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * redact - secrets out of what is kept to be looked at (interface §6, "••••").
 *
 * A request that was made for a customer holds their credentials, wherever the function
 * put them. Before a record of it is stored or shown, every secret string given here is
 * replaced, as is the value of a header whose name says that it holds one.
 */

#include "base/buf.h"

enum { REDACT_MAX = 64, REDACT_SHORTEST = 6 };

struct redact {
    struct bytes secrets[REDACT_MAX]; /* borrowed */
    size_t n_secrets;
};

/* Adds one secret; too short ones (< REDACT_SHORTEST bytes) and more than REDACT_MAX are
 * left out: a mask that hides every "true" hides nothing else. */
void redact_add(struct redact *redact, struct bytes secret);
/* Adds every string value in a JSON object's text, at any depth, as it stands there. */
void redact_add_settings(struct redact *redact, struct bytes settings_json);
/* Adds @text with every secret as "••••". */
int redact_text(const struct redact *redact, struct bytes text, struct buf *ret_text);
/* Authorization, Proxy-Authorization, Cookie, Set-Cookie, X-Api-Key, Api-Key and names
 * that contain "token", "secret" or "password", in any case. */
bool redact_is_secret_header(struct bytes name);
