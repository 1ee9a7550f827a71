/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * html - pages without a way to forget escaping.
 *
 * Markup comes from string literals only; everything that was not written by us goes
 * through html_text or a %s of html_addf, which escape & < > " and ' (so the same function
 * serves inside a double-quoted attribute). Control characters but tab and line breaks, and
 * what is not UTF-8, become U+FFFD.
 */

#include "base/buf.h"

/* Adds a literal as it is. */
#define html_add(out, literal) html_add_literal((out), "" literal, sizeof(literal) - 1)
int html_add_literal(struct buf *out, const char *literal, size_t len);
/* Adds text, escaped. */
int html_text(struct buf *out, struct bytes text);
/*
 * A literal with holes: "%s" takes a const char *, "%b" a const struct bytes *, "%d" an
 * int, "%l" an int64_t (all but the numbers escaped), "%%" a per cent sign. Nothing else:
 * another letter is a programming error and ends the process.
 */
int html_addf(struct buf *out, const char *literal, ...);
