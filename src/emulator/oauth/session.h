/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * session - the two cookies of the stand-ins for Segment's pages: which browser is this,
 * and who is remembered on it.
 *
 * Both are random (sys/rand), HttpOnly and SameSite=Lax. The browser's own keeps somebody
 * from finishing what another browser began; it is one for all tabs, so that two of them
 * do not disturb each other. A session lasts thirty days of the world's clock.
 */

#include "base/bytes.h"

struct exchange;

enum { SESSION_ID_LEN = 32 };

/* 32 hexadecimal digits and a NUL that nobody can guess. */
void session_random(char ret_id[SESSION_ID_LEN + 1]);
/* This browser's mark; ptr NULL when it has none. */
struct bytes session_browser(struct exchange *exchange);
/* The same; a new one is given to it with this answer. */
struct bytes session_mark_browser(struct exchange *exchange);
/* The email of who is remembered here; ptr NULL: nobody. */
struct bytes session_person(struct exchange *exchange);
/* Remembers @email; forgets whoever is. With this answer. */
void session_start(struct exchange *exchange, struct bytes email);
void session_end(struct exchange *exchange);
