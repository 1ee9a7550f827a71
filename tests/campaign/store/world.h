/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * world - a store at work on a weak disk, with its ledger beside it.
 *
 * It does to the store what keeper, chores and the administrator's errands do, in the
 * same transactions, by chance. A step either went well (acknowledged), was undone, or
 * the store is at its end and the world has to be reopened.
 */

#include "base/err.h"
#include "disk.h"
#include "ledger.h"
#include "service/watermark.h"
#include "store/store.h"

enum { WORLD_PATH_BYTES = 96 };

struct world {
    struct disk *disk;
    struct ledger ledger;
    struct chance chance;
    struct store *store; /* NULL: closed */
    char path[WORLD_PATH_BYTES];
    struct err err; /* of what went wrong last */
    struct watermark mark;
    int64_t now_ms;
    unsigned n_contents; /* numbers handed out */
    int64_t *open_rows;  /* deliveries that have not ended */
    size_t n_open_rows, open_capacity;
    size_t n_due; /* what the store said at start: as many as open_rows */
    int n_turns, n_keys, n_versions, n_replays;
    struct sqlite3 *reader; /* another process, in a read transaction */
    bool syncs_normally;    /* a control: PRAGMA synchronous=NORMAL */
    bool is_slim;           /* no batch is larger than SQLite's cache */
    char wrong[400]; /* what the store said that no ledger could: empty if nothing */
    uint64_t n_transactions; /* acknowledged */
    uint64_t n_openings;
};

enum world_end {
    WORLD_GOES_ON = 0,
    WORLD_UNDONE, /* the step was, the store goes on */
    WORLD_ENDS,   /* the store is latched, or could not be opened */
};

/* In this folder, which is for locks. */
void world_init(struct world *world, struct disk *disk, const char *folder);
void world_done(struct world *world);
/* An empty disk, an empty ledger. @version: the store begins as a program of that schema
 * left it, with some rows in it; 0: there is none yet. */
void world_begin(struct world *world, uint64_t seed, int version);
/* As a service starts: opens, and reads what waits. Writes nothing that the ledger knows
 * of, so it may be doubted before and after. */
enum world_end world_open(struct world *world);
/* What waits, as the ledger has it, for the steps to choose from. */
void world_list_open(struct world *world);
enum world_end world_step(struct world *world);
/* Leaves the store as a process leaves it that ends: close it after disk_stop. */
void world_close(struct world *world);
/* The other process ends too. */
void world_leave_reader(struct world *world);
