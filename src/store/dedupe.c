/* SPDX-License-Identifier: MIT */

#include "store/dedupe.h"

#include <stdio.h>

#include "base/err.h"
#include "base/mem.h"
#include "store/sql.h"

static const int64_t SLICE_MS = INT64_C(6) * 3600 * 1000;
enum { TEXT_BYTES = 160 };

struct dedupe_slice {
    int64_t number; /* received_at / SLICE_MS */
    struct bloom bloom;
    struct sql_statement *look_up;
    struct sql_statement *insert;
};

static int64_t slice_number(int64_t received_at_ms)
{
    return received_at_ms > 0 ? received_at_ms / SLICE_MS : 0;
}

static size_t index_of(const struct dedupe *dedupe, int64_t number)
{
    size_t i = 0;

    while (i < dedupe->n_slices && dedupe->slices[i].number < number)
        i++;
    return i;
}

static struct dedupe_slice *slice_find(struct dedupe *dedupe, int64_t number)
{
    size_t i = index_of(dedupe, number);

    return i < dedupe->n_slices && dedupe->slices[i].number == number ? &dedupe->slices[i]
                                                                      : NULL;
}

static void slice_done(struct dedupe_slice *slice)
{
    bloom_done(&slice->bloom);
    sql_free(slice->look_up);
    sql_free(slice->insert);
}

static struct sql_statement *make(struct sql *sql, const char *before, int64_t number,
                                  const char *after, struct err *err)
{
    char text[TEXT_BYTES];

    snprintf(text, sizeof(text), "%s dedupe_%lld %s", before, (long long)number, after);
    return sql_make(sql, text, err);
}

/* The table is there; *slice is filled as far as it went. */
static int slice_open(struct dedupe_slice *slice, struct sql *sql, struct err *err)
{
    slice->look_up = make(sql, "SELECT event, received_at FROM", slice->number,
                          "WHERE mark = ?1", err);
    if (slice->look_up == NULL)
        return -1;
    slice->insert =
        make(sql, "INSERT OR REPLACE INTO", slice->number, "VALUES (?1, ?2, ?3)", err);
    return slice->insert != NULL ? 0 : -1;
}

static int slice_read_marks(struct dedupe_slice *slice, struct sql *sql, struct err *err)
{
    struct sql_statement *walk = make(sql, "SELECT mark FROM", slice->number, "", err);
    int result = -1;

    if (walk == NULL)
        return -1;
    while ((result = sql_step(walk, err)) == SQL_ROW) {
        struct bytes bytes = sql_bytes(walk, 0);
        struct dedupe_mark mark;

        if (bytes.len != DEDUPE_MARK_LEN)
            continue;
        memcpy(mark.bytes, bytes.ptr, DEDUPE_MARK_LEN);
        bloom_add(&slice->bloom, &mark);
    }
    sql_free(walk);
    return result;
}

static struct dedupe_slice *slice_insert(struct dedupe *dedupe, struct dedupe_slice slice)
{
    size_t at = index_of(dedupe, slice.number);

    dedupe->slices =
        mem_grow(dedupe->slices, dedupe->n_slices + 1, sizeof(*dedupe->slices));
    memmove(&dedupe->slices[at + 1], &dedupe->slices[at],
            (dedupe->n_slices - at) * sizeof(*dedupe->slices));
    dedupe->slices[at] = slice;
    dedupe->n_slices++;
    return &dedupe->slices[at];
}

int dedupe_open(struct dedupe *dedupe, struct sql *sql, struct err *err)
{
    struct sql_statement *tables =
        sql_use(sql,
                "SELECT substr(name, 8) FROM sqlite_schema"
                " WHERE type = 'table' AND name GLOB 'dedupe_[0-9]*'",
                err);
    int result = -1;

    if (tables == NULL)
        return -1;
    while ((result = sql_step(tables, err)) == SQL_ROW)
        slice_insert(dedupe, (struct dedupe_slice){.number = sql_i64(tables, 0)});
    for (size_t i = 0; result == 0 && i < dedupe->n_slices; i++) {
        if (slice_open(&dedupe->slices[i], sql, err) < 0 ||
            slice_read_marks(&dedupe->slices[i], sql, err) < 0)
            result = -1;
    }
    return result;
}

void dedupe_done(struct dedupe *dedupe)
{
    for (size_t i = 0; i < dedupe->n_slices; i++)
        slice_done(&dedupe->slices[i]);
    free(dedupe->slices);
    *dedupe = (struct dedupe){0};
}

