/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * client_auth - which app calls? Basic client credentials (dossier §6.5, §6.6); of a form
 * also those in the body (client_secret_post), from an app that is allowed to.
 *
 * The reference client joins id and secret raw, RFC 6749 has both form-encoded first: the
 * raw reading is tried first, then the decoded one.
 */

#include "emulator/oauth/app.h"

enum client_verdict {
    CLIENT_WRONG = 0, /* unknown client, wrong secret, not to be read */
    CLIENT_MISSING,   /* no Authorization of scheme Basic, nor any that is allowed */
    CLIENT_RIGHT,
};

must_check
enum client_verdict client_auth_check(struct exchange *exchange, struct app *ret_app);
/* The same for a request whose body is a form. */
must_check
enum client_verdict client_auth_check_form(struct exchange *exchange,
                                           struct app *ret_app);
