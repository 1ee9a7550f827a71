/* SPDX-License-Identifier: MIT */

#include "store/audit.h"

#include "base/err.h"
#include "store/inside.h"
#include "store/reader_rows.h"

enum { TRIM_EVERY = 128 };

/* Columns that must not be NULL take empty text this way. */
static void bind_text(struct sql_statement *statement, int index, struct bytes text)
{
    if (text.len > 0)
        sql_bind_text(statement, index, text);
    else
        sql_bind_blob(statement, index, text);
}

static int trim_to(struct sql_statement *trim, int64_t n_rows, struct err *err)
{
    if (trim == NULL)
        return -1;
    sql_bind(trim, 1, n_rows);
    return sql_run(trim, err) == 0 ? 0 : -1;
}

/* Numbers have gaps where rows were undone, so what is counted are rows. */
static int trim(struct store *store, struct err *err)
{
    if (trim_to(sql_use(store->sql,
                        "DELETE FROM audit WHERE is_stranger <> 0 AND id <= (SELECT id"
                        " FROM audit WHERE is_stranger <> 0 ORDER BY id DESC"
                        " LIMIT 1 OFFSET ?1)",
                        err),
                STORE_AUDIT_STRANGERS, err) < 0)
        return -1;
    return trim_to(sql_use(store->sql,
                           "DELETE FROM audit WHERE id <= (SELECT id FROM audit"
                           " ORDER BY id DESC LIMIT 1 OFFSET ?1)",
                           err),
                   STORE_AUDIT_ROWS, err);
}

int store_add_audit(struct store *store, const struct store_audit *audit,
                    int64_t *ret_row, struct err *err)
{
    struct sql_statement *insert =
        sql_use(store->sql,
                "INSERT INTO audit (at, actor, role, action, subject, peer, status,"
                " is_stranger) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                err);

    if (insert == NULL)
        return -1;
    sql_bind(insert, 1, audit->at_ms);
    bind_text(insert, 2, audit->actor);
    bind_text(insert, 3, audit->role);
    bind_text(insert, 4, audit->action);
    bind_text(insert, 5, audit->subject);
    bind_text(insert, 6, audit->peer);
    sql_bind(insert, 7, audit->status);
    sql_bind(insert, 8, audit->is_stranger);
    if (sql_run(insert, err) != 0 ||
        sql_number(store->sql, "SELECT max(id) FROM audit", 0, ret_row, err) < 0)
        return -1;
    return *ret_row % TRIM_EVERY == 0 ? trim(store, err) : 0;
}

int store_set_audit_status(struct store *store, int64_t row, int64_t status,
                           struct err *err)
{
    struct sql_statement *update =
        sql_use(store->sql, "UPDATE audit SET status = ?2 WHERE id = ?1", err);

    if (update == NULL)
        return -1;
    sql_bind(update, 1, row);
    sql_bind(update, 2, status);
    return sql_run(update, err) == 0 ? 0 : -1;
}

#define OF_ACTOR                                                                         \
    " (coalesce(length(?1), 0) = 0 OR actor = ?1 COLLATE NOCASE"                         \
    " OR actor = 'user ' || ?1 COLLATE NOCASE OR actor = 'token ' || ?1 COLLATE NOCASE)"

static int count_of(struct sql *sql, struct store_audit_page *page, struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *count =
        sql_use(sql, "SELECT count(*) FROM audit WHERE" OF_ACTOR, err);

    if (count == NULL)
        return -1;
    bind_text(count, 1, page->actor);
    if (sql_step(count, err) != SQL_ROW)
        return -1;
    page->total = sql_i64(count, 0);
    return 0;
}

int reader_audit(struct reader *reader, struct store_audit_page *page, store_audit_fn *fn,
                 void *arg, struct err *err)
{
    struct sql *sql = reader->sql;
    cleanup(sql_resetp) struct sql_statement *walk = NULL;
    int result;

    if (count_of(sql, page, err) < 0)
        return -1;
    walk = sql_use(sql,
                   "SELECT id, at, actor, role, action, subject, peer, status FROM audit"
                   " WHERE" OF_ACTOR " AND id < ?2 ORDER BY id DESC LIMIT ?3",
                   err);
    if (walk == NULL)
        return -1;
    bind_text(walk, 1, page->actor);
    sql_bind(walk, 2, page->before > 0 ? page->before : INT64_MAX);
    sql_bind(walk, 3, page->limit);
    while ((result = sql_step(walk, err)) == SQL_ROW) {
        const struct store_audit audit = {
            .row = sql_i64(walk, 0),
            .at_ms = sql_i64(walk, 1),
            .actor = sql_bytes(walk, 2),
            .role = sql_bytes(walk, 3),
            .action = sql_bytes(walk, 4),
            .subject = sql_bytes(walk, 5),
            .peer = sql_bytes(walk, 6),
            .status = sql_i64(walk, 7),
        };

        fn(arg, &audit);
    }
    return result;
}
