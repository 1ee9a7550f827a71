/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * html - pages without a way to forget escaping.
 *
 * Markup comes from string literals only; everything that was not written by us goes
 * through html_text or a %s of html_addf, which escape & < > " and ' (so the same
 * function serves inside a quoted attribute; it does not make a text safe inside a
 * script, a style, or as the start of a link). Control characters but tab and line
 * breaks, and what is not UTF-8, become U+FFFD. Each returns 0 or BUF_FULL; the buf's
 * `full` tells at the end whether the page is whole.
 */

#include "base/buf.h"

/* Adds a literal as it is. */
#define html_add(out, literal) html_add_literal((out), "" literal, sizeof(literal) - 1)
int html_add_literal(struct buf *out, const char *literal, size_t len);
/* Adds text, escaped. */
int html_text(struct buf *out, struct bytes text);
/*
 * A literal with holes: "%s" takes a const char * (NULL: nothing), "%b" a const struct
 * bytes *, "%d" an int, "%l" an int64_t (all but the numbers escaped), "%%" a per cent
 * sign. Nothing else: another letter is a programming error and ends the process. No
 * compiler checks the arguments: a hole for a size_t is "%l" and a cast.
 */
#define html_addf(out, ...) html_addf_literal((out), "" __VA_ARGS__)
int html_addf_literal(struct buf *out, const char *literal, ...);
