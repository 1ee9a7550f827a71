/* SPDX-License-Identifier: MIT */

#include <stdio.h>

#include "base/mem.h"
#include "store/filed.h"
#include "store/inside.h"

/*
 * Growth is bounded: events whose deliveries have all ended leave after the retention,
 * and marks after the window. Events still on their way are passed by, however old.
 */

enum { LOOKS_PER_EVENT = 8, MIN_LOOKS = 1024 };

struct pass {
    int64_t before_ms, now_ms;
    size_t max_events;
    int64_t *rows; /* to be removed */
    size_t n_rows;
    int64_t next_row; /* where the next step looks on; 0: at the start */
};

/* The oldest rows from the cursor on. The third column: all its deliveries have ended. */
static struct sql_statement *use_walk(struct store *store, const struct pass *pass,
                                      struct err *err)
{
    struct sql_statement *walk = sql_use(
        store->sql,
        "SELECT e.id, e.received_at, coalesce(d.state, 0) >= 4 AND NOT EXISTS (SELECT 1 "
        "FROM"
        " delivery AS r WHERE r.event = e.id AND r.replay IS NOT NULL AND r.state < 4)"
        " FROM event AS e LEFT JOIN delivery AS d ON d.id = e.id"
        " WHERE e.id >= ?1 AND e.id <= ?2 ORDER BY e.id LIMIT ?3",
        err);

    if (walk == NULL)
        return NULL;
    sql_bind(walk, 1, store->retain_from);
    sql_bind(walk, 2, store->last_row);
    sql_bind(walk, 3, (int64_t)(LOOKS_PER_EVENT * pass->max_events + MIN_LOOKS));
    return walk;
}

/* Rows are in order of time but for jumps of the clock: a time that has not come yet says
 * nothing about the rows after it. */
static bool is_end(const struct pass *pass, int64_t received_at_ms)
{
    return received_at_ms >= pass->before_ms && received_at_ms <= pass->now_ms;
}

static int collect(struct store *store, struct pass *pass, struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *walk = use_walk(store, pass, err);
    size_t n_looks = 0;
    int result = -1;

    if (walk == NULL)
        return -1;
    while ((result = sql_step(walk, err)) == SQL_ROW && pass->n_rows < pass->max_events) {
        int64_t row = sql_i64(walk, 0);

        if (is_end(pass, sql_i64(walk, 1))) {
            n_looks = 0;
            break;
        }
        n_looks++;
        pass->next_row = row + 1;
        if (sql_i64(walk, 1) < pass->before_ms && sql_i64(walk, 2) != 0)
            pass->rows[pass->n_rows++] = row;
    }
    if (result < 0)
        return -1;
    if (result == 0 && n_looks < LOOKS_PER_EVENT * pass->max_events + MIN_LOOKS)
        pass->next_row = 0;
    if (n_looks == 0)
        pass->next_row = 0;
    return 0;
}

/* A duplicate is known for longer than its event may be kept. */
static int keep_mark(struct store *store, const struct pass *pass, int64_t row,
                     struct err *err)
{
    struct sql_statement *keep =
        sql_use(store->sql,
                "INSERT OR IGNORE INTO mark_left SELECT id, received_at, mark FROM event"
                " WHERE id = ?1 AND mark IS NOT NULL AND received_at > ?2",
                err);

    if (keep == NULL)
        return -1;
    sql_bind(keep, 1, row);
    sql_bind(keep, 2, pass->now_ms - store->options.dedupe_ms);
    return sql_run(keep, err) == 0 ? 0 : -1;
}

static int remove_one(struct store *store, const struct pass *pass, int64_t row,
                      struct err *err)
{
    static const char *const statements[] = {
        "DELETE FROM event WHERE id = ?1",
        "DELETE FROM search WHERE id = ?1",
        "DELETE FROM delivery WHERE id = ?1",
        "DELETE FROM delivery WHERE event = ?1 AND replay IS NOT NULL",
    };

    if (row > store->indexed && keep_mark(store, pass, row, err) < 0)
        return -1;
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

/* What is filed of rows below which there are no events. */
static int drop_slices(struct store *store, struct err *err)
{
    int64_t first;

    if (sql_number(store->sql, "SELECT min(id) FROM event", store->last_row, &first,
                   err) < 0 ||
        filed_drop(store->sql, first, err) < 0)
        return -1;
    return sql_exec(
        store->sql,
        "DELETE FROM span WHERE id <"
        " coalesce((SELECT min(id) FROM event), (SELECT last_row FROM progress))"
        " / 1024",
        err);
}

static int remove_rows(struct store *store, void *arg, struct err *err)
{
    const struct pass *pass = arg;
    /* The removed rows may be the highest: their numbers must not come again. */
    struct sql_statement *update =
        sql_use(store->sql, "UPDATE progress SET last_row = ?1", err);

    if (update == NULL)
        return -1;
    sql_bind(update, 1, store->last_row);
    if (sql_run(update, err) != 0)
        return -1;
    for (size_t i = 0; i < pass->n_rows; i++) {
        if (remove_one(store, pass, pass->rows[i], err) < 0)
            return -1;
    }
    return drop_slices(store, err);
}

static int drop_marks(struct store *store, const struct pass *pass, struct err *err)
{
    const int64_t before_ms = pass->now_ms - store->options.dedupe_ms;
    bool dropped;

    if (sql_begin(store->sql, err) < 0)
        return -1;
    if (dedupe_drop(&store->dedupe, store->sql, before_ms, &dropped, err) < 0 ||
        sql_commit(store->sql, err) < 0) {
        store_rollback(store);
        return -1;
    }
    if (dropped)
        dedupe_forget_oldest(&store->dedupe);
    return 0;
}

/* A replay that has no deliveries left. The newest stays: it keeps its number taken. */
static int remove_replays(struct store *store, void *arg, struct err *err)
{
    const struct pass *pass = arg;
    struct sql_statement *statement =
        sql_use(store->sql,
                "DELETE FROM replay WHERE created_at < ?1 AND id <"
                " (SELECT max(id) FROM replay) AND NOT EXISTS (SELECT 1 FROM delivery"
                " WHERE delivery.replay = replay.id AND delivery.replay IS NOT NULL)",
                err);

    if (statement == NULL)
        return -1;
    sql_bind(statement, 1, pass->before_ms);
    return sql_run(statement, err) == 0 ? 0 : -1;
}

static int run_pass(struct store *store, struct pass *pass, struct err *err)
{
    if (collect(store, pass, err) < 0 || drop_marks(store, pass, err) < 0)
        return -1;
    if (pass->n_rows > 0 && store_transact(store, remove_rows, pass, err) < 0)
        return -1;
    store->retain_from = pass->next_row;
    return pass->next_row == 0 ? store_transact(store, remove_replays, pass, err) : 0;
}

int store_retain_step(struct store *store, int64_t before_ms, int64_t now_ms,
                      size_t max_events, size_t *ret_n, struct err *err)
{
    struct pass pass = {.before_ms = before_ms,
                        .now_ms = now_ms,
                        .max_events = max_events,
                        .rows = mem_zero((max_events + 1) * sizeof(*pass.rows)),
                        .next_row = store->retain_from};
    int result = run_pass(store, &pass, err);

    free(pass.rows);
    if (result == 0)
        *ret_n = pass.n_rows;
    return result;
}
