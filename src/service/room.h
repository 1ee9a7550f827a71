/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * room - whether the disk has room for more events, and says so once when that changes.
 *
 * Full is what is measured (the store's own limit, the free space) or what a write has
 * met. After the latter nobody is let in for ROOM_HOLD_MS, and then only until the next
 * write that finds no room. Keeper's thread writes it, anybody reads it.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct store;

enum { ROOM_HOLD_MS = 1000, ROOM_MEASURE_MS = 1000 };

struct room {
    atomic_bool is_there;
    _Atomic int64_t store_bytes; /* of the store's files, as of measured_at_ms */
    int64_t measured_at_ms;
    bool is_full; /* the last write found no room, whatever was measured */
    int64_t full_at_ms;
};

/* Measures; @now_ms is monotonic. */
void room_look(struct room *room, struct store *store, int64_t now_ms);
/* A write found no room, or was well. */
void room_note_full(struct room *room, int64_t now_ms);
void room_note_well(struct room *room);
