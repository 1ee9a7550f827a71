/* SPDX-License-Identifier: MIT */

#include "store/erase.h"

#include "base/err.h"
#include "store/filed.h"
#include "store/inside.h"

/* SQLite overwrites what it frees meanwhile, and the log is emptied at the end. */

enum { ERASE_BATCH = 256 };

/* One step: some events of one user. */
struct erasure {
    int64_t id;
    struct bytes user_id; /* a slice of text */
    struct buf text;
    int64_t up_to;
    size_t n_found, n_waiting, n_blanked;
    int64_t rows[ERASE_BATCH];
};

enum { USER_ID_MAX = 1 << 20 }; /* as long as an event */

int store_add_erasure(struct store *store, struct bytes user_id, int64_t up_to,
                      struct err *err)
{
    struct sql_statement *insert =
        sql_use(store->sql,
                "INSERT INTO erasure (user, up_to) VALUES (?1, ?2) ON CONFLICT (user) DO"
                " UPDATE SET up_to = max(up_to, excluded.up_to)",
                err);

    if (user_id.len == 0)
        return 0; /* a delete event without a user names nobody */
    if (insert == NULL)
        return -1;
    sql_bind_text(insert, 1, user_id);
    sql_bind(insert, 2, up_to);
    if (sql_run(insert, err) != 0)
        return -1;
    store->has_erasures = true;
    return 0;
}

bool store_has_erasures(const struct store *store)
{
    return store->has_erasures;
}

/* Whose turn it is. 1, 0 when the round is over, -1. */
static int next_erasure(struct store *store, struct erasure *erasure, struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *select = sql_use(
        store->sql,
        "SELECT id, user, up_to FROM erasure WHERE id >= ?1 ORDER BY id LIMIT 1", err);
    int result;

    if (select == NULL)
        return -1;
    sql_bind(select, 1, store->round.erasure);
    result = sql_step(select, err);
    if (result != SQL_ROW)
        return result;
    erasure->id = sql_i64(select, 0);
    buf_init(&erasure->text, USER_ID_MAX);
    if (buf_add(&erasure->text, sql_bytes(select, 1)) < 0)
        return err_set(err, "a user id of more than %d bytes", USER_ID_MAX);
    erasure->user_id = buf_bytes(&erasure->text);
    erasure->up_to = sql_i64(select, 2);
    return 1;
}

/* From these rows on, as many as still fit. */
static int look_through(struct store *store, struct erasure *erasure, int64_t first,
                        int64_t last, struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *walk =
        sql_use(store->sql,
                "SELECT id FROM search WHERE id >= ?2 AND id <= ?3"
                " AND (user = ?1 OR anonymous = ?1) ORDER BY id LIMIT ?4",
                err);
    int result = -1;

    if (walk == NULL)
        return -1;
    sql_bind_text(walk, 1, erasure->user_id);
    sql_bind(walk, 2, first);
    sql_bind(walk, 3, last);
    sql_bind(walk, 4, (int64_t)(ERASE_BATCH - erasure->n_found));
    while ((result = sql_step(walk, err)) == SQL_ROW)
        erasure->rows[erasure->n_found++] = sql_i64(walk, 0);
    return result;
}

/* What is filed only says where the user may be. */
static int collect_slice(struct store *store, struct erasure *erasure, int64_t slice,
                         struct err *err)
{
    const uint64_t key = filed_key(FILED_ID, erasure->user_id);
    struct filed_rows rows = {0};
    int offset;

    if (filed_find(store->sql, slice, key, &rows, err) < 0)
        return -1;
    while (erasure->n_found < ERASE_BATCH && (offset = filed_pop_lowest(&rows)) >= 0) {
        int64_t row = slice_first_row(slice) + offset;

        if (row > store->round.after_row && row <= erasure->up_to &&
            look_through(store, erasure, row, row, err) < 0)
            return -1;
    }
    return 0;
}

