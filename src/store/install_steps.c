/* SPDX-License-Identifier: MIT */

#include "store/install_steps.h"

#include "store/inside.h"
#include "store/reader_rows.h"

static int add_one(struct store *store, int64_t number, struct bytes detail,
                   struct err *err)
{
    struct sql_statement *insert = sql_use(
        store->sql, "INSERT INTO install_step (install, detail) VALUES (?1, ?2)", err);

    if (insert == NULL)
        return -1;
    sql_bind(insert, 1, number);
    sql_bind_text(insert, 2, detail);
    return sql_run(insert, err);
}

static int drop_old(struct store *store, int64_t number, struct err *err)
{
    struct sql_statement *drop =
        sql_use(store->sql,
                "DELETE FROM install_step WHERE install = ?1 AND id <= (SELECT id FROM"
                " install_step WHERE install = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
                err);

    if (drop == NULL)
        return -1;
    sql_bind(drop, 1, number);
    sql_bind(drop, 2, STORE_STEPS);
    return sql_run(drop, err);
}

int store_add_install_steps(struct store *store, int64_t number, struct bytes lines,
                            struct err *err)
{
    while (lines.len > 0) {
        if (add_one(store, number, bytes_take_until(&lines, '\n'), err) != 0)
            return -1;
    }
    return drop_old(store, number, err) == 0 ? 0 : -1;
}

int store_forget_install_steps(struct store *store, int64_t install_row, struct err *err)
{
    struct sql_statement *drop = sql_use(store->sql,
                                         "DELETE FROM install_step WHERE install ="
                                         " (SELECT number FROM install WHERE id = ?1)",
                                         err);

    if (drop == NULL)
        return -1;
    sql_bind(drop, 1, install_row);
    return sql_run(drop, err) == 0 ? 0 : -1;
}

int reader_install_steps(struct reader *reader, int64_t number, struct buf *ret_steps,
                         struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *select = sql_use(
        reader->sql,
        "SELECT detail FROM install_step WHERE install = ?1 ORDER BY id DESC LIMIT ?2",
        err);
    int result;

    if (select == NULL)
        return -1;
    sql_bind(select, 1, number);
    sql_bind(select, 2, STORE_STEPS);
    while ((result = sql_step(select, err)) == SQL_ROW) {
        if (ret_steps->len > 0)
            buf_add_char(ret_steps, ',');
        buf_add(ret_steps, sql_bytes(select, 0));
    }
    return result;
}
