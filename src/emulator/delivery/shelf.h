/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * shelf - functions' code, loaded once and kept: one for a file and a generation, loaded
 * again when the file has changed.
 *
 * Only in the loop's thread (or when it has ended), with the lock. Whoever wants to run
 * code takes it, waits for its turn, and puts it back: a runner has room for some at
 * once.
 */

#include "base/list.h"
#include "js/pool.h"

struct emulator;
struct shelf;
struct shelf_code;

/* Segment knows no limit but the whole time, so an endless loop has all of it. */
enum { SHELF_CODES = 64, SHELF_IN_FLIGHT = 16, SHELF_SLICE_MS = 5000 };

struct shelf_wait { /* embedded in who waits; zeroed: waits for nothing */
    struct list_link link;
    struct list *list;
    void (*fn)(void *arg); /* there is room now, or the code is broken; with the lock */
    void *arg;
};

must_check
struct shelf *shelf_new(struct emulator *emulator);
void shelf_free(struct shelf *shelf); /* before the pool */

/* Never NULL. */
must_check
struct shelf_code *shelf_take(struct shelf *shelf, struct bytes path,
                              enum pool_generation generation);
/* Calls wait->fn once, never before this returned to the loop or at once: it may be
 * called within. */
void shelf_wait(struct shelf_code *code, struct shelf_wait *wait);
void shelf_stop_waiting(struct shelf_wait *wait); /* twice is fine */
/* Somebody's run has ended, or will not begin. */
void shelf_put(struct shelf_code *code);

/* In wait->fn: NULL when the code is broken. */
struct pool_function *shelf_function(const struct shelf_code *code);
/* Why it is broken; texts live until the code is put back. */
const char *shelf_error_name(const struct shelf_code *code);
const char *shelf_error_message(const struct shelf_code *code);
