/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * absent - what Segment's functions have and ours have not, and what to use instead.
 *
 * One table for `fn check`, which looks before anything runs, and for the runner, whose
 * ReferenceError is explained with it. docs/reference/functions.md shows it to people.
 */

#include "base/bytes.h"

/* The sentence that follows "NAME is not available here: ", or NULL when nothing is known
 * of such a global. */
const char *absent_global(struct bytes name);
/* The same of a module given to require(), with or without "node:". */
const char *absent_module(struct bytes name);
