/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * remark - how a call differs from the documented one, though it was answered (ux §4.4).
 *
 * For people who look at the inspector: white space in a scope, parameters that nobody
 * reads, doubled slashes, a body without a content type or as typed by hand.
 */

#include "base/buf.h"

struct exchange;

/* Adds "your call differs from the documented one: …; …", or nothing. Reads headers:
 * only in the handler. */
void remark_add(struct exchange *exchange, struct buf *ret_text);
/* By the query of /oauth2/auth alone. */
void remark_add_authorize(struct bytes query, struct buf *ret_text);
/* One more sentence, with the beginning when it is the first. */
printf_like(2, 3) void remark_say(struct buf *ret_text, const char *format, ...);
