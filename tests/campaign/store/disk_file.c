/* SPDX-License-Identifier: MIT */

#include "disk_state.h"

/* --- bytes -------------------------------------------------------------------------- */

static int ask_handle(const struct handle *handle, enum call call)
{
    return disk_ask(handle->disk, handle->process, call);
}

static int on_close(sqlite3_file *base)
{
    struct handle *handle = handle_of(base);
    struct file *file = handle->file;

    file->n_readers -= handle->level > 0;
    if (file->reserved == handle)
        file->reserved = NULL;
    if (file->exclusive == handle)
        file->exclusive = NULL;
    return SQLITE_OK;
}

static int on_read(sqlite3_file *base, void *ret, int len, sqlite3_int64 at)
{
    struct handle *handle = handle_of(base);
    int code = ask_handle(handle, CALL_READ);

    if (code != SQLITE_OK)
        return code;
    if (platter_read(&handle->file->platter, (size_t)at, ret, (size_t)len) < (size_t)len)
        return SQLITE_IOERR_SHORT_READ;
    return SQLITE_OK;
}

static int on_write(sqlite3_file *base, const void *bytes, int len, sqlite3_int64 at)
{
    struct handle *handle = handle_of(base);
    int code = ask_handle(handle, CALL_WRITE);
    size_t n = (size_t)len;

    /* A disk with no room may have had some for the beginning. */
    if (code == SQLITE_FULL)
        n = chance_below(&handle->disk->chance, (unsigned)len);
    else if (code != SQLITE_OK)
        return code;
    platter_write(&handle->file->platter, (size_t)at, bytes_of(bytes, n));
    return code;
}

static int on_truncate(sqlite3_file *base, sqlite3_int64 len)
{
    struct handle *handle = handle_of(base);
    int code = ask_handle(handle, CALL_TRUNCATE);

    if (code == SQLITE_OK)
        platter_truncate(&handle->file->platter, (size_t)len);
    return code;
}

static int on_sync(sqlite3_file *base, int flags)
{
    struct handle *handle = handle_of(base);
    struct disk *disk = handle->disk;
    int code = ask_handle(handle, CALL_SYNC);

    (void)flags;
    if (disk->is_stopped[handle->process])
        return code;
    if (code != SQLITE_OK) {
        disk->has_failed = true;
        disk->n_failed_syncs++;
        platter_fail_sync(&handle->file->platter, &disk->chance, disk->plan.redirties);
        return code;
    }
    if (disk->is_lying)
        return SQLITE_OK;
    platter_sync(&handle->file->platter);
    if (handle->names_file)
        handle->file->is_named = true;
    return SQLITE_OK;
}

static int on_size(sqlite3_file *base, sqlite3_int64 *ret_size)
{
    struct handle *handle = handle_of(base);

    *ret_size = (sqlite3_int64)handle->file->platter.seen.len;
    return ask_handle(handle, CALL_SIZE);
}

/* --- locks -------------------------------------------------------------------------- */

static bool may_have(const struct handle *handle, int level)
{
    const struct file *file = handle->file;

    if (level == SQLITE_LOCK_SHARED)
        return file->exclusive == NULL || file->exclusive == handle;
    if (file->reserved != NULL && file->reserved != handle)
        return false;
    return level == SQLITE_LOCK_RESERVED || file->n_readers <= 1;
}

static int on_lock(sqlite3_file *base, int level)
{
    struct handle *handle = handle_of(base);
    int code = ask_handle(handle, CALL_LOCK);

    if (code != SQLITE_OK || handle->level >= level)
        return code;
    if (!may_have(handle, level))
        return SQLITE_BUSY;
    if (level == SQLITE_LOCK_SHARED)
        handle->file->n_readers++;
    else
        handle->file->reserved = handle;
    if (level == SQLITE_LOCK_EXCLUSIVE)
        handle->file->exclusive = handle;
    handle->level = level;
    return SQLITE_OK;
}

static int on_unlock(sqlite3_file *base, int level)
{
    struct handle *handle = handle_of(base);
    struct file *file = handle->file;

    if (handle->level <= level)
        return SQLITE_OK;
    if (file->exclusive == handle)
        file->exclusive = NULL;
    if (file->reserved == handle)
        file->reserved = NULL;
    if (level == SQLITE_LOCK_NONE)
        file->n_readers--;
    handle->level = level;
    return SQLITE_OK;
}

static int on_check_reserved(sqlite3_file *base, int *ret_is_reserved)
{
    *ret_is_reserved = handle_of(base)->file->reserved != NULL;
    return SQLITE_OK;
}

static int on_control(sqlite3_file *base, int what, void *arg)
{
    (void)base;
    (void)what;
    (void)arg;
    return SQLITE_NOTFOUND;
}

static int on_sector_size(sqlite3_file *base)
{
    (void)base;
    return 4096; /* what SQLite's own VFS says, whatever the disk's is */
}

static int on_characteristics(sqlite3_file *base)
{
    (void)base;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

/* --- memory shared between processes ------------------------------------------------ */

static int on_share(sqlite3_file *base, int index, int region_bytes, int extends,
                    void volatile **ret_region)
{
    struct handle *handle = handle_of(base);
    struct shared *shared = &handle->file->shared;
    int code = SQLITE_OK;

    if (!handle->has_share) {
        handle->has_share = true;
        shared_join(shared);
    }
    if (extends != 0 && !shared_has(shared, index))
        code = ask_handle(handle, CALL_SHARE);
    *ret_region = code != SQLITE_OK
                      ? NULL
                      : shared_region(shared, index, region_bytes, extends != 0);
    return code;
}

static int on_share_lock(sqlite3_file *base, int first, int n, int flags)
{
    struct handle *handle = handle_of(base);

    return shared_lock(&handle->file->shared, &handle->holder, first, n, flags);
}

static void on_barrier(sqlite3_file *base)
{
    (void)base;
}

static int on_unshare(sqlite3_file *base, int deletes)
{
    struct handle *handle = handle_of(base);

    (void)deletes;
    if (handle->has_share)
        shared_leave(&handle->file->shared, &handle->holder);
    handle->has_share = false;
    return SQLITE_OK;
}

const sqlite3_io_methods disk_methods = {
    .iVersion = 2,
    .xClose = on_close,
    .xRead = on_read,
    .xWrite = on_write,
    .xTruncate = on_truncate,
    .xSync = on_sync,
    .xFileSize = on_size,
    .xLock = on_lock,
    .xUnlock = on_unlock,
    .xCheckReservedLock = on_check_reserved,
    .xFileControl = on_control,
    .xSectorSize = on_sector_size,
    .xDeviceCharacteristics = on_characteristics,
    .xShmMap = on_share,
    .xShmLock = on_share_lock,
    .xShmBarrier = on_barrier,
    .xShmUnmap = on_unshare,
};
