/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * advice - what to do about deliveries that died of one cause, in a sentence or two.
 *
 * By the name of the last attempt's error: a status ("503"), a word of the transport
 * ("timeout"), "expired", what a function threw, or how its run ended.
 */

#include <stdbool.h>

#include "base/buf.h"

/* How the endpoint is now; zeroed: nothing is known of it. */
struct advice_endpoint {
    const char *name;       /* NULL: not known, or not the same for all */
    int status;             /* of its last answer; 0: none came */
    bool is_failing;        /* by its breaker */
    int64_t answered_at_ms; /* wall, of its last good answer; 0: never */
};

/* Trying again may help without anything being mended. */
bool advice_is_temporary(struct bytes error_name);
/* @died_at_ms: when the last of them died. */
void advice_write(struct bytes error_name, const struct advice_endpoint *endpoint,
                  int64_t died_at_ms, struct buf *ret_text);
