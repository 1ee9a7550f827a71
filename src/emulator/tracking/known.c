/* SPDX-License-Identifier: MIT */

#include "emulator/tracking/known.h"

#include "base/list.h"
#include "base/mem.h"
#include "emulator/tracking/way.h"
#include "emulator/world/world.h"
#include "segment/name.h"

struct entry {
    struct list_link link;
    struct arena arena;
    struct bytes write_key;
    struct known_source source;
};

struct known {
    struct list entries; /* the one that was asked for last is first */
    uint64_t n_changes;  /* the world's, when they were read */
};

struct known *known_new(void)
{
    return mem_new(struct known);
}

static void drop(struct known *known, struct entry *entry)
{
    list_remove(&known->entries, &entry->link);
    way_done_all(entry->source.ways);
    arena_done(&entry->arena);
    free(entry);
}

static void forget(struct known *known)
{
    while (known->entries.first != NULL)
        drop(known, list_entry(known->entries.first, struct entry, link));
}

void known_free(struct known *known)
{
    if (known == NULL)
        return;
    forget(known);
    free(known);
}

static struct bytes keep(struct arena *arena, struct bytes text)
{
    return bytes_of(arena_copy(arena, text), text.len);
}

static void read_source(struct world *world, struct entry *entry)
{
    struct known_source *source = &entry->source;
    struct sql_statement *row =
        world_use(world, "SELECT k.region = 'eu', s.name, s.id, s.enabled "
                         "FROM write_key k LEFT JOIN source s ON s.name = k.source "
                         "WHERE k.write_key = ?1");

    source->verdict = INGEST_UNKNOWN_SOURCE;
    sql_bind_text(row, 1, entry->write_key);
    if (world_step(world, row)) {
        source->is_eu = sql_i64(row, 0) != 0;
        source->name = keep(&entry->arena, sql_bytes(row, 1));
        source->project_id = keep(&entry->arena, sql_bytes(row, 2));
        if (source->name.len > 0)
            source->verdict = sql_i64(row, 3) == 1 ? INGEST_GOOD : INGEST_SOURCE_DISABLED;
    }
    sql_reset(row);
}

static bool find_suppressed(struct world *world, struct bytes source)
{
    struct sql_statement *row =
        world_use(world, "SELECT 1 FROM suppressed WHERE parent IN (?1, ?2) LIMIT 1");
    bool is_there;

    sql_bind_text(row, 1, source);
    sql_bind_text(row, 2, name_parent(source));
    is_there = world_step(world, row);
    sql_reset(row);
    return is_there;
}

static struct entry *add(struct world *world, struct bytes write_key)
{
    struct known *known = world->known;
    struct entry *entry = mem_new(struct entry);

    if (known->entries.n_links == KNOWN_SOURCES)
        drop(known, list_entry(known->entries.last, struct entry, link));
    arena_init(&entry->arena);
    entry->write_key = keep(&entry->arena, write_key);
    read_source(world, entry);
    if (entry->source.name.len > 0)
        entry->source.has_suppressed = find_suppressed(world, entry->source.name);
    if (entry->source.verdict == INGEST_GOOD)
        entry->source.ways = way_read_all(world, entry->source.name, &entry->arena);
    list_push_front(&known->entries, &entry->link);
    return entry;
}

const struct known_source *known_find(struct world *world, struct bytes write_key)
{
    struct known *known = world->known;

    if (known->n_changes != world->n_changes)
        forget(known);
    known->n_changes = world->n_changes;
    for (struct list_link *link = known->entries.first; link != NULL; link = link->next) {
        struct entry *entry = list_entry(link, struct entry, link);

        if (!bytes_eq(entry->write_key, write_key))
            continue;
        list_remove(&known->entries, link);
        list_push_front(&known->entries, link);
        return &entry->source;
    }
    return &add(world, write_key)->source;
}
