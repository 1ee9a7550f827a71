/* SPDX-License-Identifier: MIT */

#include "store/inside.h"

/*
 * Forgetting a person: what can be read of their events goes, that they were delivered
 * stays. SQLite overwrites what it frees meanwhile, and the log is emptied at the end.
 */

enum { ERASE_BATCH = 256, INDEX_BATCH = 1024 };

struct erasure {
    struct bytes user_id;
    int64_t up_to;
    int64_t after_row; /* where the next batch begins */
    size_t n_found;    /* in the last batch */
    size_t n_erased;
    int64_t rows[ERASE_BATCH];
};

static int collect(struct store *store, struct erasure *erasure, struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *walk = sql_use(
        store->sql,
        "SELECT id FROM search WHERE user = ?1 AND id > ?2 AND id <= ?3"
        " UNION SELECT id FROM search WHERE anonymous = ?1 AND id > ?2 AND id <= ?3"
        " ORDER BY id LIMIT ?4",
        err);
    int result = -1;

    if (walk == NULL)
        return -1;
    sql_bind_text(walk, 1, erasure->user_id);
    sql_bind(walk, 2, erasure->after_row);
    sql_bind(walk, 3, erasure->up_to);
    sql_bind(walk, 4, ERASE_BATCH);
    erasure->n_found = 0;
    while ((result = sql_step(walk, err)) == SQL_ROW)
        erasure->rows[erasure->n_found++] = sql_i64(walk, 0);
    return result;
}

static int has_ended(struct store *store, int64_t row, bool *ret_ended, struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *select = sql_use(
        store->sql,
        "SELECT coalesce((SELECT state FROM delivery WHERE id = ?1), 0) >= 4 AND NOT "
        "EXISTS"
        " (SELECT 1 FROM delivery WHERE event = ?1 AND replay IS NOT NULL AND state < 4)",
        err);

    if (select == NULL)
        return -1;
    sql_bind(select, 1, row);
    if (sql_step(select, err) != SQL_ROW)
        return -1;
    *ret_ended = sql_i64(select, 0) != 0;
    return 0;
}

static int blank(struct store *store, int64_t row, struct err *err)
{
    static const char *const blank_search =
        "UPDATE search SET name = NULL, user = NULL, anonymous = NULL, grp = NULL,"
        " previous = NULL, message = NULL WHERE id = ?1";
    const char *const statements[] = {
        "UPDATE event SET payload = x'', settings = NULL WHERE id = ?1",
        "UPDATE delivery SET detail = NULL WHERE id = ?1",
        "UPDATE delivery SET detail = NULL WHERE event = ?1 AND replay IS NOT NULL",
        blank_search,
    };

    for (size_t i = 0; i < COUNT(statements); i++) {
        struct sql_statement *statement = sql_use(store->sql, statements[i], err);

        if (statement == NULL)
            return -1;
        sql_bind(statement, 1, row);
        if (sql_run(statement, err) != 0)
            return -1;
    }
    return 0;
}

static int erase_batch(struct store *store, void *arg, struct err *err)
{
    struct erasure *erasure = arg;

    for (size_t i = 0; i < erasure->n_found; i++) {
        bool ended;

        if (has_ended(store, erasure->rows[i], &ended, err) < 0)
            return -1;
        if (!ended)
            continue;
        if (blank(store, erasure->rows[i], err) < 0)
            return -1;
        erasure->n_erased++;
    }
    return 0;
}

/* One batch, but past any number of events that are still on their way. */
static int erase_some(struct store *store, struct erasure *erasure, struct err *err)
{
    size_t n_indexed = 1;

    /* The index finds the user's events, so it must know all of them first. */
    while (n_indexed > 0 && store->indexed < erasure->up_to) {
        if (store_index_step(store, INDEX_BATCH, &n_indexed, err) < 0)
            return -1;
    }
    do {
        if (collect(store, erasure, err) < 0 ||
            store_transact(store, erase_batch, erasure, err) < 0)
            return -1;
        if (erasure->n_found > 0)
            erasure->after_row = erasure->rows[erasure->n_found - 1];
    } while (erasure->n_found == ERASE_BATCH && erasure->n_erased == 0);
    return 0;
}

int store_erase_user(struct store *store, struct bytes user_id, int64_t up_to,
                     size_t *ret_n, struct err *err)
{
    struct erasure erasure = {.user_id = user_id, .up_to = up_to};
    bool is_whole;
    int result;

    if (sql_exec(store->sql, "PRAGMA secure_delete=ON", err) < 0)
        return -1;
    result = erase_some(store, &erasure, err);
    if (sql_exec(store->sql, "PRAGMA secure_delete=OFF", result == 0 ? err : NULL) < 0 ||
        result < 0)
        return -1;
    if (erasure.n_erased > 0 &&
        sql_checkpoint(store->sql, SQL_TRUNCATE, &is_whole, err) < 0)
        return -1;
    *ret_n = erasure.n_erased;
    return 0;
}
