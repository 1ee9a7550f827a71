/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * access - who may come in (ux §3.7, reliability CO-3, CO-4, CO-7).
 *
 * Each row of the table of routes says what it needs; a row that says nothing is denied
 * to everybody. In dev everybody on loopback is the admin, when Host and Origin are this
 * machine's. In serve a request has a token ("Authorization: Bearer pat_…") or the
 * cookie of a session; with both, the token counts and the cookie is not looked at. A
 * call with a cookie that changes something must come from a page of this origin.
 */

#include "net/server.h"
#include "service/access/principal.h"

struct site;

enum route_access {
    ACCESS_DENIED = 0, /* a row that forgot */
    ACCESS_PUBLIC,     /* no credential, and no check of where it comes from */
    ACCESS_FORM,       /* login and its kin: no credential, but Host and Origin count */
    ACCESS_PAGE,       /* of the console: whoever has none is sent to the login */
    ACCESS_VIEWER,
    ACCESS_OPERATOR,
    ACCESS_ADMIN,
};
const char *access_text(enum route_access access);

/* True, and who it is. False: answered with 303, 401 or 403. */
must_check
bool access_allows(struct site *site, struct server_request *request,
                   enum route_access access, struct principal *ret_principal);
/* Still the one it was: the token not revoked, the session not ended, the role the same.
 * Thread-safe; does not count as a use. */
must_check
bool access_lasts(struct site *site, const struct principal *principal);
