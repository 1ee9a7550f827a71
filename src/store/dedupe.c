/* SPDX-License-Identifier: MIT */

#include "store/dedupe.h"

#include <assert.h>
#include <endian.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "store/slice.h"
#include "store/sql.h"

enum { BLOCK_SLICES = 64, DROPPED_SLICES = 16 };

struct dedupe_block {
    int64_t number; /* of slices / BLOCK_SLICES */
    int64_t newest_at_ms;
    struct bloom bloom;
    bool is_full;
};

struct entry { /* as it is in the table */
    struct dedupe_mark mark;
    uint64_t place;
};

static_assert(sizeof(struct entry) == DEDUPE_MARK_LEN + sizeof(uint64_t),
              "entries are stored as they are in memory");

static int64_t received_at(const struct entry *entry)
{
    return (int64_t)(le64toh(entry->place) >> SLICE_OFFSET_BITS);
}

/* --- blocks --------------------------------------------------------------------------
 */

/* Blocks come in the order of their numbers. */
static struct dedupe_block *block_of(struct dedupe *dedupe, int64_t number)
{
    struct dedupe_block *last = NULL;

    if (dedupe->n_blocks > 0)
        last = &dedupe->blocks[dedupe->n_blocks - 1];
    if (last != NULL && last->number == number)
        return last;
    dedupe->blocks =
        mem_grow(dedupe->blocks, dedupe->n_blocks + 1, sizeof(*dedupe->blocks));
    last = &dedupe->blocks[dedupe->n_blocks++];
    *last = (struct dedupe_block){.number = number, .newest_at_ms = INT64_MIN};
    return last;
}

static void block_add(struct dedupe_block *block, const struct entry *entry)
{
    bloom_add(&block->bloom, &entry->mark);
    if (received_at(entry) > block->newest_at_ms)
        block->newest_at_ms = received_at(entry);
}

static int load_filters(struct dedupe *dedupe, struct sql *sql, struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *walk =
        sql_use(sql, "SELECT id, newest_at, bits FROM mark_block ORDER BY id", err);
    int result = -1;

    if (walk == NULL)
        return -1;
    while ((result = sql_step(walk, err)) == SQL_ROW) {
        struct dedupe_block *block = block_of(dedupe, sql_i64(walk, 0));
        struct bytes bits = sql_bytes(walk, 2);

        block->newest_at_ms = sql_i64(walk, 1);
        block->is_full = true;
        if (bits.len == BLOOM_BYTES)
            bloom_load(&block->bloom, (const uint8_t *)bits.ptr);
    }
    return result;
}

static struct entry entry_at(struct bytes entries, size_t i)
{
    struct entry entry;

    memcpy(&entry, entries.ptr + i * sizeof(entry), sizeof(entry));
    return entry;
}

static int load_marks(struct dedupe *dedupe, struct sql *sql, struct err *err)
{
    const int64_t from =
        dedupe->n_blocks > 0 ? dedupe->blocks[dedupe->n_blocks - 1].number + 1 : 0;
    cleanup(sql_resetp) struct sql_statement *walk =
        sql_use(sql, "SELECT id, entries FROM mark WHERE id >= ?1 ORDER BY id", err);
    int result = -1;

    if (walk == NULL)
        return -1;
    sql_bind(walk, 1, slice_part(from * BLOCK_SLICES, 0));
    while ((result = sql_step(walk, err)) == SQL_ROW) {
        struct dedupe_block *block =
            block_of(dedupe, sql_i64(walk, 0) / SLICE_PARTS / BLOCK_SLICES);
        struct bytes entries = sql_bytes(walk, 1);

        for (size_t i = 0; i < entries.len / sizeof(struct entry); i++) {
            const struct entry entry = entry_at(entries, i);

            block_add(block, &entry);
        }
    }
    return result;
}

int dedupe_open(struct dedupe *dedupe, struct sql *sql, struct err *err)
{
    return load_filters(dedupe, sql, err) < 0 ? -1 : load_marks(dedupe, sql, err);
}

