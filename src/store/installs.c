/* SPDX-License-Identifier: MIT */

#include "store/installs.h"

#include "base/arena.h"
#include "base/err.h"
#include "store/inside.h"
#include "store/install_steps.h"

enum { EXPIRED_PER_ADD = 64 }; /* more than come in: it shrinks, and nobody waits */

/* The next number of @literal's table, one that was handed out already excepted. */
static int next_row(struct store *store, const char *literal, int64_t *last_row,
                    int64_t *ret_row, struct err *err)
{
    int64_t highest;

    if (sql_number(store->sql, literal, 0, &highest, err) < 0)
        return -1;
    if (*last_row < highest)
        *last_row = highest;
    *ret_row = ++*last_row;
    return 0;
}

/* --- attempts --------------------------------------------------------------------- */

int store_new_attempt_row(struct store *store, int64_t *ret_row, struct err *err)
{
    return next_row(store, "SELECT seq FROM sqlite_sequence WHERE name = 'oauth_attempt'",
                    &store->last_attempt_row, ret_row, err);
}

static int remove_expired(struct store *store, int64_t now_ms, size_t max_rows,
                          struct err *err)
{
    struct sql_statement *statement =
        sql_use(store->sql,
                "DELETE FROM oauth_attempt WHERE id IN (SELECT id FROM oauth_attempt"
                " WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)",
                err);

    if (statement == NULL)
        return -1;
    sql_bind(statement, 1, now_ms);
    sql_bind(statement, 2, (int64_t)max_rows);
    return sql_run(statement, err) == 0 ? 0 : -1;
}

/* Numbers are given in order, so this is the newest's window and no walk. */
static int remove_oldest(struct store *store, int64_t newest, struct err *err)
{
    struct sql_statement *statement =
        sql_use(store->sql, "DELETE FROM oauth_attempt WHERE id <= ?1", err);

    if (statement == NULL)
        return -1;
    sql_bind(statement, 1, newest - STORE_MAX_ATTEMPTS);
    return sql_run(statement, err) == 0 ? 0 : -1;
}

int store_add_attempt(struct store *store, const struct store_oauth_attempt *attempt,
                      int64_t now_ms, struct err *err)
{
    struct sql_statement *insert;
    int result;

    if (remove_expired(store, now_ms - STORE_LATE_MS, EXPIRED_PER_ADD, err) < 0 ||
        remove_oldest(store, attempt->row, err) < 0)
        return -1;
    insert = sql_use(store->sql,
                     "INSERT INTO oauth_attempt VALUES (?1, ?2, ?3, ?4, ?5, ?6)", err);
    if (insert == NULL)
        return -1;
    sql_bind(insert, 1, attempt->row);
    sql_bind_blob(insert, 2, bytes_of(attempt->state_hash, STORE_HASH_LEN));
    sql_bind_blob(insert, 3, bytes_of(attempt->cookie_hash, STORE_HASH_LEN));
    sql_bind_text(insert, 4, attempt->subscription);
    sql_bind_bytes(insert, 5, attempt->sealed);
    sql_bind(insert, 6, attempt->expires_at_ms);
    result = sql_run(insert, err);
    return result == SQL_EXISTS ? STORE_EXISTS : result;
}

static struct bytes keep(struct arena *arena, struct bytes text)
{
    return text.len == 0 ? bytes_of(NULL, 0)
                         : bytes_of(arena_copy(arena, text), text.len);
}

static bool is_hash(struct bytes stored, const uint8_t hash[STORE_HASH_LEN])
{
    return bytes_eq(stored, bytes_of(hash, STORE_HASH_LEN));
}

/* SQL_ROW: it is there, from this browser. */
static int find_attempt(struct store *store, const struct store_claim *claim,
                        struct arena *arena, struct store_oauth_attempt *attempt,
                        struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *select =
        sql_use(store->sql,
                "SELECT id, cookie, subscription, sealed, expires_at"
                " FROM oauth_attempt WHERE state = ?1",
                err);
    int result;

    if (select == NULL)
        return -1;
    sql_bind_blob(select, 1, bytes_of(claim->state_hash, STORE_HASH_LEN));
    result = sql_step(select, err);
    if (result != SQL_ROW || !is_hash(sql_bytes(select, 1), claim->cookie_hash))
        return result < 0 ? -1 : 0;
    *attempt = (struct store_oauth_attempt){
        .row = sql_i64(select, 0),
        .subscription = keep(arena, sql_bytes(select, 2)),
        .sealed = keep(arena, sql_bytes(select, 3)),
        .expires_at_ms = sql_i64(select, 4),
    };
    memcpy(attempt->state_hash, claim->state_hash, STORE_HASH_LEN);
    memcpy(attempt->cookie_hash, claim->cookie_hash, STORE_HASH_LEN);
    return SQL_ROW;
}

