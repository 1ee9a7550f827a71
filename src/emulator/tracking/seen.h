/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * seen - has this messageId come from this source within 24 hours (dossier §9.6)?
 *
 * Ids are 64 bits of a hash. The table `seen` is the state: a row holds the ids of one
 * moment and until when they count. An index of it lies in memory, because a search of
 * the table for each event cost more than all that is done with the event. It is made
 * from the table when it is first asked, and follows what is added since; those ids wait
 * for the commit of their transaction and are written in one row. It is thrown away, and
 * made again from the table, whenever the table may have become another: a transaction
 * was undone, a reset, a loaded snapshot, a purge. Nobody else writes the table.
 */

#include "base/bytes.h"

struct seen;
struct world;

must_check
struct seen *seen_new(void);
void seen_free(struct seen *seen); /* NULL is fine */
/* True when it is new; then it has been seen from now on, until @until_ms. @source: id.
 */
must_check
bool seen_add(struct world *world, struct bytes source, struct bytes message_id,
              int64_t until_ms);
/* Rows whose time is over are thrown away, now and then. */
void seen_purge(struct world *world);
/* Writes what waits; before a commit. */
void seen_settle(struct world *world);
/* The table is another one now. */
void seen_forget(struct world *world);
