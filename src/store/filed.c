/* SPDX-License-Identifier: MIT */

#include "store/filed.h"

#include <endian.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"
#include "store/sql.h"

enum {
    SPAN_ROWS = 1024,
    MAX_SPANS = (SLICE_ROWS + SPAN_ROWS - 1) / SPAN_ROWS,
    FIELDS = 3
};

static const uint64_t offset_mask = SLICE_ROWS - 1;

struct span {
    int64_t first_at_ms, last_at_ms;
    bool has_rows;
};

struct filing {
    uint64_t *entries; /* room for all of a slice */
    size_t n_entries;
    size_t n_of_part[SLICE_PARTS];
    struct span spans[MAX_SPANS];
};

uint64_t filed_key(enum filed_kind kind, struct bytes value)
{
    /* These numbers, and the hash, are in files: they never change. */
    const uint64_t seed[2] = {(uint64_t)kind, 7};

    return map_hash(seed, value) & ~offset_mask;
}

/* --- a slice is filed ----------------------------------------------------------------
 */

static void add_entry(struct filing *filing, enum filed_kind kind, struct bytes value,
                      size_t offset)
{
    uint64_t entry;

    if (value.len == 0)
        return;
    entry = filed_key(kind, value) | offset;
    filing->entries[filing->n_entries++] = entry;
    filing->n_of_part[entry >> 56]++;
}

static void add_time(struct filing *filing, size_t offset, int64_t at_ms)
{
    struct span *span = &filing->spans[offset / SPAN_ROWS];

    if (!span->has_rows || at_ms < span->first_at_ms)
        span->first_at_ms = at_ms;
    if (!span->has_rows || at_ms > span->last_at_ms)
        span->last_at_ms = at_ms;
    span->has_rows = true;
}

static int read_heads(struct sql *sql, int64_t slice, struct filing *filing,
                      struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *walk =
        sql_use(sql,
                "SELECT id, received_at, name, user, anonymous FROM search"
                " WHERE id >= ?1 AND id < ?2 ORDER BY id",
                err);
    int result = -1;

    if (walk == NULL)
        return -1;
    sql_bind(walk, 1, slice_first_row(slice));
    sql_bind(walk, 2, slice_first_row(slice + 1));
    while ((result = sql_step(walk, err)) == SQL_ROW) {
        size_t offset = (size_t)sql_i64(walk, 0) % SLICE_ROWS;

        add_time(filing, offset, sql_i64(walk, 1));
        add_entry(filing, FILED_NAME, sql_bytes(walk, 2), offset);
        add_entry(filing, FILED_ID, sql_bytes(walk, 3), offset);
        add_entry(filing, FILED_ID, sql_bytes(walk, 4), offset);
    }
    return result;
}

static int compare(const void *a, const void *b)
{
    const uint64_t *left = a, *right = b;

    return (*left > *right) - (*left < *right);
}

static int put_part(struct sql *sql, int64_t part, const uint64_t *entries,
                    size_t n_entries, struct err *err)
{
    struct sql_statement *put =
        sql_use(sql, "INSERT OR REPLACE INTO filed VALUES (?1, ?2)", err);

    if (put == NULL)
        return -1;
    sql_bind(put, 1, part);
    sql_bind_blob(put, 2, bytes_of(entries, n_entries * sizeof(*entries)));
    return sql_run(put, err) == 0 ? 0 : -1;
}

/* Part by part: what there is of each is known, and sorting a part is quick. */
static uint64_t *distribute(const struct filing *filing)
{
    uint64_t *entries = mem_grow(NULL, filing->n_entries + 1, sizeof(*entries));
    size_t next[SLICE_PARTS], begin = 0;

    for (size_t part = 0; part < SLICE_PARTS; part++) {
        next[part] = begin;
        begin += filing->n_of_part[part];
    }
    for (size_t i = 0; i < filing->n_entries; i++)
        entries[next[filing->entries[i] >> 56]++] = filing->entries[i];
    return entries;
}

static int put_parts(struct sql *sql, int64_t slice, const struct filing *filing,
                     struct err *err)
{
    uint64_t *entries = distribute(filing), *begin = entries;
    int result = 0;

    for (size_t part = 0; part < SLICE_PARTS && result == 0; part++) {
        const size_t n = filing->n_of_part[part];

        if (n == 0)
            continue;
        qsort(begin, n, sizeof(*begin), compare);
        for (size_t i = 0; i < n; i++)
            begin[i] = htole64(begin[i]);
        result = put_part(sql, slice_part(slice, (uint8_t)part), begin, n, err);
        begin += n;
    }
    free(entries);
    return result;
}

static int put_spans(struct sql *sql, int64_t slice, const struct filing *filing,
                     struct err *err)
{
    struct sql_statement *put =
        sql_use(sql,
                "INSERT INTO span VALUES (?1, ?2, ?3) ON CONFLICT (id) DO UPDATE SET"
                " first_at = min(first_at, excluded.first_at),"
                " last_at = max(last_at, excluded.last_at)",
                err);

    if (put == NULL)
        return -1;
    for (int64_t i = 0; i < MAX_SPANS; i++) {
        if (!filing->spans[i].has_rows)
            continue;
        sql_bind(put, 1, slice_first_row(slice) / SPAN_ROWS + i);
        sql_bind(put, 2, filing->spans[i].first_at_ms);
        sql_bind(put, 3, filing->spans[i].last_at_ms);
        if (sql_run(put, err) != 0)
            return -1;
    }
    return 0;
}

