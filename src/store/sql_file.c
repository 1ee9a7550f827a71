/* SPDX-License-Identifier: MIT */

#include "store/sql_file.h"

#include <errno.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/mman.h>

#include "base/err.h"
#include "base/mem.h"

enum { RENEW_BYTES = 64 << 10 }; /* SQLite writes less than 128 KiB at a time */

typedef int map_fn(sqlite3_file *file, int region, int size, int may_extend,
                   void volatile **ret_memory);

/* SQLite's own methods of the file, but for one. */
struct sql_file {
    sqlite3_io_methods table; /* first: SQLite knows no more of it */
    map_fn *map_fn;
};

/* --- the log's index ---------------------------------------------------------------- */

/*
 * Maps a part of the log's index (the -shm file). SQLite makes room for it with one byte
 * in each page: where blocks are smaller than pages, or are not given before they are
 * used, the first write to the memory may find the disk full, and that is SIGBUS. Asked
 * for here it is an error. What the index holds is in the log as well: nothing is to be
 * distrusted when it cannot grow.
 */
static int map_index(sqlite3_file *file, int region, int size, int may_extend,
                     void volatile **ret_memory)
{
    const struct sql_file *methods = (const void *)file->pMethods;
    int code = methods->map_fn(file, region, size, may_extend, ret_memory);

    if (code == SQLITE_IOERR_SHMSIZE)
        return SQLITE_FULL;
    if (code != SQLITE_OK || *ret_memory == NULL)
        return code;
    /* Before Linux 5.14, and for memory that is no file's, it is refused: then as before.
     */
    if (madvise((void *)(uintptr_t)*ret_memory, (size_t)size, MADV_POPULATE_WRITE) < 0 &&
        errno == EFAULT) {
        *ret_memory = NULL;
        return SQLITE_FULL;
    }
    return SQLITE_OK;
}

struct sql_file *sql_file_watch(struct sqlite3 *db)
{
    struct sql_file *watch;
    sqlite3_file *file = NULL;

    if (sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, (void *)&file) !=
            SQLITE_OK ||
        file == NULL || file->pMethods == NULL || file->pMethods->iVersion < 2 ||
        file->pMethods->xShmMap == NULL)
        return NULL;
    watch = mem_new(struct sql_file);
    watch->table = *file->pMethods;
    watch->map_fn = file->pMethods->xShmMap;
    watch->table.xShmMap = map_index;
    file->pMethods = &watch->table;
    return watch;
}

/* --- the log ------------------------------------------------------------------------ */

/* Through SQLite's own files, so that every fault that a test puts there is met here. */
static int renew_bytes(sqlite3_file *log, uint8_t *bytes)
{
    sqlite3_int64 size = 0;
    int code = log->pMethods->xFileSize(log, &size);

    for (sqlite3_int64 at = 0; at < size && code == SQLITE_OK; at += RENEW_BYTES) {
        int len = size - at < RENEW_BYTES ? (int)(size - at) : RENEW_BYTES;

        code = log->pMethods->xRead(log, bytes, len, at);
        if (code == SQLITE_OK)
            code = log->pMethods->xWrite(log, bytes, len, at);
    }
    return code == SQLITE_OK ? log->pMethods->xSync(log, SQLITE_SYNC_FULL) : code;
}

static int renew_file(sqlite3_vfs *vfs, const char *name)
{
    sqlite3_file *log = mem_zero((size_t)vfs->szOsFile);
    uint8_t *bytes = mem_zero(RENEW_BYTES);
    int code = vfs->xOpen(vfs, name, log, SQLITE_OPEN_READWRITE | SQLITE_OPEN_WAL, NULL);

    if (code == SQLITE_OK)
        code = renew_bytes(log, bytes);
    if (log->pMethods != NULL)
        log->pMethods->xClose(log);
    free(bytes);
    free(log);
    return code;
}

int sql_file_renew(const char *path, struct err *err)
{
    char name[PATH_MAX] = "";
    sqlite3_vfs *vfs;
    int is_there = 0;
    int code;

    vfs = sqlite3_vfs_find(NULL);
    if ((size_t)snprintf(name, sizeof(name) - 2, "%s-wal", path) >= sizeof(name) - 2)
        return err_set(err, "the path of the store is too long");
    code = vfs->xAccess(vfs, name, SQLITE_ACCESS_EXISTS, &is_there);
    if (code == SQLITE_OK && is_there != 0)
        code = renew_file(vfs, name);
    if (code == SQLITE_OK)
        return 0;
    err_code(err, "PA6003", ERR_FAILED, "%s cannot be written again: %s", name,
             sqlite3_errstr(code));
    return err_help(err,
                    "check the disk, then start again: what was acknowledged is there");
}
