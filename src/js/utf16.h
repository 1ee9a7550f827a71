/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * utf16 - between UTF-8 and the engine's 16-bit strings.
 *
 * Total: what is malformed becomes U+FFFD, as TextDecoder and TextEncoder have it; NULs
 * are ordinary characters.
 */

#include <stdint.h>

#include "base/buf.h"

struct utf16 {
    uint16_t *units;
    size_t n_units;
    size_t capacity;
};

/* Replaces the content; memory is kept for the next. */
void utf16_decode(struct utf16 *utf16, struct bytes utf8);
void utf16_done(struct utf16 *utf16);
/* Adds to @out; BUF_FULL leaves it unchanged. */
must_check
int utf16_encode(const uint16_t *units, size_t n_units, struct buf *out);
bool utf16_is_ascii(struct bytes utf8);
