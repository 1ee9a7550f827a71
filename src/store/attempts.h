/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * attempts - a delivery's attempts as JSON objects joined by ','.
 *
 * What is stored of one delivery stays bounded, however often it is tried: the first
 * attempt tells how the trouble began, the newest how it stands, the ones between go.
 */

#include "base/buf.h"

enum { ATTEMPTS_MAX_BYTES = 256 * 1024 };

/*
 * Adds to @ret_joined what is to be stored when @newest comes after @joined: all of it,
 * or when that is more than @max_bytes, the first and as many of the newest as fit. The
 * first and the newest stay whatever their size; so @ret_joined must have room for both.
 */
must_check
int attempts_join(struct bytes joined, struct bytes newest, size_t max_bytes,
                  struct buf *ret_joined);
