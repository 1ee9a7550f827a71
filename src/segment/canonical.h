/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * canonical - what JavaScript's JSON.stringify(JSON.parse(text)) prints (dossier §3.5).
 *
 * No white space; integer-like keys first in ascending order, then insertion order; of
 * duplicate keys the last value at the first place; numbers as ECMAScript prints doubles.
 */

#include "base/buf.h"

/* Adds the canonical form of @text, which must come from scan_json. False when it does
 * not fit in @ret_text's maximum. */
must_check
bool canonical_print(struct bytes text, struct buf *ret_text);
