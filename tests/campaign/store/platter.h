/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * platter - the bytes of one file, twice: as programs see them, and as they are found
 * after a power cut.
 *
 * A write or truncation changes what is seen and joins a list of what is not synced yet.
 * A sync moves the list to what is found. A power cut takes for each file one of: nothing
 * of the list, all of it, what came first, any of it in any order; a write that goes
 * along may be torn between sectors of 512 bytes. A sync that fails leaves on the disk
 * what chance wants and, as kernels do, takes the rest for written (reliability D3).
 */

#include <stddef.h>

#include "base/bytes.h"
#include "chance.h"

enum { PLATTER_SECTOR_BYTES = 512, PLATTER_PAGE_BYTES = 4096 };

struct platter_image {
    uint8_t *bytes;
    size_t len, capacity;
};

struct platter_change {
    size_t at;
    size_t len;
    uint8_t *bytes; /* NULL: the file ends at @at from now on */
};

struct platter {
    struct platter_image found, seen;
    struct platter_change *changes; /* not synced, oldest first */
    size_t n_changes, capacity;
    /* After a failed sync a write takes its whole page along, as page caches do. */
    bool redirties;
};

void platter_done(struct platter *platter);
/* How much of @len there was; the rest is zeroed. */
size_t platter_read(const struct platter *platter, size_t at, void *ret, size_t len);
void platter_write(struct platter *platter, size_t at, struct bytes bytes);
void platter_truncate(struct platter *platter, size_t len);
void platter_sync(struct platter *platter);
void platter_fail_sync(struct platter *platter, struct chance *chance, bool redirties);
/* Clean pages may leave the cache at any time: what is seen is read from the disk. */
void platter_forget_cache(struct platter *platter);
void platter_cut(struct platter *platter, struct chance *chance);
