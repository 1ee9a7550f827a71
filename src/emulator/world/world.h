/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * world - everything that Segment's side knows: one database, one clock, one stream of
 * invented ids.
 *
 * What lasts lies in SQLite (files/schema.sql), in memory or in DATA/emulator.db, and
 * nowhere else: reset, snapshot and restart are then the same thing. What only helps to
 * look (journal, inspector) is bounded memory and ends with the process. Each world is
 * alone: a request names it with X-Emulator-World, "" is everybody's.
 *
 * Whoever calls anything here holds the emulator's lock. Writes of one request or
 * callback are one transaction: begun by the first statement, committed when the lock is
 * left, undone by world_abort. (Of a world in memory the Tracking API's calls share one:
 * world_leave_open.) A statement that fails (a full disk, a mistake of ours)
 * ends the process with a sentence: there is nothing an emulator could still promise
 * then.
 */

#include "base/heap.h"
#include "base/list.h"
#include "core/virtual_clock.h"
#include "store/sql.h"

struct assumed;
struct buf;
struct deliveries;
struct emulator;
struct counting;
struct inspector;
struct journal;
struct known;
struct limits;
struct seen;

enum { WORLD_NAME_MAX = 64 };

struct world {
    struct emulator *emulator;
    char name[WORLD_NAME_MAX + 1];
    struct sql *sql;
    struct list_link link; /* of the worlds that have ended and still lie there */
    bool is_in_transaction;
    bool is_persistent;
    struct virtual_clock clock;
    struct heap alarms; /* times of this clock (alarm.h) */
    uint64_t seed;
    uint64_t n_invented; /* how many ids have been made */
    uint64_t n_invented_saved;
    uint64_t n_changes;        /* rises when anything but traffic may have changed */
    uint64_t faultless_at;     /* there were no faults when n_changes was this */
    struct seen *seen;         /* messageIds */
    struct known *known;       /* sources and their ways, by write key */
    struct counting *counting; /* what is counted at the next commit */
    unsigned n_left_open;      /* calls that the open transaction is of */
    struct deliveries *deliveries;
    struct assumed *assumed;     /* credentials of lambdas' roles */
    struct journal *journal;     /* events that came in, for the debugger */
    struct inspector *inspector; /* calls that were made to us */
    struct limits *limits;       /* rate windows */
};

/* @path: of the database, NULL: in memory. Seeds a new one. */
must_check
int world_open(struct emulator *emulator, struct bytes name, const char *path,
               struct world **ret_world, struct err *err);
void world_free(struct world *world);
/* Back to the seed: everything, the clock too. */
void world_reset(struct world *world);
/* Clock and counters into the tables, so that they tell all there is to know. */
void world_save(struct world *world);
/* Every table is emptied; their shape stays. */
void world_empty(struct world *world);
/* The tables have been filled from elsewhere: clock, counters and deliveries go on from
 * there, and what only helps to look is forgotten. */
void world_reload(struct world *world);

/* Milliseconds since 1970 of the world's clock. */
int64_t world_now_ms(const struct world *world);
/* Move, freeze (0) or speed up; stored, and alarms follow. */
void world_advance(struct world *world, int64_t by_ms);
void world_set_rate(struct world *world, double rate);

/* The kept statement of @literal (a string constant), ready to be bound from 1. One walk
 * of a literal at a time: copy what you need before another use of the same one. */
struct sql_statement *world_use(struct world *world, const char *literal);
/* True when there is a row; at the end it is reset. */
must_check
bool world_step(struct world *world, struct sql_statement *statement);
/* To its end, rows ignored. */
void world_run(struct world *world, struct sql_statement *statement);
/* The same for a statement that writes `seen`, `delivery`, `delivered`, `counter` or
 * `latency` and no other table: n_changes stays, and so does what is remembered of all
 * others (known.h). */
void world_run_traffic(struct sql_statement *statement);
/* The same as world_run; false when a UNIQUE rule said no, nothing is changed then. */
must_check
bool world_run_unique(struct world *world, struct sql_statement *statement);
/* The one number that @literal, with @text as ?1, answers; @otherwise without a row. */
int64_t world_number(struct world *world, const char *literal, struct bytes text,
                     int64_t otherwise);
/* What the first statement does: begins the transaction that is not open yet. */
void world_begin(struct world *world);
/* Ends the request's transaction: commit (called when the lock is left), undo. */
void world_commit(struct world *world);
/* Commits a world that has a file. What lies in memory cannot be lost by waiting: its
 * transaction goes on for the next call, up to some, until somebody commits. */
void world_leave_open(struct world *world);
void world_abort(struct world *world);

/* Small values that are no resource: "consent", "next_install" … The text is added to
 * @ret_value (may be NULL); false when there is none. */
bool world_get(struct world *world, const char *key, struct buf *ret_value);
int64_t world_get_i64(struct world *world, const char *key, int64_t otherwise);
void world_set(struct world *world, const char *key, struct bytes value);
void world_set_i64(struct world *world, const char *key, int64_t value);
/* The next number of a sequence that begins at 1: installs, access tokens. */
int64_t world_next(struct world *world, const char *sequence);
