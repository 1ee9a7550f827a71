/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * bloom - "certainly not there" for dedupe marks, without looking at the disk.
 *
 * One size, for half a million marks at most: sixteen bits a mark, about 1 in 1,700 marks
 * that are not there seems to be. Marks are bits of a SHA-256, so they are their own
 * hashes. The bits are kept in the store: how they are set never changes.
 */

#include "core/dedupe.h"

enum { BLOOM_BYTES = 1 << 20 };

struct bloom {
    uint8_t *bits; /* NULL: empty */
};

void bloom_add(struct bloom *bloom, const struct dedupe_mark *mark);
/* From bits that were saved. */
void bloom_load(struct bloom *bloom, const uint8_t bits[BLOOM_BYTES]);
must_check
bool bloom_may_have(const struct bloom *bloom, const struct dedupe_mark *mark);
void bloom_done(struct bloom *bloom); /* twice is fine */
