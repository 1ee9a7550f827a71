/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * basic - the customer's key, from "Authorization: Basic base64(key + ':')" (dossier §3.2).
 *
 * The text must end in the colon; everything before that final colon is the key, so a
 * key may hold colons. Scheme in any case, one or more spaces after it.
 */

#include "base/buf.h"

enum basic_verdict {
    BASIC_MALFORMED = 0, /* not Basic, not base64, or no final colon */
    BASIC_ABSENT,        /* no header */
    BASIC_KEY,
};

/*
 * *ret_key points into @scratch (cleared first), or with @lenient perhaps into @header:
 * then a text without colon is the key, and so is a token that is not base64 or decodes
 * to text without colon ("Basic abcd1234" of the 2019 reference function): *ret_key is
 * then the decoded text when that is printable, and *ret_raw the token itself, both to be
 * tried. Without @lenient *ret_raw is empty. An empty key ("Basic Og==") is a key.
 */
must_check enum basic_verdict basic_parse(struct bytes header, bool lenient,
                                          struct buf *scratch, struct bytes *ret_key,
                                          struct bytes *ret_raw);
/* Adds the header value for @key: "Basic …". */
int basic_format(struct bytes key, struct buf *ret_header);
