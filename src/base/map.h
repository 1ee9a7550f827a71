/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * map - bytes to a pointer, in a hash table.
 *
 * Keys may be chosen by strangers: the hash is SipHash-1-3 under a key given at birth
 * (sys/rand), so nobody can aim at one bucket. The map copies keys; values are the
 * caller's. A map initialised with a fixed key is deterministic, which tests use.
 */

#include "base/bytes.h"

struct map_entry;

struct map {
    struct map_entry *entries;
    size_t n_entries;
    size_t n_dead;
    size_t capacity;
    uint64_t seed[2];
};

void map_init(struct map *map, const uint64_t seed[2]);
void map_done(struct map *map); /* frees keys and table, never values */
/* The value, or NULL. */
void *map_find(const struct map *map, struct bytes key);
/* Sets and returns the value that was there before, or NULL. @value is not NULL. */
void *map_put(struct map *map, struct bytes key, void *value);
/* Removes and returns the value, or NULL. */
void *map_remove(struct map *map, struct bytes key);
/* Walks all entries: *cursor starts at 0; false at the end. @ret_key may be
 * NULL. Not while changing the map.
 */
bool map_next(const struct map *map, size_t *cursor, struct bytes *ret_key,
              void **ret_value);
/* The keyed hash by itself. */
uint64_t map_hash(const uint64_t seed[2], struct bytes key);
