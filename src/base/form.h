/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * form - application/x-www-form-urlencoded, as forms, queries and OAuth have it.
 *
 * Reading is lenient as browsers are: '+' is a space, a '%' that no two hex digits follow
 * stands for itself, a field without '=' has an empty value, nothing between two '&' is
 * no field. What is decoded is bytes: NULs and broken UTF-8 are possible. Writing encodes
 * all but the unreserved characters of RFC 3986 §2.3. Whatever does not fit is not added
 * in part.
 */

#include "base/buf.h"

/*
 * Takes the next "name=value" from the front of @rest, decoded into @scratch (not
 * cleared; what it adds is what the two slices point into, so they die when it grows:
 * copy or use them before the next call). False at the end, or when the field does not
 * fit, which @scratch->full tells.
 */
must_check
bool form_next(struct bytes *rest, struct buf *scratch, struct bytes *ret_name,
               struct bytes *ret_value);
/*
 * The value of the first field called @name, decoded into @scratch (cleared first).
 * False when there is none or it does not fit.
 */
must_check
bool form_find(struct bytes form, const char *name, struct buf *scratch,
               struct bytes *ret_value);
/* How many fields are called @name: OAuth refuses what comes twice (RFC 6749 §3.1). */
must_check
size_t form_count(struct bytes form, const char *name);

enum form_space { FORM_SPACE_PERCENT = 0, FORM_SPACE_PLUS };
/* Adds the encoded text. */
int form_encode(struct bytes text, enum form_space space, struct buf *ret_text);
/* Adds "name=value" with a '&' before it when @ret_form is not empty. */
int form_add(struct buf *ret_form, const char *name, struct bytes value,
             enum form_space space);
/* Adds the decoded text. BUF_FULL when out of room. */
int form_decode(struct bytes text, struct buf *ret_text);
