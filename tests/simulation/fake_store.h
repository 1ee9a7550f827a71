/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * fake_store - the store as its header promises it, in memory, and how it can fail.
 *
 * A transaction is undone by what it changed. A death in the middle of a commit leaves it
 * to chance whether what was to be written is there. Full disks pass, a failed sync does
 * not: the store is latched until the next process opens it.
 */

#include "simulation/chance.h"
#include "store/store.h"

struct fake_row { /* of one number: an event, a replay, or a gap */
    bool is_event;
    bool has_delivery;
    uint64_t serial; /* of the event, by its payload; 0: a gap, or not an event */
    int64_t received_at_ms;
    uint16_t subscription;
    int64_t key;
    bool has_mark;
    struct dedupe_mark mark;
    char *payload; /* owned */
    size_t payload_len;
    char *settings;                 /* owned, a text; NULL: none */
    struct store_delivery delivery; /* slices in it are empty */
    bool is_superseded;
};

struct fake_store_faults { /* in a thousand commits */
    int slow, full, failed_sync, dies_before, dies_after;
};

void fake_store_reset(uint64_t seed, const struct fake_store_faults *faults,
                      int64_t dedupe_ms);
void fake_store_done(void);
/* No fault any more. */
void fake_store_heal(void);
/* A process begins: there is no transaction and no latch. */
void fake_store_open(void);
/* The process is dead: what becomes of a transaction that is under way. */
void fake_store_crash(void);

int64_t fake_store_n_rows(void); /* numbers are below it */
const struct fake_row *fake_store_row(int64_t row);
/* Nothing is under way, and nothing went wrong lately. */
bool fake_store_is_calm(void);
/* When a commit last took unusually long or failed. */
int64_t fake_store_trouble_us(void);
bool fake_store_is_paused(const char *name);
const struct store_tally *fake_store_tally(void);