int filed_add(struct sql *sql, int64_t slice, struct err *err)
{
    struct filing filing = {
        .entries = mem_grow(NULL, (size_t)FIELDS * SLICE_ROWS, sizeof(uint64_t))};
    int result = read_heads(sql, slice, &filing, err);

    if (result == 0)
        result = put_spans(sql, slice, &filing, err);
    if (result == 0)
        result = put_parts(sql, slice, &filing, err);
    free(filing.entries);
    return result;
}

/* --- looking up ----------------------------------------------------------------------
 */

static uint64_t entry_at(struct bytes entries, size_t i)
{
    uint64_t entry;

    memcpy(&entry, entries.ptr + i * sizeof(entry), sizeof(entry));
    return le64toh(entry);
}

/* The first that is not below the key. */
static size_t lower_bound(struct bytes entries, uint64_t key)
{
    size_t low = 0, high = entries.len / sizeof(key);

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (entry_at(entries, middle) < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct sql_statement *use_part(struct sql *sql, int64_t part, struct err *err)
{
    struct sql_statement *select =
        sql_use(sql, "SELECT entries FROM filed WHERE id = ?1", err);

    if (select != NULL)
        sql_bind(select, 1, part);
    return select;
}

int filed_find(struct sql *sql, int64_t slice, uint64_t key, struct filed_rows *rows,
               struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *part =
        use_part(sql, slice_part(slice, (uint8_t)(key >> 56)), err);
    struct bytes entries;
    int result = part != NULL ? sql_step(part, err) : -1;

    if (result != SQL_ROW)
        return result;
    entries = sql_bytes(part, 0);
    for (size_t i = lower_bound(entries, key); i < entries.len / sizeof(key); i++) {
        uint64_t entry = entry_at(entries, i), offset = entry & offset_mask;

        if ((entry & ~offset_mask) != key)
            break;
        rows->bits[offset / 64] |= UINT64_C(1) << (offset % 64);
    }
    return 0;
}

int filed_pop_highest(struct filed_rows *rows)
{
    for (size_t i = COUNT(rows->bits); i > 0; i--) {
        uint64_t *word = &rows->bits[i - 1];

        if (*word != 0) {
            int bit = 63 - __builtin_clzll(*word);

            *word ^= UINT64_C(1) << bit;
            return (int)(i - 1) * 64 + bit;
        }
    }
    return -1;
}

int filed_pop_lowest(struct filed_rows *rows)
{
    for (size_t i = 0; i < COUNT(rows->bits); i++) {
        uint64_t *word = &rows->bits[i];

        if (*word != 0) {
            int bit = __builtin_ctzll(*word);

            *word &= *word - 1;
            return (int)i * 64 + bit;
        }
    }
    return -1;
}

/* --- leaving -------------------------------------------------------------------------
 */

/* The part without this one. */
static int take_out(struct sql *sql, int64_t slice, uint64_t entry, struct err *err)
{
    const int64_t number = slice_part(slice, (uint8_t)(entry >> 56));
    cleanup(sql_resetp) struct sql_statement *part = use_part(sql, number, err);
    int result = part != NULL ? sql_step(part, err) : -1;
    struct bytes entries;
    uint64_t *rest;
    size_t n_rest = 0;

    if (result != SQL_ROW)
        return result;
    entries = sql_bytes(part, 0);
    rest = mem_grow(NULL, entries.len / sizeof(entry) + 1, sizeof(entry));
    for (size_t i = 0; i < entries.len / sizeof(entry); i++) {
        if (entry_at(entries, i) != entry)
            rest[n_rest++] = htole64(entry_at(entries, i));
    }
    sql_reset(part);
    result = put_part(sql, number, rest, n_rest, err);
    free(rest);
    return result;
}

int filed_forget(struct sql *sql, int64_t row, struct err *err)
{
    static const enum filed_kind kinds[FIELDS] = {FILED_NAME, FILED_ID, FILED_ID};
    cleanup(sql_resetp) struct sql_statement *head =
        sql_use(sql, "SELECT name, user, anonymous FROM search WHERE id = ?1", err);
    uint64_t entries[FIELDS] = {0};
    size_t n_entries = 0;
    int result;

    if (head == NULL)
        return -1;
    sql_bind(head, 1, row);
    result = sql_step(head, err);
    for (int i = 0; result == SQL_ROW && i < FIELDS; i++) {
        struct bytes value = sql_bytes(head, i);

        if (value.len > 0)
            entries[n_entries++] =
                filed_key(kinds[i], value) | (uint64_t)(row % SLICE_ROWS);
    }
    sql_reset(head);
    result = result < 0 ? -1 : 0;
    for (size_t i = 0; i < n_entries && result == 0; i++)
        result = take_out(sql, slice_of(row), entries[i], err);
    return result;
}

int filed_drop(struct sql *sql, int64_t below_row, struct err *err)
{
    struct sql_statement *remove;
    int64_t first;

    if (sql_number(sql, "SELECT min(id) FROM filed", INT64_MAX, &first, err) < 0)
        return -1;
    if (first / SLICE_PARTS >= slice_of(below_row))
        return 0;
    remove = sql_use(sql, "DELETE FROM filed WHERE id < ?1", err);
    if (remove == NULL)
        return -1;
    sql_bind(remove, 1, slice_part(first / SLICE_PARTS + 1, 0));
    return sql_run(remove, err) == 0 ? 0 : -1;
}