/* 1 when the slice has the mark, and it is young enough. */
static int slice_ask(struct dedupe_slice *slice, const struct dedupe_mark *mark,
                     int64_t after_ms, struct marks_entry *ret_entry, struct err *err)
{
    int result;

    sql_bind_blob(slice->look_up, 1, bytes_of(mark->bytes, DEDUPE_MARK_LEN));
    result = sql_step(slice->look_up, err);
    if (result == SQL_ROW) {
        *ret_entry = (struct marks_entry){.mark = *mark,
                                          .row = sql_i64(slice->look_up, 0),
                                          .received_at_ms = sql_i64(slice->look_up, 1)};
        result = ret_entry->received_at_ms > after_ms ? 1 : 0;
    }
    sql_reset(slice->look_up);
    return result;
}

int dedupe_find(struct dedupe *dedupe, const struct dedupe_mark *mark, int64_t after_ms,
                struct marks_entry *ret_entry, struct err *err)
{
    int result = 0;

    for (size_t i = dedupe->n_slices; i > 0 && result == 0; i--) {
        struct dedupe_slice *slice = &dedupe->slices[i - 1];

        if ((slice->number + 1) * SLICE_MS <= after_ms)
            break;
        if (bloom_may_have(&slice->bloom, mark))
            result = slice_ask(slice, mark, after_ms, ret_entry, err);
    }
    return result;
}

static int create_table(struct sql *sql, int64_t number, struct err *err)
{
    char text[TEXT_BYTES];

    snprintf(text, sizeof(text),
             "CREATE TABLE dedupe_%lld (mark BLOB PRIMARY KEY, event INTEGER NOT NULL,"
             " received_at INTEGER NOT NULL) WITHOUT ROWID",
             (long long)number);
    if (sql_begin(sql, err) < 0)
        return -1;
    if (sql_exec(sql, text, err) < 0 || sql_commit(sql, err) < 0) {
        sql_rollback(sql);
        return -1;
    }
    return 0;
}

int dedupe_ensure(struct dedupe *dedupe, struct sql *sql,
                  const struct marks_entry *entries, size_t n_entries, struct err *err)
{
    for (size_t i = 0; i < n_entries; i++) {
        struct dedupe_slice slice = {.number = slice_number(entries[i].received_at_ms)};

        if (slice_find(dedupe, slice.number) != NULL)
            continue;
        if (create_table(sql, slice.number, err) < 0)
            return -1;
        if (slice_open(slice_insert(dedupe, slice), sql, err) < 0)
            return -1;
    }
    return 0;
}

static int compare(const void *a, const void *b)
{
    const struct marks_entry *left = a, *right = b;
    int order = memcmp(left->mark.bytes, right->mark.bytes, DEDUPE_MARK_LEN);

    /* Of two with one mark the newer comes later, and replaces the older. */
    return order != 0 ? order : (left->row > right->row) - (left->row < right->row);
}

int dedupe_add(struct dedupe *dedupe, struct marks_entry *entries, size_t n_entries,
               struct err *err)
{
    if (n_entries == 0)
        return 0;
    qsort(entries, n_entries, sizeof(*entries), compare);
    for (size_t i = 0; i < n_entries; i++) {
        struct dedupe_slice *slice =
            slice_find(dedupe, slice_number(entries[i].received_at_ms));

        bloom_add(&slice->bloom, &entries[i].mark);
        sql_bind_blob(slice->insert, 1, bytes_of(entries[i].mark.bytes, DEDUPE_MARK_LEN));
        sql_bind(slice->insert, 2, entries[i].row);
        sql_bind(slice->insert, 3, entries[i].received_at_ms);
        if (sql_run(slice->insert, err) != 0)
            return -1;
    }
    return 0;
}

int dedupe_drop(struct dedupe *dedupe, struct sql *sql, int64_t before_ms,
                bool *ret_dropped, struct err *err)
{
    char text[TEXT_BYTES];

    *ret_dropped =
        dedupe->n_slices > 0 && (dedupe->slices[0].number + 1) * SLICE_MS <= before_ms;
    if (!*ret_dropped)
        return 0;
    snprintf(text, sizeof(text), "DROP TABLE dedupe_%lld",
             (long long)dedupe->slices[0].number);
    return sql_exec(sql, text, err);
}

void dedupe_forget_oldest(struct dedupe *dedupe)
{
    slice_done(&dedupe->slices[0]);
    dedupe->n_slices--;
    memmove(dedupe->slices, dedupe->slices + 1,
            dedupe->n_slices * sizeof(*dedupe->slices));
}