static int remove_row(struct store *store, const char *literal, int64_t row,
                      struct err *err)
{
    struct sql_statement *statement = sql_use(store->sql, literal, err);

    if (statement == NULL)
        return -1;
    sql_bind(statement, 1, row);
    return sql_run(statement, err) == 0 ? 0 : -1;
}

int store_take_attempt(struct store *store, const struct store_claim *claim,
                       struct arena *arena, struct store_oauth_attempt *ret_attempt,
                       struct err *err)
{
    struct store_oauth_attempt attempt = {0};
    int result = find_attempt(store, claim, arena, &attempt, err);

    if (result != SQL_ROW)
        return result < 0 ? -1 : STORE_NONE;
    if (remove_row(store, "DELETE FROM oauth_attempt WHERE id = ?1", attempt.row, err) <
        0)
        return -1;
    if (attempt.expires_at_ms <= claim->now_ms)
        return STORE_LATE;
    *ret_attempt = attempt;
    return 0;
}

struct expiry {
    int64_t now_ms;
    size_t max_rows;
};

static int expire(struct store *store, void *arg, struct err *err)
{
    const struct expiry *expiry = arg;

    return remove_expired(store, expiry->now_ms, expiry->max_rows, err);
}

int store_expire_step(struct store *store, int64_t now_ms, size_t max_rows, size_t *ret_n,
                      struct err *err)
{
    struct expiry expiry = {.now_ms = now_ms - STORE_LATE_MS, .max_rows = max_rows};
    int64_t first_ms;

    *ret_n = 0;
    /* Nothing to do, which is nearly always, is no write. */
    if (sql_number(store->sql, "SELECT min(expires_at) FROM oauth_attempt", INT64_MAX,
                   &first_ms, err) < 0)
        return -1;
    if (first_ms > expiry.now_ms)
        return 0;
    if (store_transact(store, expire, &expiry, err) < 0)
        return -1;
    *ret_n = (size_t)sql_n_changed(store->sql);
    return 0;
}

/* --- installs --------------------------------------------------------------------- */

int store_new_install_row(struct store *store, int64_t *ret_row, struct err *err)
{
    return next_row(store, "SELECT seq FROM sqlite_sequence WHERE name = 'install'",
                    &store->last_install_row, ret_row, err);
}

#define COLUMNS                                                                          \
    "SELECT id, number, app, workspace, source, scope, subscription, destination,"       \
    " state, sealed, expires_at, generation, key, was_created, drift, fault,"            \
    " created_at, updated_at, synced_at FROM install"

static struct store_install read_install(struct sql_statement *row)
{
    return (struct store_install){
        .row = sql_i64(row, 0),
        .number = sql_i64(row, 1),
        .app = sql_bytes(row, 2),
        .workspace = sql_bytes(row, 3),
        .source = sql_bytes(row, 4),
        .scope = sql_bytes(row, 5),
        .subscription = sql_bytes(row, 6),
        .destination = sql_bytes(row, 7),
        .state = sql_bytes(row, 8),
        .sealed = sql_bytes(row, 9),
        .expires_at_ms = sql_i64(row, 10),
        .generation = sql_i64(row, 11),
        .key = sql_i64(row, 12),
        .was_created = sql_i64(row, 13) != 0,
        .drift = sql_bytes(row, 14),
        .fault = sql_bytes(row, 15),
        .created_at_ms = sql_i64(row, 16),
        .updated_at_ms = sql_i64(row, 17),
        .synced_at_ms = sql_i64(row, 18),
    };
}

static void keep_texts(struct arena *arena, struct store_install *install)
{
    struct bytes *const texts[] = {
        &install->app,          &install->workspace,   &install->source, &install->scope,
        &install->subscription, &install->destination, &install->state,  &install->sealed,
        &install->drift,        &install->fault,
    };

    for (size_t i = 0; i < COUNT(texts); i++)
        *texts[i] = keep(arena, *texts[i]);
}

int store_find_install(struct store *store, int64_t number, struct arena *arena,
                       struct store_install *ret_install, struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *select =
        sql_use(store->sql, COLUMNS " WHERE number = ?1", err);
    int result;

    if (select == NULL)
        return -1;
    sql_bind(select, 1, number);
    result = sql_step(select, err);
    if (result != SQL_ROW)
        return result < 0 ? -1 : STORE_NONE;
    *ret_install = read_install(select);
    keep_texts(arena, ret_install);
    return 0;
}

