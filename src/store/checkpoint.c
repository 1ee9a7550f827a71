/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/err.h"
#include "store/inside.h"

/* What is seen of the disk: whether the file is there, how much room there is, and when
 * the log moves into the file. */

static const int64_t MIB = 1 << 20;
enum {
    LOG_MOVE_MIB = 16,  /* a checkpoint is worth its stall */
    LOG_SHRINK_MIB = 4, /* an idle store does not keep a longer log file */
    LOG_MAX_MIB = 256,  /* readers hold the log back: stop before recovery takes long */
    LOOK_EVERY_MS = 100,
};

static int64_t file_bytes(const struct store *store, const char *suffix)
{
    char path[4096];
    struct stat info;

    if ((size_t)snprintf(path, sizeof(path), "%s%s", store->path, suffix) >=
            sizeof(path) ||
        stat(path, &info) < 0)
        return 0;
    return (int64_t)info.st_size;
}

int64_t store_bytes(struct store *store)
{
    return file_bytes(store, "") + file_bytes(store, "-wal") + file_bytes(store, "-shm");
}

/* What the file will need when the log has moved: free pages inside it are room. */
static int64_t used_bytes(struct store *store)
{
    int64_t n_pages, n_free, page_bytes;

    if (sql_number(store->sql, "PRAGMA page_count", 0, &n_pages, NULL) < 0 ||
        sql_number(store->sql, "PRAGMA freelist_count", 0, &n_free, NULL) < 0 ||
        sql_number(store->sql, "PRAGMA page_size", 4096, &page_bytes, NULL) < 0)
        return INT64_MAX;
    return (n_pages - n_free) * page_bytes;
}

static bool has_free_disk(const struct store *store)
{
    struct statvfs info;

    if (store->options.free_bytes <= 0 || fstatvfs(store->lock_fd, &info) < 0)
        return true;
    return (int64_t)(info.f_bavail * info.f_frsize) >= store->options.free_bytes;
}

/* Since the last time, unless the clock was set back. */
static bool is_time(int64_t *asked_ms, int64_t now_ms)
{
    if (*asked_ms != INT64_MIN && now_ms >= *asked_ms &&
        now_ms - *asked_ms < LOOK_EVERY_MS)
        return false;
    *asked_ms = now_ms;
    return true;
}

int store_check_place(struct store *store, int64_t now_ms, struct err *err)
{
    return is_time(&store->place_asked_ms, now_ms) ? sql_check_place(store->sql, err) : 0;
}

bool store_has_room(struct store *store, int64_t now_ms)
{
    int64_t log_bytes = sql_log_bytes(store->sql);
    int64_t limit = store->options.disk_bytes;

    if (sql_is_latched(store->sql) || log_bytes > LOG_MAX_MIB * MIB)
        return false;
    if (!is_time(&store->room_asked_ms, now_ms))
        return store->had_room;
    store->had_room =
        has_free_disk(store) &&
        (limit <= 0 || used_bytes(store) + file_bytes(store, "-wal") < limit);
    return store->had_room;
}

int store_checkpoint(struct store *store, bool is_idle, struct err *err)
{
    int64_t log_bytes = sql_log_bytes(store->sql);
    bool is_moved =
        store->is_log_moved && store->n_syncs_moved == sql_n_syncs(store->sql);
    enum sql_checkpoint how = SQL_PASSIVE;

    if (sql_is_latched(store->sql))
        return err_code(err, "PA6003", ERR_FAILED, "the store failed before");
    if (is_moved || (!is_idle && log_bytes <= LOG_MOVE_MIB * MIB) || log_bytes == 0)
        return 0;
    if (is_idle && file_bytes(store, "-wal") > LOG_SHRINK_MIB * MIB)
        how = SQL_TRUNCATE;
    store->n_syncs_moved = sql_n_syncs(store->sql);
    return sql_checkpoint(store->sql, how, &store->is_log_moved, err);
}
