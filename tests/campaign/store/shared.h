/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * shared - the memory and the eight locks through which SQLite's connections to one file
 * talk to each other (its "-shm" file). It ends with the last of them.
 */

#include <stdbool.h>
#include <stdint.h>

enum { SHARED_REGIONS = 64, SHARED_LOCKS = 8 };

struct shared_holder {
    uint8_t shared, exclusive; /* bits of locks */
};

struct shared {
    uint8_t *regions[SHARED_REGIONS];
    int n_users;
    int n_shared[SHARED_LOCKS];
    bool is_exclusive[SHARED_LOCKS];
};

void shared_join(struct shared *shared);
void shared_leave(struct shared *shared, struct shared_holder *holder);
bool shared_has(const struct shared *shared, int index);
/* NULL when there is none and @extends is false. */
void *shared_region(struct shared *shared, int index, int region_bytes, bool extends);
/* As sqlite3_io_methods.xShmLock. */
int shared_lock(struct shared *shared, struct shared_holder *holder, int first, int n,
                int flags);
void shared_done(struct shared *shared);
