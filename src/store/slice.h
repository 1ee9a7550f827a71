/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * slice - 8,192 row numbers, the unit in which events are filed.
 *
 * An index whose keys are hashes changes all over with every insert, and each change is a
 * page to write. So what is looked up by a hash waits until a slice is full, and is
 * written once, sorted, in 256 parts by the first byte of the hash: one row of a table
 * each. Who looks something up asks one part of every slice, newest first; what is in the
 * open slice is looked through without an index.
 */

#include <stdint.h>

/* A campaign takes less, so that slices fill. */
#ifndef SLICE_OFFSET_BITS
#define SLICE_OFFSET_BITS 13
#endif

enum { SLICE_ROWS = 1 << SLICE_OFFSET_BITS, SLICE_PARTS = 256 };

static inline int64_t slice_of(int64_t row)
{
    return row / SLICE_ROWS;
}

static inline int64_t slice_first_row(int64_t slice)
{
    return slice * SLICE_ROWS;
}

/* The number of a part, in the tables of parts. */
static inline int64_t slice_part(int64_t slice, uint8_t first_byte)
{
    return slice * SLICE_PARTS + first_byte;
}
