/* SPDX-License-Identifier: MIT */
#pragma once

/* query_value - what stands behind a query's colon, for each field in its own way. */

#include "core/query.h"

/* Up to here a name or value is shown in an error. */
enum { QUERY_SHOWN_BYTES = 48 };

/* Fills @term, whose field and text are set, from its text. -1 with what is wrong and
 * what is known. */
must_check
int query_value_parse(struct query_term *term, int64_t now_ms, struct err *err);
/* The beginning of @text that an error shows; whole characters. */
struct bytes query_value_shown(struct bytes text);
