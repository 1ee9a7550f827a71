/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * config - the Config API v1beta of the local Segment (dossier §7): who asks, may they.
 *
 * A request goes through auth 401, rate 429 and scope 403 before its handler runs; the
 * question to the scope is made from the path alone, so that no handler can forget it.
 * Handlers are one collection a file (config_routes.h), in the table config_table.c; how
 * they read is config_input.h, how they answer config_answer.h.
 */

#include "emulator/frame/route.h"
#include "emulator/oauth/bearer.h"

/* The table (config_table.c). */
extern const struct route config_routes[];

/* Who asks; only in a handler of a route that wants a bearer token. */
const struct bearer *config_caller(const struct exchange *exchange);
/* One call more of @who in this minute (dossier §7.1); false after 429. */
must_check
bool config_is_within_rate(struct exchange *exchange, struct bytes who);
