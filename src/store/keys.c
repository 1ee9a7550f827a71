/* SPDX-License-Identifier: MIT */

#include "store/keys.h"

#include "base/err.h"
#include "store/inside.h"

int keys_each(struct sql *sql, enum keys_part part, store_key_fn *fn, void *arg,
              struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *walk =
        sql_use(sql,
                "SELECT id, name, subscriptions, hash, created_at, revoked_at, sealed"
                " FROM key ORDER BY id",
                err);
    int result = -1;

    if (walk == NULL)
        return -1;
    while ((result = sql_step(walk, err)) == SQL_ROW) {
        struct bytes hash = sql_bytes(walk, 3);
        struct store_key key = {
            .row = sql_i64(walk, 0),
            .name = sql_bytes(walk, 1),
            .subscriptions = sql_bytes(walk, 2),
            .created_at_ms = sql_i64(walk, 4),
            .revoked_at_ms = sql_i64(walk, 5),
        };

        if (hash.len == STORE_HASH_LEN)
            memcpy(key.hash, hash.ptr, STORE_HASH_LEN);
        if (part == KEYS_WITH_SEALED)
            key.sealed = sql_bytes(walk, 6);
        fn(arg, &key);
    }
    return result;
}

int store_each_key(struct store *store, store_key_fn *fn, void *arg, struct err *err)
{
    return keys_each(store->sql, KEYS_WITH_SEALED, fn, arg, err);
}

int store_new_key_row(struct store *store, int64_t *ret_row, struct err *err)
{
    int64_t highest;

    if (sql_number(store->sql, "SELECT max(id) FROM key", 0, &highest, err) < 0)
        return -1;
    if (store->last_key_row < highest)
        store->last_key_row = highest;
    *ret_row = ++store->last_key_row;
    return 0;
}

/* Columns that must not be NULL take empty text this way. */
static void bind_text(struct sql_statement *statement, int index, struct bytes text)
{
    if (text.len > 0)
        sql_bind_text(statement, index, text);
    else
        sql_bind_blob(statement, index, text);
}

int store_add_key(struct store *store, const struct store_key *key, struct err *err)
{
    struct sql_statement *insert =
        sql_use(store->sql, "INSERT INTO key VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", err);
    int result;

    if (insert == NULL)
        return -1;
    sql_bind(insert, 1, key->row);
    bind_text(insert, 2, key->name);
    bind_text(insert, 3, key->subscriptions);
    sql_bind_blob(insert, 4, bytes_of(key->hash, STORE_HASH_LEN));
    sql_bind_blob(insert, 5, key->sealed);
    sql_bind(insert, 6, key->created_at_ms);
    sql_bind(insert, 7, key->revoked_at_ms);
    result = sql_run(insert, err);
    return result == SQL_EXISTS ? STORE_EXISTS : result;
}

static int revoke(struct sql_statement *update, int64_t row, int64_t now_ms,
                  bool *ret_changed, struct sql *sql, struct err *err)
{
    if (update == NULL)
        return -1;
    sql_bind(update, 1, row);
    sql_bind(update, 2, now_ms);
    if (sql_run(update, err) != 0)
        return -1;
    *ret_changed = sql_n_changed(sql) > 0;
    return 0;
}

int store_revoke_key(struct store *store, int64_t row, int64_t now_ms, bool *ret_changed,
                     struct err *err)
{
    return revoke(sql_use(store->sql,
                          "UPDATE key SET revoked_at = ?2 WHERE id = ?1"
                          " AND (revoked_at = 0 OR revoked_at > ?2)",
                          err),
                  row, now_ms, ret_changed, store->sql, err);
}

int keys_each_token(struct sql *sql, store_token_fn *fn, void *arg, struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *walk = sql_use(
        sql, "SELECT id, name, role, hash, created_at, revoked_at FROM token ORDER BY id",
        err);
    int result = -1;

    if (walk == NULL)
        return -1;
    while ((result = sql_step(walk, err)) == SQL_ROW) {
        struct bytes hash = sql_bytes(walk, 3);
        struct store_token token = {
            .row = sql_i64(walk, 0),
            .name = sql_bytes(walk, 1),
            .role = sql_bytes(walk, 2),
            .created_at_ms = sql_i64(walk, 4),
            .revoked_at_ms = sql_i64(walk, 5),
        };

        if (hash.len == STORE_HASH_LEN)
            memcpy(token.hash, hash.ptr, STORE_HASH_LEN);
        fn(arg, &token);
    }
    return result;
}

int store_each_token(struct store *store, store_token_fn *fn, void *arg, struct err *err)
{
    return keys_each_token(store->sql, fn, arg, err);
}

int store_add_token(struct store *store, const struct store_token *token,
                    int64_t *ret_row, struct err *err)
{
    struct sql_statement *insert =
        sql_use(store->sql, "INSERT INTO token VALUES (?1, ?2, ?3, ?4, ?5, ?6)", err);
    int64_t row;
    int result;

    if (insert == NULL ||
        sql_number(store->sql, "SELECT coalesce(max(id), 0) + 1 FROM token", 1, &row,
                   err) < 0)
        return -1;
    sql_bind(insert, 1, row);
    bind_text(insert, 2, token->name);
    bind_text(insert, 3, token->role);
    sql_bind_blob(insert, 4, bytes_of(token->hash, STORE_HASH_LEN));
    sql_bind(insert, 5, token->created_at_ms);
    sql_bind(insert, 6, token->revoked_at_ms);
    result = sql_run(insert, err);
    if (result == 0)
        *ret_row = row;
    return result == SQL_EXISTS ? STORE_EXISTS : result;
}

int store_revoke_token(struct store *store, int64_t row, int64_t now_ms,
                       bool *ret_changed, struct err *err)
{
    return revoke(
        sql_use(store->sql,
                "UPDATE token SET revoked_at = ?2 WHERE id = ?1 AND revoked_at = 0", err),
        row, now_ms, ret_changed, store->sql, err);
}
