/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * cookie - those that access sets: all HttpOnly, SameSite=Strict, for the whole host.
 *
 * pa_console is a session, pa_form binds the forms of login and setup to this browser,
 * pa_device says that somebody has signed in here before (core/guess.h). Cookies ignore
 * ports, so the names are no other program's of ours.
 */

#include "net/server.h"

enum { COOKIE_BYTES = 256, COOKIE_VALUE_BYTES = 128 };

#define COOKIE_SESSION "pa_console"
#define COOKIE_FORM "pa_form"
#define COOKIE_DEVICE "pa_device"

/* The value of the cookie @name. Empty when there is none, or two that differ: somebody
 * else's page may have planted one of them, and nobody can tell which. */
struct bytes cookie_read(const struct server_request *request, const char *name);
/* Set-Cookie's text; @age_s 0 removes it. Secure when the browser says that it sees us
 * over TLS. */
void cookie_write(const char *name, const char *value, int64_t age_s, bool is_secure,
                  char ret_text[COOKIE_BYTES]);
/* The page that sent this was loaded over TLS. */
must_check
bool cookie_is_secure(const struct server_request *request);