static int collect(struct store *store, struct erasure *erasure, struct err *err)
{
    const int64_t first = store->round.after_row + 1;

    for (int64_t slice = slice_of(first);
         slice_first_row(slice) <= store->indexed &&
         slice_first_row(slice) <= erasure->up_to && erasure->n_found < ERASE_BATCH;
         slice++) {
        if (collect_slice(store, erasure, slice, err) < 0)
            return -1;
    }
    if (erasure->n_found == ERASE_BATCH || erasure->up_to <= store->indexed)
        return 0;
    return look_through(store, erasure,
                        first > store->indexed ? first : store->indexed + 1,
                        erasure->up_to, err);
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
        " previous = NULL, message = NULL, size = 0 WHERE id = ?1";
    const char *const statements[] = {
        "UPDATE event SET payload = x'', settings = NULL WHERE id = ?1",
        "UPDATE delivery SET detail = NULL WHERE id = ?1",
        "UPDATE delivery SET detail = NULL WHERE event = ?1 AND replay IS NOT NULL",
        blank_search,
    };

    if (row <= store->indexed && filed_forget(store->sql, row, err) < 0)
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

/* A whole walk over the user's events met none on its way. */
static bool is_done(const struct store *store, const struct erasure *erasure)
{
    return erasure->n_found < ERASE_BATCH && erasure->n_waiting == 0 &&
           !store->round.has_waiting;
}

static int remove_erasure(struct store *store, int64_t id, struct err *err)
{
    struct sql_statement *remove =
        sql_use(store->sql, "DELETE FROM erasure WHERE id = ?1", err);

    if (remove == NULL)
        return -1;
    sql_bind(remove, 1, id);
    return sql_run(remove, err) == 0 ? 0 : -1;
}

static int erase_batch(struct store *store, void *arg, struct err *err)
{
    struct erasure *erasure = arg;

    for (size_t i = 0; i < erasure->n_found; i++) {
        bool ended;

        if (has_ended(store, erasure->rows[i], &ended, err) < 0)
            return -1;
        erasure->n_waiting += !ended;
        erasure->n_blanked += ended;
        if (ended && blank(store, erasure->rows[i], err) < 0)
            return -1;
    }
    return is_done(store, erasure) ? remove_erasure(store, erasure->id, err) : 0;
}

/* What was done is durable: the next step goes on from here. */
static void move_on(struct store *store, const struct erasure *erasure)
{
    struct erase_round *round = &store->round;

    round->has_changed |= erasure->n_blanked > 0 || is_done(store, erasure);
    round->has_waiting |= erasure->n_waiting > 0;
    round->erasure = erasure->id;
    if (erasure->n_found == ERASE_BATCH) {
        round->after_row = erasure->rows[ERASE_BATCH - 1];
        return;
    }
    round->erasure++;
    round->after_row = 0;
    round->has_waiting = false;
}

static int erase_some(struct store *store, struct erasure *erasure, struct err *err)
{
    int result;

    if (sql_exec(store->sql, "PRAGMA secure_delete=ON", err) < 0)
        return -1;
    result = collect(store, erasure, err);
    if (result == 0)
        result = store_transact(store, erase_batch, erasure, err);
    if (sql_exec(store->sql, "PRAGMA secure_delete=OFF", result == 0 ? err : NULL) < 0)
        return -1;
    if (result == 0)
        move_on(store, erasure);
    return result;
}

static int end_round(struct store *store, bool *ret_is_over, struct err *err)
{
    const bool has_changed = store->round.has_changed;
    bool is_whole;
    int64_t has_some;

    if (sql_number(store->sql, "SELECT EXISTS (SELECT 1 FROM erasure)", 0, &has_some,
                   err) < 0)
        return -1;
    store->has_erasures = has_some != 0;
    store->round = (struct erase_round){0};
    *ret_is_over = true;
    if (!has_changed)
        return 0;
    return sql_checkpoint(store->sql, SQL_TRUNCATE, &is_whole, err);
}

int store_erase_step(struct store *store, bool *ret_is_over, struct err *err)
{
    struct erasure erasure = {0};
    int result;

    *ret_is_over = false;
    result = next_erasure(store, &erasure, err);
    if (result == 0)
        return end_round(store, ret_is_over, err);
    if (result > 0)
        result = erase_some(store, &erasure, err);
    buf_done(&erasure.text);
    return result < 0 ? -1 : 0;
}
