/* SPDX-License-Identifier: MIT */
#pragma once

/* indent - JSON text laid out for people, @n_spaces a level; empty lists and objects stay
 * on one line. Nothing but white space changes: numbers and strings are as they were. */

#include "base/buf.h"

enum { INDENT_MAX_SPACES = 8 };

/* Adds the text; @json must come from scan_json. BUF_FULL when out of room. */
int indent_print(struct bytes json, unsigned n_spaces, struct buf *ret_text);
