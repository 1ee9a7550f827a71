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
#include "base/secret.h"

enum { REDACT_MAX = 64, REDACT_SHORTEST = 6 };

/* Zeroed it masks nothing. */
struct redact {
    struct bytes secrets[REDACT_MAX]; /* borrowed, but for those in `unescaped` */
    size_t n_secrets;
    bool may_begin[256];                 /* a secret begins with this byte */
    struct secret unescaped[REDACT_MAX]; /* owned: what JSON escapes stand for */
    size_t n_unescaped;
};

/* Wipes and frees what is owned; twice is fine. */
void redact_done(struct redact *redact);

/* Adds one secret; too short ones (< REDACT_SHORTEST bytes) and more than REDACT_MAX are
 * left out: a mask that hides every "true" hides nothing else. */
void redact_add(struct redact *redact, struct bytes secret);
/* Adds every string value in a JSON object's text, at any depth: as it stands there and,
 * where it has escapes, also what they mean. Text that is not JSON adds nothing. */
void redact_add_settings(struct redact *redact, struct bytes settings_json);
/* Is there a secret in @text? */
must_check
bool redact_finds(const struct redact *redact, struct bytes text);
/* Adds @text with every secret as "••••", the longest where several begin at one place.
 * BUF_FULL when it does not fit. */
int redact_text(const struct redact *redact, struct bytes text, struct buf *ret_text);
/* Authorization, Proxy-Authorization, Cookie, Set-Cookie, X-Api-Key, Api-Key and names
 * that contain "token", "secret" or "password", in any case. */
bool redact_is_secret_header(struct bytes name);
