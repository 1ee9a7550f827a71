/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * alarm - a call at a time, in the emulator's own thread, with the lock held.
 *
 * Two kinds share one machine: real delays (a fault's wait, a time-out) and times of a
 * world's clock (retries, expiry), which move when somebody moves that clock. May be set
 * and stopped by any thread that holds the lock; a stopped alarm is not called any more.
 */

#include <stdint.h>

#include "base/heap.h"

struct emulator;
struct world;

typedef void alarm_fn(void *arg);

struct alarm {
    struct heap_node node;
    struct heap *heap; /* the one it is in, or NULL */
    alarm_fn *fn;
    void *arg;
};

/* Replace an earlier setting; each fires once. Zeroed, an alarm is set to nothing. */
void alarm_set_in(struct emulator *emulator, struct alarm *alarm, int64_t delay_ms,
                  alarm_fn *fn, void *arg);
void alarm_set_at(struct world *world, struct alarm *alarm, int64_t at_ms, alarm_fn *fn,
                  void *arg);
void alarm_stop(struct alarm *alarm); /* twice is fine */
