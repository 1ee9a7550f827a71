/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * backfill - what was queued when the service last ended comes to courier by and by.
 *
 * There may be a million: the service begins to accept and to deliver at once, and keeper
 * reads a part of them between two of its batches. Events that come meanwhile are not
 * among them, so each delivery is posted once. Keeper's thread only.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct err;
struct mailbox;
struct store;
struct watermark;

struct backfill {
    struct store *store;
    struct mailbox *courier;
    struct watermark *mark; /* is told which rows need no delivery any more */
    int64_t next, end;      /* rows: from here on nothing has been read; not this one */
};

static inline bool backfill_is_done(const struct backfill *backfill)
{
    return backfill->next >= backfill->end;
}
/* Reads a part: 1; 0: it was done already; -1: nothing is left out, it can be read again.
 */
must_check
int backfill_step(struct backfill *backfill, struct err *err);
