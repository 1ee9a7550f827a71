/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * enable_state - what the files of enable share: cookies and hashes.
 *
 * Two cookies, both HttpOnly and SameSite=Lax: one an attempt (its name ends in the tag),
 * and one that says which install this browser has made, so that a later press can be
 * told about it. With https they have the __Host- prefix, which browsers then insist on.
 */

#include "service/enable.h"
#include "store/vault.h"

enum { ENABLE_COOKIE_BYTES = 512 };

/* The keyed hash under which state and cookie are stored. */
void enable_hash(const struct site *site, struct bytes text,
                 uint8_t ret_hash[VAULT_HASH_LEN]);
/* Set-Cookie of the attempt with @state. */
void enable_write_cookie(const struct site *site, struct bytes state, const char *value,
                         char ret_text[ENABLE_COOKIE_BYTES]);
/* What the browser sent for the tag; empty: nothing. */
struct bytes enable_read_cookie(const struct site *site, struct server_request *request,
                                struct bytes tag);
/* Set-Cookie for the browser that has made this install; and whether one says so. */
void enable_write_known(const struct site *site, int64_t number,
                        char ret_text[ENABLE_COOKIE_BYTES]);
must_check
int64_t enable_read_known(const struct site *site, struct server_request *request);
