/* SPDX-License-Identifier: MIT */

#include "store/exports.h"

#include "store/inside.h"

static int64_t state_to_number(enum store_export_state state)
{
    return state == EXPORT_RUNNING ? 1 : state == EXPORT_DONE ? 2 : 3;
}

static enum store_export_state state_of_number(int64_t number)
{
    return number == 1 ? EXPORT_RUNNING : number == 2 ? EXPORT_DONE : EXPORT_FAILED;
}

static int add(struct store *store, struct store_export *export, struct err *err)
{
    struct sql_statement *insert =
        sql_use(store->sql,
                "INSERT INTO export (created_at, query, state, below, matched, done,"
                " bytes, ended_at) VALUES (?1, ?2, ?3, 0, ?4, 0, 0, 0)",
                err);

    if (insert == NULL)
        return -1;
    sql_bind(insert, 1, export->created_at_ms);
    sql_bind_blob(insert, 2, export->query);
    sql_bind(insert, 3, state_to_number(export->state));
    sql_bind(insert, 4, export->matched);
    if (sql_run(insert, err) != 0)
        return -1;
    return sql_number(store->sql, "SELECT seq FROM sqlite_sequence WHERE name = 'export'",
                      0, &export->row, err);
}

int store_put_export(struct store *store, struct store_export *export, struct err *err)
{
    struct sql_statement *update;

    if (export->row == 0)
        return add(store, export, err);
    update = sql_use(store->sql,
                     "UPDATE export SET state = ?2, below = ?3, matched = ?4, done = ?5,"
                     " bytes = ?6, ended_at = ?7, why = ?8 WHERE id = ?1",
                     err);
    if (update == NULL)
        return -1;
    sql_bind(update, 1, export->row);
    sql_bind(update, 2, state_to_number(export->state));
    sql_bind(update, 3, export->below);
    sql_bind(update, 4, export->matched);
    sql_bind(update, 5, export->done);
    sql_bind(update, 6, export->bytes);
    sql_bind(update, 7, export->ended_at_ms);
    sql_bind_text(update, 8, export->why);
    return sql_run(update, err) == 0 ? 0 : -1;
}

int store_remove_export(struct store *store, int64_t row, struct err *err)
{
    struct sql_statement *drop =
        sql_use(store->sql, "DELETE FROM export WHERE id = ?1", err);

    if (drop == NULL)
        return -1;
    sql_bind(drop, 1, row);
    return sql_run(drop, err) == 0 ? 0 : -1;
}

int store_each_export(struct store *store, store_export_fn *fn, void *arg,
                      struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *select =
        sql_use(store->sql,
                "SELECT id, created_at, query, state, below, matched, done, bytes,"
                " ended_at, why FROM export ORDER BY id",
                err);
    int result;

    if (select == NULL)
        return -1;
    while ((result = sql_step(select, err)) == SQL_ROW) {
        const struct store_export export = {
            .row = sql_i64(select, 0),
            .created_at_ms = sql_i64(select, 1),
            .query = sql_bytes(select, 2),
            .state = state_of_number(sql_i64(select, 3)),
            .below = sql_i64(select, 4),
            .matched = sql_i64(select, 5),
            .done = sql_i64(select, 6),
            .bytes = sql_i64(select, 7),
            .ended_at_ms = sql_i64(select, 8),
            .why = sql_bytes(select, 9),
        };

        fn(arg, &export);
    }
    return result;
}
