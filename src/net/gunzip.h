/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * gunzip - bodies that came with Content-Encoding: gzip; the only file with zlib.
 *
 * A body of a kilobyte may hold a megabyte, so the room that the caller gives bounds what
 * is unpacked, and nothing is unpacked beyond it (docs/adr/0006).
 */

#include "base/buf.h"

enum gunzip_verdict {
    GUNZIP_MALFORMED = 0, /* no gzip, cut off, a wrong checksum, bytes after its end */
    GUNZIP_TOO_LARGE,     /* it holds more than @ret_text takes */
    GUNZIP_WHOLE,
};

/* Adds what @packed holds (RFC 1952; several members are one text) to @ret_text. Unless
 * WHOLE, what was added means nothing. */
must_check
enum gunzip_verdict gunzip(struct bytes packed, struct buf *ret_text);
