/* SPDX-License-Identifier: MIT */

#include "base/err.h"
#include "store/inside.h"

/* Things that have a name and a number: subscriptions, function versions, endpoints. */

/* The number that @find answers with for what was bound; 0 when there is none. */
static int find_number(struct sql_statement *find, int64_t *ret_number, struct err *err)
{
    int result = sql_step(find, err);

    *ret_number = result == SQL_ROW ? sql_i64(find, 0) : 0;
    sql_reset(find);
    return result < 0 ? -1 : 0;
}

int store_subscription(struct store *store, struct bytes name, uint16_t *ret_number,
                       struct err *err)
{
    struct sql_statement *find =
        sql_use(store->sql, "SELECT id FROM subscription WHERE name = ?1", err);
    struct sql_statement *insert;
    int64_t number;

    if (find == NULL)
        return -1;
    sql_bind_text(find, 1, name);
    if (find_number(find, &number, err) < 0)
        return -1;
    if (number == 0) {
        if (sql_number(store->sql, "SELECT coalesce(max(id), 0) + 1 FROM subscription", 1,
                       &number, err) < 0)
            return -1;
        if (number > UINT16_MAX)
            return err_set(err, "the store knows %d subscriptions, and no more fit",
                           UINT16_MAX);
        insert = sql_use(store->sql, "INSERT INTO subscription VALUES (?1, ?2)", err);
        if (insert == NULL)
            return -1;
        sql_bind(insert, 1, number);
        sql_bind_text(insert, 2, name);
        if (sql_run(insert, err) != 0)
            return -1;
    }
    *ret_number = (uint16_t)number;
    return 0;
}

static int add_version(struct store *store, struct bytes name,
                       const uint8_t sha256[SHA256_LEN], struct bytes source,
                       int64_t now_ms, struct err *err)
{
    struct sql_statement *insert =
        sql_use(store->sql,
                "INSERT INTO function_version (name, sha256, source, created_at)"
                " VALUES (?1, ?2, ?3, ?4)",
                err);

    if (insert == NULL)
        return -1;
    sql_bind_text(insert, 1, name);
    sql_bind_blob(insert, 2, bytes_of(sha256, SHA256_LEN));
    sql_bind_blob(insert, 3, source);
    sql_bind(insert, 4, now_ms);
    return sql_run(insert, err) == 0 ? 0 : -1;
}

static int find_version(struct store *store, struct bytes name,
                        const uint8_t sha256[SHA256_LEN], int64_t *ret_version,
                        struct err *err)
{
    struct sql_statement *find =
        sql_use(store->sql,
                "SELECT id FROM function_version WHERE name = ?1 AND sha256 = ?2", err);

    if (find == NULL)
        return -1;
    sql_bind_text(find, 1, name);
    sql_bind_blob(find, 2, bytes_of(sha256, SHA256_LEN));
    return find_number(find, ret_version, err);
}

/* Seven, one too many: they are the columns of a row. */
/* NOLINTNEXTLINE(readability-function-size) */
int store_function_version(struct store *store, struct bytes name,
                           const uint8_t sha256[SHA256_LEN], struct bytes source,
                           int64_t now_ms, int64_t *ret_version, struct err *err)
{
    int64_t version;

    if (find_version(store, name, sha256, &version, err) < 0)
        return -1;
    if (version == 0 && (add_version(store, name, sha256, source, now_ms, err) < 0 ||
                         find_version(store, name, sha256, &version, err) < 0))
        return -1;
    *ret_version = version;
    return 0;
}

int store_set_paused(struct store *store, struct bytes endpoint, bool is_paused,
                     int64_t now_ms, struct err *err)
{
    struct sql_statement *change =
        is_paused
            ? sql_use(store->sql, "INSERT OR IGNORE INTO paused VALUES (?1, ?2)", err)
            : sql_use(store->sql, "DELETE FROM paused WHERE endpoint = ?1", err);

    if (change == NULL)
        return -1;
    sql_bind_text(change, 1, endpoint);
    if (is_paused)
        sql_bind(change, 2, now_ms);
    return sql_run(change, err) == 0 ? 0 : -1;
}

int store_each_paused(struct store *store, store_name_fn *fn, void *arg, struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *walk =
        sql_use(store->sql, "SELECT endpoint FROM paused ORDER BY endpoint", err);
    int result = -1;

    if (walk == NULL)
        return -1;
    while ((result = sql_step(walk, err)) == SQL_ROW)
        fn(arg, sql_bytes(walk, 0));
    return result;
}
