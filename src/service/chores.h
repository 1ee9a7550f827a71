/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * chores - what keeper does when nobody waits, in bounded steps: indexing, checkpoints,
 * retention, erasing what a delete event asks for.
 */

#include "base/err.h"

struct store;

struct chores {
    struct store *store;
    int64_t index_at_ms, erase_at_ms, retain_at_ms, checkpoint_at_ms;
    bool has_work; /* a step did as much as it was allowed to: go on at once when idle */
};

void chores_init(struct chores *chores, struct store *store);
/* How long keeper may sleep, at most @idle_ms. */
int chores_wait_ms(const struct chores *chores, int64_t now_ms, int idle_ms);
/* Does what is due; a little of it while busy. -1: a step was undone, for want of room or
 * because the store failed; it comes again. */
must_check
int chores_do(struct chores *chores, int64_t now_ms, bool is_idle, int64_t retention_ms,
              struct err *err);
