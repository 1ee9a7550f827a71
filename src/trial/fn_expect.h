/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * fn_expect - does what happened have what a test expects?
 *
 * Expected is a part: an object may have more members than expected, a list has as many
 * elements and in this order, other values are equal. Three things bend to people:
 *   - "…" (or "••••") within an expected text stands for any run of characters;
 *   - names of headers match in any case;
 *   - a body that is JSON text is compared as JSON where an object or a list is expected;
 * and of "logs" each expected text must be within some line, in this order.
 */

#include "base/arena.h"

struct json;

struct fn_expect_difference {
    const char *path;       /* "requests[0].body.note" */
    const char *want, *got; /* JSON texts, cut when long */
};

enum { FN_EXPECT_SHOWN = 20 };

struct fn_expect {
    struct arena arena;                                /* of the texts */
    struct fn_expect_difference list[FN_EXPECT_SHOWN]; /* later ones are only counted */
    size_t n;
};

/* Compares a test's "expect" with the object of `fn run --json`. An "expect" that says
 * nothing of an outcome or error wants "delivered"; a text as "error" is its name. End
 * with fn_expect_done. */
void fn_expect_check(struct fn_expect *expect, const struct json *want,
                     const struct json *got);
void fn_expect_done(struct fn_expect *expect);
