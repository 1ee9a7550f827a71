/* SPDX-License-Identifier: MIT */

#include <assert.h>

#include "base/err.h"
#include "store/attempts.h"
#include "store/inside.h"

/* The numbers are in files; schema/0001.sql and the statements below say them again. */
static_assert(DELIVERY_QUEUED == 1 && DELIVERY_RETRYING == 3 && DELIVERY_DELIVERED == 4 &&
                  DELIVERY_DISCARDED == 5 && DELIVERY_DEAD == 6,
              "states are stored as their numbers");

static void bind_changing(struct sql_statement *statement,
                          const struct store_delivery *delivery, struct bytes detail)
{
    sql_bind(statement, 1, delivery->row);
    sql_bind(statement, 2, delivery->function_version);
    sql_bind(statement, 3, (int64_t)delivery->state);
    sql_bind(statement, 4, delivery->attempts);
    sql_bind(statement, 5, delivery->first_attempt_ms);
    sql_bind(statement, 6, delivery->next_at_ms);
    sql_bind(statement, 7, delivery->settled_at_ms);
    /* What has an error was not delivered: a search for errors relies on it. */
    if (delivery->state != DELIVERY_DELIVERED)
        sql_bind_text(statement, 8, delivery->error_name);
    else
        sql_bind_null(statement, 8);
    sql_bind_text(statement, 9, detail);
}

static int update(struct store *store, const struct store_delivery *delivery,
                  struct bytes detail, struct err *err)
{
    struct sql_statement *statement =
        sql_use(store->sql,
                "UPDATE delivery SET function_version = ?2, state = ?3, attempts = ?4,"
                " first_attempt = ?5, next_at = ?6, settled_at = ?7, error_name = ?8,"
                " detail = ?9 WHERE id = ?1",
                err);

    if (statement == NULL)
        return -1;
    bind_changing(statement, delivery, detail);
    return sql_run(statement, err) == 0 ? 0 : -1;
}

/* The row is there: add the attempt to what it has. */
static int change(struct store *store, const struct store_delivery *delivery,
                  struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *stored =
        sql_use(store->sql, "SELECT state, detail FROM delivery WHERE id = ?1", err);
    cleanup(buf_done) struct buf joined = {0};
    int result;

    if (stored == NULL)
        return -1;
    sql_bind(stored, 1, delivery->row);
    result = sql_step(stored, err);
    if (result != SQL_ROW)
        return result;
    if (delivery_is_terminal((enum delivery_state)sql_i64(stored, 0)))
        return err_set(err, "delivery row %lld has ended already",
                       (long long)delivery->row);
    buf_init(&joined, sql_bytes(stored, 1).len + delivery->attempt_json.len + 2);
    if (attempts_join(sql_bytes(stored, 1), delivery->attempt_json, ATTEMPTS_MAX_BYTES,
                      &joined) != 0)
        return err_set(err, "the attempts of delivery row %lld are too large",
                       (long long)delivery->row);
    sql_reset(stored);
    return update(store, delivery, buf_bytes(&joined), err);
}

int store_put_delivery(struct store *store, const struct store_delivery *delivery,
                       struct err *err)
{
    struct sql_statement *insert = sql_use(
        store->sql,
        "INSERT INTO delivery (id, function_version, state, attempts, first_attempt, "
        "next_at,"
        " settled_at, error_name, detail, event, created_at, subscription, replay)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        err);
    int result;

    if (insert == NULL)
        return -1;
    bind_changing(insert, delivery, delivery->attempt_json);
    sql_bind(insert, 10, delivery->event);
    sql_bind(insert, 11, delivery->created_at_ms);
    sql_bind(insert, 12, delivery->subscription);
    if (delivery->replay != 0)
        sql_bind(insert, 13, delivery->replay);
    result = sql_run(insert, err);
    return result == SQL_EXISTS ? change(store, delivery, err) : result;
}

int store_supersede_dead(struct store *store, int64_t delivery_row, int64_t replay,
                         struct err *err)
{
    struct sql_statement *statement =
        sql_use(store->sql,
                "UPDATE delivery SET superseded = ?2"
                " WHERE id = ?1 AND state = 6 AND superseded = 0",
                err);

    if (statement == NULL)
        return -1;
    sql_bind(statement, 1, delivery_row);
    sql_bind(statement, 2, replay);
    return sql_run(statement, err) == 0 ? 0 : -1;
}

int store_discard_dead(struct store *store, int64_t delivery_row, int64_t now_ms,
                       bool *ret_changed, struct err *err)
{
    struct sql_statement *statement =
        sql_use(store->sql,
                "UPDATE delivery SET state = 5, settled_at = ?2,"
                " error_name = 'discarded by operator'"
                " WHERE id = ?1 AND state = 6 AND superseded = 0",
                err);

    if (statement == NULL)
        return -1;
    sql_bind(statement, 1, delivery_row);
    sql_bind(statement, 2, now_ms);
    if (sql_run(statement, err) != 0)
        return -1;
    *ret_changed = sql_n_changed(store->sql) > 0;
    return 0;
}
