/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * base64 - RFC 4648: §4, the standard alphabet, and for what goes into URLs §5.
 *
 * Decoding is strict (no white space, no foreign characters, unused bits zero) but for
 * the padding, which may be missing (dossier §3.2).
 */

#include "base/buf.h"

/* Adds the padded text to @ret_text; BUF_FULL when it does not fit. */
int base64_encode(struct bytes bytes, struct buf *ret_text);
/* The same with '-' and '_' instead of '+' and '/', and without padding (§5). */
int base64url_encode(struct bytes bytes, struct buf *ret_text);
/* Adds the decoded bytes. False on bad text or no room; @ret_bytes is then unchanged. */
must_check
bool base64_decode(struct bytes text, struct buf *ret_bytes);
