/* SPDX-License-Identifier: MIT */

#include "store/minutes.h"

#include "store/inside.h"

int store_put_minute(struct store *store, int64_t minute, struct bytes detail,
                     struct err *err)
{
    struct sql_statement *put =
        sql_use(store->sql, "INSERT OR REPLACE INTO minute VALUES (?1, ?2)", err);

    if (put == NULL)
        return -1;
    sql_bind(put, 1, minute);
    sql_bind_blob(put, 2, detail);
    return sql_run(put, err) == 0 ? 0 : -1;
}

int store_drop_minutes(struct store *store, int64_t before, struct err *err)
{
    struct sql_statement *drop =
        sql_use(store->sql, "DELETE FROM minute WHERE id < ?1", err);

    if (drop == NULL)
        return -1;
    sql_bind(drop, 1, before);
    return sql_run(drop, err) == 0 ? 0 : -1;
}

int store_each_minute(struct store *store, store_minute_fn *fn, void *arg,
                      struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *select =
        sql_use(store->sql, "SELECT id, detail FROM minute ORDER BY id", err);
    int result;

    if (select == NULL)
        return -1;
    while ((result = sql_step(select, err)) == SQL_ROW)
        fn(arg, sql_i64(select, 0), sql_bytes(select, 1));
    return result;
}
