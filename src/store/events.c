/* SPDX-License-Identifier: MIT */

#include "base/err.h"
#include "store/head.h"
#include "store/inside.h"

/* Accepting an event: it and its head are appended, nothing else changes. */

int64_t store_next_row(struct store *store)
{
    return ++store->last_row;
}

int64_t store_last_row(const struct store *store)
{
    return store->last_row;
}

int store_add_event(struct store *store, const struct store_event *event, struct err *err)
{
    struct sql_statement *insert = sql_use(
        store->sql, "INSERT INTO event VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", err);
    int result;

    if (insert == NULL)
        return -1;
    if (event->payload.len == 0)
        return err_set(err, "an event without a payload cannot be stored");
    if (event->row <= store->indexed)
        return err_set(err, "event row %lld comes too late: the background passed it",
                       (long long)event->row);
    sql_bind(insert, 1, event->row);
    sql_bind(insert, 2, event->received_at_ms);
    sql_bind(insert, 3, event->subscription);
    sql_bind(insert, 4, event->key);
    if (event->has_mark)
        sql_bind_blob(insert, 5, bytes_of(event->mark.bytes, DEDUPE_MARK_LEN));
    sql_bind_blob(insert, 6, bytes_of(event->sha256, SHA256_LEN));
    sql_bind_bytes(insert, 7, event->settings);
    sql_bind_blob(insert, 8, event->payload);
    result = sql_run(insert, err);
    if (result == SQL_EXISTS)
        return err_set(err, "event row %lld is taken", (long long)event->row);
    if (result == 0)
        result = head_add(store->sql, event, &store->scratch, err);
    if (result == 0 && event->has_mark)
        marks_put(&store->tail,
                  &(struct marks_entry){.mark = event->mark,
                                        .row = event->row,
                                        .received_at_ms = event->received_at_ms});
    return result;
}

int store_find_mark(struct store *store, const struct dedupe_mark *mark, int64_t now_ms,
                    int64_t *ret_row, int64_t *ret_received_at_ms, struct err *err)
{
    int64_t after_ms = now_ms - store->options.dedupe_ms;
    const struct marks_entry *recent = marks_find(&store->tail, mark);
    struct marks_entry found;
    int result = 1;

    if (recent != NULL && recent->received_at_ms > after_ms)
        found = *recent;
    else
        result = dedupe_find(&store->dedupe, store->sql, mark, after_ms, &found, err);
    if (result == 1) {
        *ret_row = found.row;
        *ret_received_at_ms = found.received_at_ms;
    }
    return result;
}

static void fill_head(struct sql_statement *row, struct store_event *event)
{
    struct bytes mark = sql_bytes(row, 3), sha256 = sql_bytes(row, 4);

    event->received_at_ms = sql_i64(row, 0);
    event->subscription = (uint16_t)sql_i64(row, 1);
    event->key = sql_i64(row, 2);
    event->has_mark = mark.len == DEDUPE_MARK_LEN;
    if (event->has_mark)
        memcpy(event->mark.bytes, mark.ptr, DEDUPE_MARK_LEN);
    if (sha256.len == SHA256_LEN)
        memcpy(event->sha256, sha256.ptr, SHA256_LEN);
}

int store_load_event(struct store *store, int64_t row, struct buf *settings,
                     struct buf *payload, struct store_event *ret_event, struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *select =
        sql_use(store->sql,
                "SELECT received_at, subscription, key, mark, sha256, settings, payload"
                " FROM event WHERE id = ?1",
                err);
    size_t settings_at = settings->len, payload_at = payload->len;
    int result;

    if (select == NULL)
        return -1;
    sql_bind(select, 1, row);
    result = sql_step(select, err);
    if (result != SQL_ROW)
        return result;
    if (buf_add(settings, sql_bytes(select, 5)) != 0 ||
        buf_add(payload, sql_bytes(select, 6)) != 0)
        return err_set(err, "event row %lld is larger than its buffer", (long long)row);
    *ret_event = (struct store_event){.row = row};
    fill_head(select, ret_event);
    ret_event->settings =
        bytes_slice(buf_bytes(settings), settings_at, settings->len - settings_at);
    ret_event->payload =
        bytes_slice(buf_bytes(payload), payload_at, payload->len - payload_at);
    return 1;
}
