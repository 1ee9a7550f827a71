/* SPDX-License-Identifier: MIT */

#include "store/inside.h"

int store_load_tally(struct store *store, struct store_tally *ret, struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *row = sql_use(
        store->sql,
        "SELECT accepted, duplicates, replayed, delivered, discarded, dead, attempts"
        " FROM progress",
        err);

    if (row == NULL || sql_step(row, err) != SQL_ROW)
        return -1;
    *ret = (struct store_tally){
        .accepted = sql_i64(row, 0),
        .duplicates = sql_i64(row, 1),
        .replayed = sql_i64(row, 2),
        .delivered = sql_i64(row, 3),
        .discarded = sql_i64(row, 4),
        .dead = sql_i64(row, 5),
        .attempts = sql_i64(row, 6),
    };
    return 0;
}

int store_save_tally(struct store *store, const struct store_tally *tally,
                     struct err *err)
{
    struct sql_statement *update =
        sql_use(store->sql,
                "UPDATE progress SET accepted = ?1, duplicates = ?2, replayed = ?3,"
                " delivered = ?4, discarded = ?5, dead = ?6, attempts = ?7",
                err);

    if (update == NULL)
        return -1;
    sql_bind(update, 1, tally->accepted);
    sql_bind(update, 2, tally->duplicates);
    sql_bind(update, 3, tally->replayed);
    sql_bind(update, 4, tally->delivered);
    sql_bind(update, 5, tally->discarded);
    sql_bind(update, 6, tally->dead);
    sql_bind(update, 7, tally->attempts);
    return sql_run(update, err) == 0 ? 0 : -1;
}
