/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * basic - the customer's key, from "Authorization: Basic base64(key + ':')" (dossier
 * §3.2).
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
 * *ret_key points into @scratch (cleared first). Strict: *ret_raw is empty.
 *
 * With @lenient a token without the colon is a key as well, for the 2019 reference
 * function sends "Basic abcd1234", the key itself: *ret_raw is then the token, in
 * @header, and *ret_key its decoded text, or the token again when that is not base64 of
 * something printable; both are to be tried. A colon that is not the last character means
 * a password and is refused either way. An empty key ("Basic Og==") is a key.
 */
must_check
enum basic_verdict basic_parse(struct bytes header, bool lenient, struct buf *scratch,
                               struct bytes *ret_key, struct bytes *ret_raw);
/* Adds the header value for @key: "Basic …". */
int basic_format(struct bytes key, struct buf *ret_header);
