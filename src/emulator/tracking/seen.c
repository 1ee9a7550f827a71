/* SPDX-License-Identifier: MIT */

#include "emulator/tracking/seen.h"

#include <endian.h>

#include "base/map.h"
#include "base/mem.h"
#include "emulator/world/world.h"

enum { WAITING = 512, FIRST_CAPACITY = 1024, PURGE_EVERY_MS = 3600 * 1000 };

struct entry {
    uint64_t hash; /* 0: free */
    int64_t until_ms;
};

struct seen {
    struct entry *entries; /* NULL: to be made from the table */
    size_t capacity;       /* a power of two, never more than half full */
    size_t n_entries;
    int64_t purge_at_ms;
    int64_t until_ms; /* of those that wait */
    size_t n_waiting;
    uint64_t waiting[WAITING]; /* little-endian, as a row has them */
};

struct seen *seen_new(void)
{
    return mem_new(struct seen);
}

static void drop(struct seen *seen)
{
    free(seen->entries);
    seen->entries = NULL;
    seen->capacity = 0;
    seen->n_entries = 0;
    seen->n_waiting = 0;
}

void seen_free(struct seen *seen)
{
    if (seen == NULL)
        return;
    drop(seen);
    free(seen);
}

void seen_forget(struct world *world)
{
    drop(world->seen);
    world->seen->purge_at_ms = 0;
}

/* --- the index ---------------------------------------------------------------------- */

/* The entry of @hash, or the free place for it. */
static struct entry *find(const struct seen *seen, uint64_t hash)
{
    size_t at = (size_t)hash & (seen->capacity - 1);

    while (seen->entries[at].hash != 0 && seen->entries[at].hash != hash)
        at = (at + 1) & (seen->capacity - 1);
    return &seen->entries[at];
}

static void grow(struct seen *seen)
{
    struct entry *old = seen->entries;
    const size_t n_old = seen->capacity;

    seen->capacity = n_old > 0 ? 2 * n_old : FIRST_CAPACITY;
    seen->entries = mem_zero(seen->capacity * sizeof(*seen->entries));
    for (size_t i = 0; i < n_old; i++) {
        if (old[i].hash != 0)
            *find(seen, old[i].hash) = old[i];
    }
    free(old);
}

static struct entry *put(struct seen *seen, uint64_t hash, int64_t until_ms)
{
    struct entry *entry;

    if (2 * (seen->n_entries + 1) > seen->capacity)
        grow(seen);
    entry = find(seen, hash);
    seen->n_entries += entry->hash == 0;
    *entry = (struct entry){.hash = hash, .until_ms = until_ms};
    return entry;
}

static void put_row(struct seen *seen, struct bytes hashes, int64_t until_ms)
{
    uint64_t hash;

    for (size_t at = 0; at + sizeof(hash) <= hashes.len; at += sizeof(hash)) {
        memcpy(&hash, hashes.ptr + at, sizeof(hash));
        if (hash != 0)
            put(seen, le64toh(hash), until_ms);
    }
}

/* Later rows are later in time: of an id that came again the last one counts. */
static void load(struct world *world)
{
    struct sql_statement *row =
        world_use(world, "SELECT hashes, until FROM seen WHERE until > ?1 ORDER BY id");

    grow(world->seen);
    sql_bind(row, 1, world_now_ms(world));
    while (world_step(world, row))
        put_row(world->seen, sql_bytes(row, 0), sql_i64(row, 1));
}

/* --- adding ------------------------------------------------------------------------- */

void seen_settle(struct world *world)
{
    struct seen *seen = world->seen;
    struct sql_statement *row;

    if (seen->n_waiting == 0)
        return;
    row = world_use(world, "INSERT INTO seen (until, hashes) VALUES (?1, ?2)");
    sql_bind(row, 1, seen->until_ms);
    sql_bind_blob(row, 2,
                  bytes_of(seen->waiting, seen->n_waiting * sizeof(seen->waiting[0])));
    world_run_traffic(row);
    seen->n_waiting = 0;
}

static void wait_for_commit(struct world *world, uint64_t hash, int64_t until_ms)
{
    struct seen *seen = world->seen;

    world_begin(world); /* so that there is one */
    if (seen->n_waiting == WAITING || seen->until_ms != until_ms)
        seen_settle(world);
    seen->until_ms = until_ms;
    seen->waiting[seen->n_waiting++] = htole64(hash);
}

/* Of no secret seed: a restart has to find the same. */
static uint64_t hash_of(struct bytes source, struct bytes message_id)
{
    const uint64_t none[2] = {0, 0};
    const uint64_t seed[2] = {map_hash(none, source), 0};
    const uint64_t hash = map_hash(seed, message_id);

    return hash != 0 ? hash : 1;
}

bool seen_add(struct world *world, struct bytes source, struct bytes message_id,
              int64_t until_ms)
{
    const uint64_t hash = hash_of(source, message_id);
    struct entry *entry;

    if (world->seen->entries == NULL)
        load(world);
    entry = find(world->seen, hash);
    if (entry->hash != 0 && entry->until_ms > world_now_ms(world))
        return false;
    put(world->seen, hash, until_ms);
    wait_for_commit(world, hash, until_ms);
    return true;
}

void seen_purge(struct world *world)
{
    struct seen *seen = world->seen;
    const int64_t now_ms = world_now_ms(world);
    struct sql_statement *statement;

    if (now_ms < seen->purge_at_ms)
        return;
    seen_settle(world);
    statement = world_use(world, "DELETE FROM seen WHERE until <= ?1");
    sql_bind(statement, 1, now_ms);
    world_run_traffic(statement);
    if (seen->purge_at_ms != 0)
        drop(seen);
    seen->purge_at_ms = now_ms + PURGE_EVERY_MS;
}
