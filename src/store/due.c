/* SPDX-License-Identifier: MIT */

#include "store/due.h"

#include "store/inside.h"

/*
 * What waits: deliveries that have a row, and events that need none yet. No payload is
 * read.
 */

/* Sorts numbers alone, not whole rows: there may be a million. */
static const char *const with_row =
    "SELECT id FROM delivery WHERE state <> 4 AND state IN (1, 3) ORDER BY id";

static const char *const without_row =
    "SELECT e.id, e.received_at, e.subscription FROM event AS e"
    " LEFT JOIN delivery AS d ON d.id = e.id"
    " WHERE e.id >= ?1 AND e.id < ?2 AND d.id IS NULL ORDER BY e.id LIMIT ?3";

int store_find_started(struct store *store, int64_t id, struct store_delivery *ret,
                       struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *row =
        sql_use(store->sql,
                "SELECT event, created_at, subscription, replay, function_version, state,"
                " attempts, first_attempt, next_at FROM delivery WHERE id = ?1",
                err);
    int result;

    if (row == NULL)
        return -1;
    sql_bind(row, 1, id);
    result = sql_step(row, err);
    if (result != SQL_ROW)
        return result;
    *ret = (struct store_delivery){
        .row = id,
        .event = sql_i64(row, 0),
        .created_at_ms = sql_i64(row, 1),
        .subscription = (uint16_t)sql_i64(row, 2),
        .replay = sql_i64(row, 3),
        .function_version = sql_i64(row, 4),
        .state = (enum delivery_state)sql_i64(row, 5),
        .attempts = (unsigned)sql_i64(row, 6),
        .first_attempt_ms = sql_i64(row, 7),
        .next_at_ms = sql_i64(row, 8),
    };
    return 1;
}

static void read_without_row(struct sql_statement *row, struct store_delivery *ret)
{
    *ret = (struct store_delivery){
        .row = sql_i64(row, 0),
        .event = sql_i64(row, 0),
        .created_at_ms = sql_i64(row, 1),
        .subscription = (uint16_t)sql_i64(row, 2),
        .state = DELIVERY_QUEUED,
    };
}

int store_each_started(struct store *store, store_due_fn *fn, void *arg, struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *walk = sql_use(store->sql, with_row, err);
    int result = -1;

    while (walk != NULL && (result = sql_step(walk, err)) == SQL_ROW) {
        struct store_delivery delivery;

        if (store_find_started(store, sql_i64(walk, 0), &delivery, err) <= 0)
            return -1;
        fn(arg, &delivery);
    }
    return result;
}

int store_each_queued(struct store *store, const struct store_range *range,
                      store_due_fn *fn, void *arg, int64_t *ret_n, struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *walk =
        sql_use(store->sql, without_row, err);
    int result = -1;

    *ret_n = 0;
    if (walk == NULL)
        return -1;
    sql_bind(walk, 1, range->from);
    sql_bind(walk, 2, range->below);
    sql_bind(walk, 3, range->max_deliveries);
    while ((result = sql_step(walk, err)) == SQL_ROW) {
        struct store_delivery delivery;

        read_without_row(walk, &delivery);
        fn(arg, &delivery);
        ++*ret_n;
    }
    return result;
}

int64_t store_low_water(struct store *store, struct err *err)
{
    int64_t row;

    if (sql_number(store->sql, "SELECT low_water FROM progress", 0, &row, err) < 0)
        return -1;
    return row;
}

int store_save_low_water(struct store *store, int64_t row, struct err *err)
{
    struct sql_statement *statement =
        sql_use(store->sql, "UPDATE progress SET low_water = ?1", err);

    if (statement == NULL)
        return -1;
    sql_bind(statement, 1, row);
    return sql_run(statement, err) == 0 ? 0 : -1;
}
