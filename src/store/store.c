/* SPDX-License-Identifier: MIT */

#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "segment/event.h"
#include "store/folder.h"
#include "store/inside.h"
#include "store/lock.h"
#include "store/migrate.h"
#include "store/slice.h"
#include "store/upgrade.h"

enum { TAIL_MAX_ROWS = 65536 };

/* SQLite would make the file readable for everybody; its log takes the file's mode. */
static int make_private(const char *path, struct err *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd >= 0)
        close(fd);
    return fd >= 0 || errno == EEXIST ? 0 : err_sys(err, "create %s", path);
}

/* Numbers of undone transactions are in no table, but the low-water mark and the
 * background may have passed them: an event below either would be overlooked. */
static int load_last_row(struct store *store, struct err *err)
{
    return sql_number(store->sql,
                      "SELECT max(last_row, low_water - 1, indexed,"
                      " (SELECT coalesce(max(id), 0) FROM event),"
                      " (SELECT coalesce(max(id), 0) FROM delivery)) FROM progress",
                      0, &store->last_row, err);
}

static int load_marks(struct store *store, int64_t from, int64_t up_to, struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *walk =
        sql_use(store->sql,
                "SELECT id, received_at, mark FROM event WHERE id >= ?1 AND id <= ?2"
                " UNION ALL SELECT event, received_at, mark FROM mark_left"
                " WHERE event >= ?1 AND event <= ?2 ORDER BY 1",
                err);
    int result = -1;

    if (walk == NULL)
        return -1;
    sql_bind(walk, 1, from);
    sql_bind(walk, 2, up_to);
    while ((result = sql_step(walk, err)) == SQL_ROW) {
        struct marks_entry entry = {.row = sql_i64(walk, 0),
                                    .received_at_ms = sql_i64(walk, 1)};
        struct bytes mark = sql_bytes(walk, 2);

        if (mark.len != DEDUPE_MARK_LEN)
            continue;
        memcpy(entry.mark.bytes, mark.ptr, DEDUPE_MARK_LEN);
        marks_put(&store->tail, &entry);
        marks_commit(&store->tail);
    }
    return result;
}

/* The marks above what is filed. Far behind, as after a migration, it is filed first:
 * memory and the time that others wait for have bounds. */
static int load_tail(struct store *store, struct err *err)
{
    bool has_filed = true;

    while (has_filed && store->last_row - store->indexed > TAIL_MAX_ROWS) {
        const int64_t from = store->indexed + 1;

        if (load_marks(store, from, slice_first_row(slice_of(from) + 1) - 1, err) < 0 ||
            store_index_step(store, &has_filed, err) < 0 ||
            store_checkpoint(store, /* is_idle= */ false, err) < 0)
            return -1;
    }
    return load_marks(store, store->indexed + 1, INT64_MAX, err);
}

static int load_erasures(struct store *store, struct err *err)
{
    int64_t has_some;

    if (sql_number(store->sql, "SELECT EXISTS (SELECT 1 FROM erasure)", 0, &has_some,
                   err) < 0)
        return -1;
    store->has_erasures = has_some != 0;
    return 0;
}

/* Behind what counts, the log of a killed process may have a transaction that nobody was
 * told of. While others read, SQLite goes by their index and does not see it; after a
 * power cut it would. A commit takes its place, so what a start has seen stays; it has to
 * change a page, or SQLite writes nothing. */
static int seal_log(struct sql *sql, struct err *err)
{
    bool is_full;

    if (sql_begin(sql, err) < 0)
        return -1;
    if (sql_exec(sql, "CREATE TABLE seal (id INTEGER); DROP TABLE seal", err) == 0 &&
        sql_commit(sql, err) == 0)
        return 0;
    is_full = sql_is_full(sql);
    sql_rollback(sql);
    /* On a full disk nothing is accepted either, and a start must be possible. */
    return is_full && !sql_is_latched(sql) ? 0 : -1;
}

