/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * known - sources by write key, with the ways to their destinations, as they were read
 * last.
 *
 * Three statements and a catalog item for each event would cost more than all the rest of
 * taking it. SQLite stays the state: what is remembered counts only while the world's
 * n_changes is the number at which it was read. That number rises with every statement
 * that may write (world_step, world_run, world_run_unique), with a transaction that is
 * undone, and when all tables are replaced; it stays only for world_run_traffic, whose
 * tables nothing here is read from. So a change of a key, source, destination, filter,
 * catalog item, subscription or suppression, by whomever, is seen by the next event.
 */

#include "segment/ingest.h"

struct known;
struct way;
struct world;

enum { KNOWN_SOURCES = 16 };

struct known_source {
    enum ingest_verdict verdict; /* GOOD: it may send */
    bool is_eu;                  /* its key's region; false when nobody has the key */
    struct bytes name;           /* empty: unknown */
    struct bytes project_id;
    bool has_suppressed; /* a regulation of it, or of its workspace, names somebody */
    struct way *ways;    /* of a source that may send; they count (way.h) */
};

must_check
struct known *known_new(void);
void known_free(struct known *known); /* NULL is fine */
/* Never NULL. It lives until another write key has been looked up, at the least, and
 * until something is changed. */
must_check
const struct known_source *known_find(struct world *world, struct bytes write_key);
