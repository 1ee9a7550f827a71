/* SPDX-License-Identifier: MIT */

#include <assert.h>

#include "base/mem.h"
#include "segment/event.h"
#include "store/inside.h"

/*
 * The background step: what an accepted event is filed under. It runs behind the
 * accepting transactions, so that they append to one table and touch no index.
 */

static_assert(EVENT_IDENTIFY == 1 && EVENT_TRACK == 2 && EVENT_PAGE == 3 &&
                  EVENT_SCREEN == 4 && EVENT_GROUP == 5 && EVENT_ALIAS == 6 &&
                  EVENT_DELETE == 7 && EVENT_REQUEST == 8,
              "kinds are stored as their numbers");

enum { SPAN_ROWS = 1024 };

struct batch {
    struct marks_entry *entries;
    size_t n_entries;
    size_t n_events;
    int64_t last_row;
    struct buf scratch;
};

static void batch_done(struct batch *batch)
{
    free(batch->entries);
    buf_done(&batch->scratch);
}

/* Which events there are, and their marks. No payload is read yet. */
static int collect(struct store *store, size_t max_events, struct batch *batch,
                   struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *walk = sql_use(
        store->sql,
        "SELECT id, received_at, mark FROM event WHERE id > ?1 ORDER BY id LIMIT ?2",
        err);
    int result = -1;

    if (walk == NULL)
        return -1;
    sql_bind(walk, 1, store->indexed);
    sql_bind(walk, 2, (int64_t)max_events);
    while ((result = sql_step(walk, err)) == SQL_ROW) {
        struct bytes mark = sql_bytes(walk, 2);

        batch->n_events++;
        batch->last_row = sql_i64(walk, 0);
        if (mark.len != DEDUPE_MARK_LEN)
            continue;
        if ((batch->n_entries & (batch->n_entries + 1)) == 0)
            batch->entries = mem_grow(batch->entries, 2 * batch->n_entries + 1,
                                      sizeof(*batch->entries));
        struct marks_entry *entry = &batch->entries[batch->n_entries++];

        entry->row = batch->last_row;
        entry->received_at_ms = sql_i64(walk, 1);
        memcpy(entry->mark.bytes, mark.ptr, DEDUPE_MARK_LEN);
    }
    return result;
}

static int file_event(struct store *store, struct sql_statement *row, struct buf *scratch,
                      struct err *err)
{
    struct sql_statement *insert = sql_use(
        store->sql,
        "INSERT INTO search VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        err);
    struct event event;

    if (insert == NULL)
        return -1;
    buf_clear(scratch);
    /* It was judged when it came in: what it lacks now, it was allowed to lack. */
    if (event_judge_stored(sql_bytes(row, 4), scratch, &event) != EVENT_GOOD)
        event.type = bytes_of(NULL, 0);
    sql_bind(insert, 1, sql_i64(row, 0));
    sql_bind(insert, 2, sql_i64(row, 1));
    sql_bind(insert, 3, sql_i64(row, 2));
    sql_bind(insert, 4, sql_i64(row, 3));
    sql_bind(insert, 5, (int64_t)event.kind);
    sql_bind_text(insert, 6, event.name);
    sql_bind_text(insert, 7, event.user_id);
    sql_bind_text(insert, 8, event.anonymous_id);
    sql_bind_text(insert, 9, event.group_id);
    sql_bind_text(insert, 10, event.previous_id);
    sql_bind_text(insert, 11, event.message_id);
    sql_bind(insert, 12, (int64_t)sql_bytes(row, 4).len);
    return sql_run(insert, err) == 0 ? 0 : -1;
}

struct span {
    int64_t number, first_at_ms, last_at_ms;
};

static int save_span(struct store *store, const struct span *span, struct err *err)
{
    struct sql_statement *upsert =
        sql_use(store->sql,
                "INSERT INTO span VALUES (?1, ?2, ?3) ON CONFLICT (id) DO UPDATE SET"
                " first_at = min(first_at, excluded.first_at),"
                " last_at = max(last_at, excluded.last_at)",
                err);

    if (span->number < 0)
        return 0;
    if (upsert == NULL)
        return -1;
    sql_bind(upsert, 1, span->number);
    sql_bind(upsert, 2, span->first_at_ms);
    sql_bind(upsert, 3, span->last_at_ms);
    return sql_run(upsert, err) == 0 ? 0 : -1;
}

/* Counts the event in; saves the span before when it begins another. */
static int span_add(struct store *store, struct span *span, int64_t row, int64_t at_ms,
                    struct err *err)
{
    if (span->number != row / SPAN_ROWS) {
        if (save_span(store, span, err) < 0)
            return -1;
        *span = (struct span){row / SPAN_ROWS, at_ms, at_ms};
    }
    if (at_ms < span->first_at_ms)
        span->first_at_ms = at_ms;
    if (at_ms > span->last_at_ms)
        span->last_at_ms = at_ms;
    return 0;
}

static int file_events(struct store *store, struct batch *batch, struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *walk =
        sql_use(store->sql,
                "SELECT id, received_at, subscription, key, payload FROM event"
                " WHERE id > ?1 AND id <= ?2 ORDER BY id",
                err);
    struct span span = {.number = -1};
    int result = -1;

    if (walk == NULL)
        return -1;
    sql_bind(walk, 1, store->indexed);
    sql_bind(walk, 2, batch->last_row);
    while ((result = sql_step(walk, err)) == SQL_ROW) {
        if (file_event(store, walk, &batch->scratch, err) < 0 ||
            span_add(store, &span, sql_i64(walk, 0), sql_i64(walk, 1), err) < 0)
            return -1;
    }
    return result < 0 ? -1 : save_span(store, &span, err);
}

static int file_batch(struct store *store, void *arg, struct err *err)
{
    struct batch *batch = arg;
    struct sql_statement *update =
        sql_use(store->sql, "UPDATE progress SET indexed = ?1", err);

    if (update == NULL || file_events(store, batch, err) < 0 ||
        dedupe_add(&store->dedupe, batch->entries, batch->n_entries, err) < 0)
        return -1;
    sql_bind(update, 1, batch->last_row);
    return sql_run(update, err) == 0 ? 0 : -1;
}

int store_index_step(struct store *store, size_t max_events, size_t *ret_n,
                     struct err *err)
{
    cleanup(batch_done) struct batch batch = {0};

    buf_init(&batch.scratch, EVENT_SCRATCH_BYTES);
    if (collect(store, max_events, &batch, err) < 0)
        return -1;
    if (batch.n_events > 0) {
        if (dedupe_ensure(&store->dedupe, store->sql, batch.entries, batch.n_entries,
                          err) < 0 ||
            store_transact(store, file_batch, &batch, err) < 0)
            return -1;
        /* Only now may the tail forget them: the tables answer for them. */
        store->indexed = batch.last_row;
        for (size_t i = 0; i < batch.n_entries; i++)
            marks_remove(&store->tail, &batch.entries[i].mark, batch.entries[i].row);
    }
    *ret_n = batch.n_events;
    return 0;
}