static int open_files(struct store *store, struct err *err)
{
    bool is_whole;

    if (lock_take(store->path, &store->lock_fd, err) < 0 ||
        make_private(store->path, err) < 0 || sql_renew_log(store->path, err) < 0 ||
        sql_open(store->path, SQL_WRITE, &store->sql, err) < 0 ||
        migrate_up(store->sql, store->path, err) < 0 || folder_sync(store->path, err) < 0)
        return -1;
    /* What a killed process left in the log goes into the file first, so that the log's
     * size is known and the next recovery is short. */
    if (sql_checkpoint(store->sql, SQL_TRUNCATE, &is_whole, err) < 0)
        return -1;
    return is_whole ? 0 : seal_log(store->sql, err);
}

int store_open(const char *path, const struct store_options *options,
               struct store **ret_store, struct err *err)
{
    struct store *store = mem_new(struct store);

    store->path = mem_text(path);
    store->lock_fd = -1;
    store->options = *options;
    store->room_asked_ms = store->place_asked_ms = INT64_MIN;
    buf_init(&store->scratch, EVENT_SCRATCH_BYTES);
    if (open_files(store, err) < 0 || load_last_row(store, err) < 0 ||
        sql_number(store->sql, "SELECT indexed FROM progress", 0, &store->indexed, err) <
            0 ||
        load_erasures(store, err) < 0 || upgrade_heads(store, err) < 0 ||
        upgrade_marks(store, err) < 0 ||
        dedupe_open(&store->dedupe, store->sql, err) < 0 || load_tail(store, err) < 0) {
        store_close(store);
        return -1;
    }
    *ret_store = store;
    return 0;
}

int store_check(const char *path, struct err *err)
{
    struct sql *sql = NULL;
    int result;

    if (access(path, F_OK) < 0)
        return 0;
    if (sql_open(path, SQL_READ, &sql, err) < 0)
        return -1;
    result = migrate_can(sql, path, err);
    sql_close(sql);
    return result;
}

void store_close(struct store *store)
{
    bool is_whole;

    if (store == NULL)
        return;
    if (store->sql != NULL) {
        sql_rollback(store->sql);
        /* Nobody is left to be told; what did not move stays in the log. */
        if (sql_checkpoint(store->sql, SQL_TRUNCATE, &is_whole, NULL) < 0)
            is_whole = false;
    }
    dedupe_done(&store->dedupe);
    marks_done(&store->tail);
    buf_done(&store->scratch);
    sql_close(store->sql);
    if (store->lock_fd >= 0)
        close(store->lock_fd);
    free(store->path);
    free(store);
}

bool store_is_latched(const struct store *store)
{
    return sql_is_latched(store->sql);
}

uint64_t store_n_syncs(const struct store *store)
{
    return sql_n_syncs(store->sql);
}

int store_begin(struct store *store, struct err *err)
{
    if (sql_begin(store->sql, err) == 0)
        return 0;
    return sql_is_full(store->sql) && !sql_is_latched(store->sql) ? STORE_FULL : -1;
}

int store_commit(struct store *store, struct err *err)
{
    bool is_full;

    if (sql_commit(store->sql, err) == 0) {
        marks_commit(&store->tail);
        return 0;
    }
    is_full = sql_is_full(store->sql) && !sql_is_latched(store->sql);
    store_rollback(store);
    return is_full && !sql_is_latched(store->sql) ? STORE_FULL : -1;
}

void store_rollback(struct store *store)
{
    sql_rollback(store->sql);
    marks_rollback(&store->tail);
}

int store_transact(struct store *store, store_step_fn *step, void *arg, struct err *err)
{
    if (store_begin(store, err) != 0)
        return -1;
    if (step(store, arg, err) < 0) {
        store_rollback(store);
        return -1;
    }
    return store_commit(store, err) == 0 ? 0 : -1;
}