void dedupe_done(struct dedupe *dedupe)
{
    for (size_t i = 0; i < dedupe->n_blocks; i++)
        bloom_done(&dedupe->blocks[i].bloom);
    free(dedupe->blocks);
    *dedupe = (struct dedupe){0};
}

/* --- asking --------------------------------------------------------------------------
 */

static bool find_entry(struct bytes entries, const struct dedupe_mark *mark,
                       struct entry *ret_entry)
{
    size_t low = 0, high = entries.len / sizeof(struct entry);

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order;

        *ret_entry = entry_at(entries, middle);
        order = memcmp(ret_entry->mark.bytes, mark->bytes, DEDUPE_MARK_LEN);
        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* 1 when the slice has the mark, and it is young enough. */
static int slice_ask(struct sql *sql, int64_t slice, const struct dedupe_mark *mark,
                     int64_t after_ms, struct marks_entry *ret_entry, struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *part =
        sql_use(sql, "SELECT entries FROM mark WHERE id = ?1", err);
    struct entry found;
    int result;

    if (part == NULL)
        return -1;
    sql_bind(part, 1, slice_part(slice, mark->bytes[0]));
    result = sql_step(part, err);
    if (result != SQL_ROW)
        return result;
    if (!find_entry(sql_bytes(part, 0), mark, &found) || received_at(&found) <= after_ms)
        return 0;
    *ret_entry = (struct marks_entry){.mark = *mark,
                                      .row = slice_first_row(slice) +
                                             (int64_t)(le64toh(found.place) % SLICE_ROWS),
                                      .received_at_ms = received_at(&found)};
    return 1;
}

int dedupe_find(struct dedupe *dedupe, struct sql *sql, const struct dedupe_mark *mark,
                int64_t after_ms, struct marks_entry *ret_entry, struct err *err)
{
    int result = 0;

    for (size_t i = dedupe->n_blocks; i > 0 && result == 0; i--) {
        const struct dedupe_block *block = &dedupe->blocks[i - 1];

        if (block->newest_at_ms <= after_ms || !bloom_may_have(&block->bloom, mark))
            continue;
        for (int64_t slice = BLOCK_SLICES - 1; slice >= 0 && result == 0; slice--)
            result = slice_ask(sql, block->number * BLOCK_SLICES + slice, mark, after_ms,
                               ret_entry, err);
    }
    return result;
}

/* --- a slice is filed ----------------------------------------------------------------
 */

static int compare(const void *a, const void *b)
{
    const struct entry *left = a, *right = b;

    return memcmp(left->mark.bytes, right->mark.bytes, DEDUPE_MARK_LEN);
}

static struct entry entry_of(const struct marks_entry *from)
{
    const uint64_t at_ms = from->received_at_ms > 0 ? (uint64_t)from->received_at_ms : 0;