/* Where the install goes: to the row of its number, to its own, to a new one. */
static int choose_row(struct store *store, const struct store_install *install,
                      int64_t *ret_row, struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *select =
        sql_use(store->sql, "SELECT id FROM install WHERE number = ?1", err);
    int result;

    if (select == NULL)
        return -1;
    sql_bind(select, 1, install->number);
    result = sql_step(select, err);
    if (result < 0)
        return -1;
    if (result == SQL_ROW)
        *ret_row = sql_i64(select, 0);
    else if (install->row != 0)
        *ret_row = install->row;
    else
        return store_new_install_row(store, ret_row, err);
    return 0;
}

static void bind_install(struct sql_statement *put, const struct store_install *install)
{
    sql_bind(put, 2, install->number);
    sql_bind_text(put, 3, install->app);
    sql_bind_text(put, 4, install->workspace);
    sql_bind_text(put, 5, install->source);
    sql_bind_text(put, 6, install->scope);
    sql_bind_text(put, 7, install->subscription);
    sql_bind_text(put, 8, install->destination);
    sql_bind_text(put, 9, install->state);
    sql_bind_bytes(put, 10, install->sealed);
    sql_bind(put, 11, install->expires_at_ms);
    sql_bind(put, 12, install->generation);
    sql_bind(put, 13, install->key);
    sql_bind(put, 14, install->was_created);
    sql_bind_text(put, 15, install->drift);
    sql_bind_text(put, 16, install->fault);
    sql_bind(put, 17, install->created_at_ms);
    sql_bind(put, 18, install->updated_at_ms);
    sql_bind(put, 19, install->synced_at_ms);
}

int store_put_install(struct store *store, const struct store_install *install,
                      int64_t *ret_row, struct err *err)
{
    struct sql_statement *put;
    int64_t row;

    if (choose_row(store, install, &row, err) < 0)
        return -1;
    /* It would never open again. */
    if (install->sealed.len > 0 && install->row != row)
        return err_set(err, "the token of installs/%lld is sealed for row %lld, not %lld",
                       (long long)install->number, (long long)install->row,
                       (long long)row);
    put = sql_use(store->sql,
                  "REPLACE INTO install VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,"
                  " iif(?10 IS NULL, NULL, coalesce((SELECT sealed FROM install"
                  " WHERE id = ?1 AND number = ?2 AND generation = ?12), ?10)),"
                  " ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)",
                  err);
    if (put == NULL)
        return -1;
    sql_bind(put, 1, row);
    bind_install(put, install);
    if (sql_run(put, err) != 0)
        return -1;
    *ret_row = row;
    return 0;
}

int store_renew_install(struct store *store, const struct store_renewal *renewal,
                        bool *ret_won, struct err *err)
{
    struct sql_statement *update =
        sql_use(store->sql,
                "UPDATE install SET sealed = ?3, expires_at = ?4, updated_at = ?5,"
                " generation = generation + 1 WHERE id = ?1 AND generation = ?2",
                err);

    if (update == NULL)
        return -1;
    sql_bind(update, 1, renewal->row);
    sql_bind(update, 2, renewal->generation);
    sql_bind_bytes(update, 3, renewal->sealed);
    sql_bind(update, 4, renewal->expires_at_ms);
    sql_bind(update, 5, renewal->now_ms);
    if (sql_run(update, err) != 0)
        return -1;
    *ret_won = sql_n_changed(store->sql) > 0;
    return 0;
}

int store_forget_install(struct store *store, int64_t row, bool *ret_changed,
                         struct err *err)
{
    if (store_forget_install_steps(store, row, err) < 0 ||
        remove_row(store, "DELETE FROM install WHERE id = ?1", row, err) < 0)
        return -1;
    *ret_changed = sql_n_changed(store->sql) > 0;
    return 0;
}

static int walk(struct sql *sql, bool with_sealed, store_install_fn *fn, void *arg,
                struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *walk =
        sql_use(sql, COLUMNS " ORDER BY id DESC", err);
    int result = -1;

    if (walk == NULL)
        return -1;
    while ((result = sql_step(walk, err)) == SQL_ROW) {
        struct store_install install = read_install(walk);

        if (!with_sealed)
            install.sealed = bytes_of(NULL, 0);
        fn(arg, &install);
    }
    return result;
}

int store_each_install(struct store *store, store_install_fn *fn, void *arg,
                       struct err *err)
{
    return walk(store->sql, /* with_sealed= */ true, fn, arg, err);
}

int installs_each(struct sql *sql, store_install_fn *fn, void *arg, struct err *err)
{
    return walk(sql, /* with_sealed= */ false, fn, arg, err);
}
