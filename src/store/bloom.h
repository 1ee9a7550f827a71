/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * bloom - "certainly not there" for dedupe marks, without looking at the disk.
 *
 * A chain of filters, each twice the size of the one before, so it grows without being
 * rebuilt. Twelve bits a mark: about 1 in 300 marks that are not there seems to be. Marks
 * are bits of a SHA-256, so they are their own hashes.
 */

#include "core/dedupe.h"

struct bloom_part;

struct bloom {
    struct bloom_part *newest;
};

void bloom_add(struct bloom *bloom, const struct dedupe_mark *mark);
must_check
bool bloom_may_have(const struct bloom *bloom, const struct dedupe_mark *mark);
void bloom_done(struct bloom *bloom); /* twice is fine */