    return (struct entry){
        .mark = from->mark,
        .place = htole64(at_ms << SLICE_OFFSET_BITS | (uint64_t)from->row % SLICE_ROWS)};
}

/* Part by part, not sorted yet; how many each has. */
static struct entry *distribute(const struct dedupe_slice *slice,
                                size_t n_of_part[SLICE_PARTS])
{
    struct entry *entries = mem_grow(NULL, slice->n_entries + 1, sizeof(*entries));
    size_t next[SLICE_PARTS], begin = 0;

    for (size_t i = 0; i < slice->n_entries; i++)
        n_of_part[slice->entries[i].mark.bytes[0]]++;
    for (size_t part = 0; part < SLICE_PARTS; part++) {
        next[part] = begin;
        begin += n_of_part[part];
    }
    for (size_t i = 0; i < slice->n_entries; i++)
        entries[next[slice->entries[i].mark.bytes[0]]++] = entry_of(&slice->entries[i]);
    return entries;
}

static int put_part(struct sql *sql, int64_t part, const struct entry *entries,
                    size_t n_entries, struct err *err)
{
    struct sql_statement *put =
        sql_use(sql, "INSERT OR REPLACE INTO mark VALUES (?1, ?2)", err);

    if (put == NULL)
        return -1;
    sql_bind(put, 1, part);
    sql_bind_blob(put, 2, bytes_of(entries, n_entries * sizeof(*entries)));
    return sql_run(put, err) == 0 ? 0 : -1;
}

static int put_parts(struct sql *sql, int64_t slice, struct entry *entries,
                     const size_t n_of_part[SLICE_PARTS], struct err *err)
{
    int result = 0;

    for (size_t part = 0; part < SLICE_PARTS && result == 0; part++) {
        const size_t n = n_of_part[part];

        if (n == 0)
            continue;
        qsort(entries, n, sizeof(*entries), compare);
        result = put_part(sql, slice_part(slice, (uint8_t)part), entries, n, err);
        entries += n;
    }
    return result;
}

static int save_filter(struct sql *sql, const struct dedupe_block *block, struct err *err)
{
    struct sql_statement *put =
        sql_use(sql, "INSERT OR REPLACE INTO mark_block VALUES (?1, ?2, ?3)", err);

    if (put == NULL)
        return -1;
    sql_bind(put, 1, block->number);
    sql_bind(put, 2, block->newest_at_ms);
    sql_bind_blob(
        put, 3, bytes_of(block->bloom.bits, block->bloom.bits != NULL ? BLOOM_BYTES : 0));
    return sql_run(put, err) == 0 ? 0 : -1;
}

int dedupe_add(struct dedupe *dedupe, struct sql *sql, const struct dedupe_slice *slice,
               struct err *err)
{
    struct dedupe_block *block = block_of(dedupe, slice->number / BLOCK_SLICES);
    size_t n_of_part[SLICE_PARTS] = {0};
    struct entry *entries = distribute(slice, n_of_part);
    int result = put_parts(sql, slice->number, entries, n_of_part, err);

    for (size_t i = 0; i < slice->n_entries; i++)
        block_add(block, &entries[i]);
    free(entries);
    if (result == 0 && slice->number % BLOCK_SLICES == BLOCK_SLICES - 1) {
        result = save_filter(sql, block, err);
        block->is_full = true;
    }
    return result;
}

/* --- leaving -------------------------------------------------------------------------
 */

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int run(struct sql_statement *statement, int64_t number, struct err *err)
{
    if (statement == NULL)
        return -1;
    sql_bind(statement, 1, number);
    return sql_run(statement, err) == 0 ? 0 : -1;
}

int dedupe_drop(struct dedupe *dedupe, struct sql *sql, int64_t before_ms,
                bool *ret_dropped, struct err *err)
{
    const struct dedupe_block *oldest = dedupe->blocks;
    int64_t first, end;

    *ret_dropped = false;
    if (dedupe->n_blocks == 0 || !oldest->is_full || oldest->newest_at_ms > before_ms)
        return 0;
    end = slice_part((oldest->number + 1) * BLOCK_SLICES, 0);
    if (sql_number(sql, "SELECT min(id) FROM mark", INT64_MAX, &first, err) < 0)
        return -1;
    if (first < end)
        return run(sql_use(sql, "DELETE FROM mark WHERE id < ?1", err),
                   least(end, slice_part(first / SLICE_PARTS + DROPPED_SLICES, 0)), err);
    *ret_dropped = true;
    return run(sql_use(sql, "DELETE FROM mark_block WHERE id = ?1", err), oldest->number,
               err);
}

void dedupe_forget_oldest(struct dedupe *dedupe)
{
    bloom_done(&dedupe->blocks[0].bloom);
    dedupe->n_blocks--;
    memmove(dedupe->blocks, dedupe->blocks + 1,
            dedupe->n_blocks * sizeof(*dedupe->blocks));
}
