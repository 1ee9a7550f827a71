/* SPDX-License-Identifier: MIT */

#include "store/inside.h"

/*
 * What waits, at start. Two walks, each in order of rows, merged: deliveries that have a
 * row, and events that need none yet. No payload is read.
 */

struct walk {
    struct sql_statement *statement;
    int result; /* of the last step */
};

/* Sorts numbers alone, not whole rows: there may be a million. */
static const char *const with_row =
    "SELECT id FROM delivery WHERE state <> 4 AND state IN (1, 3) ORDER BY id";

static const char *const without_row =
    "SELECT e.id, e.received_at, e.subscription FROM event AS e"
    " LEFT JOIN delivery AS d ON d.id = e.id"
    " WHERE e.id >= (SELECT low_water FROM progress) AND d.id IS NULL ORDER BY e.id";

static int read_with_row(struct store *store, int64_t id, struct store_delivery *ret,
                         struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *row =
        sql_use(store->sql,
                "SELECT event, created_at, subscription, replay, function_version, state,"
                " attempts, first_attempt, next_at FROM delivery WHERE id = ?1",
                err);

    if (row == NULL)
        return -1;
    sql_bind(row, 1, id);
    if (sql_step(row, err) != SQL_ROW)
        return -1;
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
    return 0;
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

static bool comes_first(const struct walk *a, const struct walk *b)
{
    return a->result == SQL_ROW &&
           (b->result != SQL_ROW || sql_i64(a->statement, 0) < sql_i64(b->statement, 0));
}

int store_each_due(struct store *store, store_due_fn *fn, void *arg, struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *started =
        sql_use(store->sql, with_row, err);
    cleanup(sql_resetp) struct sql_statement *waiting = NULL;

    if (started == NULL || (waiting = sql_use(store->sql, without_row, err)) == NULL)
        return -1;
    struct walk a = {started, sql_step(started, err)};
    struct walk b = {waiting, a.result < 0 ? -1 : sql_step(waiting, err)};

    while (a.result >= 0 && b.result >= 0 && a.result + b.result > 0) {
        struct store_delivery delivery;
        struct walk *next = comes_first(&a, &b) ? &a : &b;

        if (next == &b)
            read_without_row(b.statement, &delivery);
        else if (read_with_row(store, sql_i64(a.statement, 0), &delivery, err) < 0)
            return -1;
        fn(arg, &delivery);
        next->result = sql_step(next->statement, err);
    }
    return a.result < 0 || b.result < 0 ? -1 : 0;
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
