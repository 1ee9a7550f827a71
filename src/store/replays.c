/* SPDX-License-Identifier: MIT */

#include "store/inside.h"

int store_add_replay(struct store *store, struct bytes query, int64_t matched,
                     int64_t now_ms, int64_t *ret_row, struct err *err)
{
    struct sql_statement *insert =
        sql_use(store->sql, "INSERT INTO replay VALUES (?1, ?2, ?3, ?4)", err);
    int64_t row;

    if (insert == NULL ||
        sql_number(store->sql, "SELECT coalesce(max(id), 0) + 1 FROM replay", 1, &row,
                   err) < 0)
        return -1;
    sql_bind(insert, 1, row);
    sql_bind(insert, 2, now_ms);
    sql_bind_blob(insert, 3, query);
    sql_bind(insert, 4, matched);
    if (sql_run(insert, err) != 0)
        return -1;
    *ret_row = row;
    return 0;
}
