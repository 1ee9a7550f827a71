/* SPDX-License-Identifier: MIT */

#include "base/map.h"

#include "base/mem.h"

struct map_entry {
    uint64_t hash;
    char *key; /* NULL: never used, or (with dead) removed */
    size_t key_len;
    void *value;
    bool dead;
};

static uint64_t rotate(uint64_t x, unsigned bits)
{
    return (x << bits) | (x >> (64 - bits));
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

uint64_t map_hash(const uint64_t seed[2], struct bytes key)
{
    uint64_t v[4] = {seed[0] ^ 0x736f6d6570736575u, seed[1] ^ 0x646f72616e646f6du,
                     seed[0] ^ 0x6c7967656e657261u, seed[1] ^ 0x7465646279746573u};
    uint64_t word;
    size_t at = 0;

    for (; at + 8 <= key.len; at += 8) {
        memcpy(&word, key.ptr + at, 8);
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    word = (uint64_t)key.len << 56;
    for (size_t i = 0; at + i < key.len; i++)
        word |= (uint64_t)(unsigned char)key.ptr[at + i] << (8 * i);
    v[3] ^= word;
    sip_round(v);
    v[0] ^= word;
    v[2] ^= 0xff;
    sip_round(v);
    sip_round(v);
    sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

void map_init(struct map *map, const uint64_t seed[2])
{
    *map = (struct map){.seed = {seed[0], seed[1]}};
}

void map_done(struct map *map)
{
    for (size_t i = 0; i < map->capacity; i++)
        free(map->entries[i].key);
    free(map->entries);
    map_init(map, (const uint64_t[]){map->seed[0], map->seed[1]});
}

/* The entry of @key, else the first free place for it, else (empty table) NULL. */
static struct map_entry *slot(const struct map *map, uint64_t hash, struct bytes key)
{
    struct map_entry *free_place = NULL;

    if (map->capacity == 0)
        return NULL;
    for (size_t i = (size_t)hash & (map->capacity - 1);;
         i = (i + 1) & (map->capacity - 1)) {
        struct map_entry *entry = &map->entries[i];

        if (entry->key == NULL && !entry->dead)
            return free_place != NULL ? free_place : entry;
        if (entry->dead && free_place == NULL)
            free_place = entry;
        if (entry->key != NULL && entry->hash == hash &&
            bytes_eq(bytes_of(entry->key, entry->key_len), key))
            return entry;
    }
}

static void resize(struct map *map)
{
    struct map_entry *old = map->entries;
    size_t n_old = map->capacity;

    while (map->capacity < 16 || map->n_entries * 2 >= map->capacity)
        map->capacity = map->capacity > 0 ? map->capacity * 2 : 16;
    map->entries = mem_zero(map->capacity * sizeof(*map->entries));
    map->n_dead = 0;
    for (size_t i = 0; i < n_old; i++) {
        if (old[i].key != NULL)
            *slot(map, old[i].hash, bytes_of(old[i].key, old[i].key_len)) = old[i];
    }
    free(old);
}

void *map_find(const struct map *map, struct bytes key)
{
    const struct map_entry *entry = slot(map, map_hash(map->seed, key), key);

    return entry != NULL && entry->key != NULL ? entry->value : NULL;
}

void *map_put(struct map *map, struct bytes key, void *value)
{
    uint64_t hash = map_hash(map->seed, key);
    struct map_entry *entry;
    void *old;

    /* Three quarters full, the dead counted: every probe then ends soon. */
    if ((map->n_entries + map->n_dead + 1) * 4 > map->capacity * 3)
        resize(map);
    entry = slot(map, hash, key);
    if (entry->key != NULL) {
        old = entry->value;
        entry->value = value;
        return old;
    }
    if (entry->dead)
        map->n_dead--;
    *entry = (struct map_entry){
        .hash = hash, .key = bytes_copy(key), .key_len = key.len, .value = value};
    map->n_entries++;
    return NULL;
}

void *map_remove(struct map *map, struct bytes key)
{
    struct map_entry *entry = slot(map, map_hash(map->seed, key), key);
    void *value;

    if (entry == NULL || entry->key == NULL)
        return NULL;
    value = entry->value;
    free(entry->key);
    *entry = (struct map_entry){.dead = true};
    map->n_entries--;
    map->n_dead++;
    return value;
}

bool map_next(const struct map *map, size_t *cursor, struct bytes *ret_key,
              void **ret_value)
{
    for (; *cursor < map->capacity; (*cursor)++) {
        const struct map_entry *entry = &map->entries[*cursor];

        if (entry->key != NULL) {
            if (ret_key != NULL)
                *ret_key = bytes_of(entry->key, entry->key_len);
            *ret_value = entry->value;
            (*cursor)++;
            return true;
        }
    }
    return false;
}
