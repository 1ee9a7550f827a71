/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * sessions - a signed-in browser: its cookie, its beginning and its end (CO-9).
 *
 * The cookie is 160 random bits, new at each login; the store has its keyed hash. So a
 * session survives a restart of the service, and a stolen store opens none.
 */

#include "service/access/cookie.h"
#include "service/access/people.h"

struct site;

/* Who the cookie of @request is, into *ret_principal; nobody when it is nobody's. */
void sessions_enter(struct site *site, const struct server_request *request,
                    struct principal *ret_principal);

/* One on its way: made before it is stored, so that it can be stored with its cause. */
struct sessions_new {
    struct session session;
    char value[COOKIE_VALUE_BYTES]; /* a secret */
};
void sessions_make(const struct site *site, int64_t now_ms, struct sessions_new *ret_new);
/* In keeper's transaction: with this user's number in it; the user's oldest goes when
 * there are too many. */
must_check
int sessions_store(struct site *site, struct store *store, struct sessions_new *new,
                   struct err *err);
/* When that is durable. */
void sessions_begin(struct site *site, const struct sessions_new *new);
