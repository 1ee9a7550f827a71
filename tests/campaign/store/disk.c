/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/mem.h"
#include "disk_state.h"

/* A log of some ten KiB is as long here as one of MiB in a service. */
enum { STAT_SCALE = 64 };

static const unsigned counted_calls[] = {
    [DISK_FINE] = 0,
    [DISK_STOP] =
        CALL_WRITE | CALL_SYNC | CALL_TRUNCATE | CALL_DELETE | CALL_CREATE | CALL_FOLDER,
    [DISK_SYNC_FAILS] = CALL_SYNC | CALL_FOLDER,
    [DISK_FAILS] = (CALL_FOLDER << 1) - 1,
    [DISK_FULL] = CALL_WRITE | CALL_CREATE | CALL_SHARE,
};

static struct disk *current;

/* --- faults ------------------------------------------------------------------------- */

static int code_of(enum call call)
{
    switch (call) {
    case CALL_READ:
        return SQLITE_IOERR_READ;
    case CALL_WRITE:
        return SQLITE_IOERR_WRITE;
    case CALL_SYNC:
        return SQLITE_IOERR_FSYNC;
    case CALL_TRUNCATE:
        return SQLITE_IOERR_TRUNCATE;
    case CALL_DELETE:
        return SQLITE_IOERR_DELETE;
    case CALL_CREATE:
    case CALL_OPEN:
        return SQLITE_CANTOPEN;
    case CALL_LOCK:
        return SQLITE_IOERR_LOCK;
    case CALL_SHARE:
        return SQLITE_IOERR_SHMSIZE;
    case CALL_SIZE:
        return SQLITE_IOERR_FSTAT;
    case CALL_FOLDER:
        return SQLITE_IOERR_DIR_FSYNC;
    }
    return SQLITE_IOERR;
}

int disk_ask(struct disk *disk, enum disk_process process, enum call call)
{
    const struct disk_plan *plan = &disk->plan;

    if (disk->is_stopped[process])
        return code_of(call);
    if (process != DISK_SERVICE || (counted_calls[plan->fault] & call) == 0)
        return SQLITE_OK;
    disk->n_calls++;
    if (disk->n_calls < plan->at || (disk->n_calls > plan->at && !plan->is_lasting))
        return SQLITE_OK;
    disk->n_hits++;
    if (plan->fault == DISK_STOP)
        disk->is_stopped[process] = true;
    return plan->fault == DISK_FULL && call == CALL_WRITE ? SQLITE_FULL : code_of(call);
}

/* --- files -------------------------------------------------------------------------- */

static struct file *file_find(struct disk *disk, const char *name)
{
    for (size_t i = 0; i < DISK_FILES; i++) {
        if (disk->files[i].is_there && strcmp(disk->files[i].name, name) == 0)
            return &disk->files[i];
    }
    return NULL;
}

static void file_done(struct file *file)
{
    platter_done(&file->platter);
    shared_done(&file->shared);
    *file = (struct file){0};
}

/* One whose removal may still be undone by a cut gets its place back. */
static struct file *file_create(struct disk *disk, const char *name)
{
    struct file *unused = NULL;

    for (size_t i = 0; i < DISK_FILES; i++) {
        struct file *file = &disk->files[i];

        if (strcmp(file->name, name) == 0) {
            file->is_there = true;
            platter_truncate(&file->platter, 0);
            return file;
        }
        if (file->name[0] == '\0')
            unused = file;
    }
    if (unused == NULL)
        return NULL;
    snprintf(unused->name, sizeof(unused->name), "%s", name);
    unused->is_there = true;
    return unused;
}

/* --- the folder --------------------------------------------------------------------- */

static struct disk *disk_of(sqlite3_vfs *vfs)
{
    return container_of(vfs, struct disk, vfs);
}

static int on_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags,
                   int *ret_flags)
{
    struct disk *disk = disk_of(vfs);
    struct handle *handle = handle_of(base);
    struct file *file = name != NULL ? file_find(disk, name) : NULL;
    bool is_new = file == NULL && name != NULL && (flags & SQLITE_OPEN_CREATE) != 0;
    int code = disk_ask(disk, disk->process, is_new ? CALL_CREATE : CALL_OPEN);

    memset(handle, 0, sizeof(*handle));
    if (code == SQLITE_OK && is_new)
        file = file_create(disk, name);
    if (code != SQLITE_OK || file == NULL)
        return SQLITE_CANTOPEN;
    handle->base.pMethods = &disk_methods;
    handle->disk = disk;
    handle->file = file;
    handle->process = disk->process;
    handle->names_file =
        is_new && (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
    if (ret_flags != NULL)
        *ret_flags = flags;
    return SQLITE_OK;
}

static int on_delete(sqlite3_vfs *vfs, const char *name, int syncs_folder)
{
    struct disk *disk = disk_of(vfs);
    struct file *file = file_find(disk, name);
    int code = disk_ask(disk, disk->process, CALL_DELETE);

    if (code != SQLITE_OK)
        return code;
    if (file == NULL)
        return SQLITE_IOERR_DELETE_NOENT;
    file->is_there = false;
    if (syncs_folder != 0 || !file->is_named)
        file_done(file);
    return SQLITE_OK;
}

static int on_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret_answer)
{
    const struct file *file = file_find(disk_of(vfs), name);

    /* Of an empty journal SQLite's own VFS says that it is not there. */
    *ret_answer =
        file != NULL && (flags != SQLITE_ACCESS_EXISTS || file->platter.seen.len > 0);
    return SQLITE_OK;
}

static int on_full_name(sqlite3_vfs *vfs, const char *name, int len, char *ret_name)
{
    (void)vfs;
    return snprintf(ret_name, (size_t)len, "%s", name) < len ? SQLITE_OK
                                                             : SQLITE_CANTOPEN;
}

static int on_randomness(sqlite3_vfs *vfs, int len, char *ret_bytes)
{
    for (int i = 0; i < len; i++)
        ret_bytes[i] = (char)chance_next(&disk_of(vfs)->chance);
    return len;
}

static int on_sleep(sqlite3_vfs *vfs, int us)
{
    (void)vfs;
    return us;
}

static int on_time(sqlite3_vfs *vfs, sqlite3_int64 *ret_ms)
{
    (void)vfs;
    *ret_ms = INT64_C(212900000000000);
    return SQLITE_OK;
}

static int on_last_error(sqlite3_vfs *vfs, int len, char *ret_text)
{
    (void)vfs;
    (void)len;
    (void)ret_text;
    return EIO;
}

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl51-cpp): the linker's names. */
int __wrap_folder_sync(const char *path, struct err *err);
/* With 64-bit offsets, which the build asks for, stat() is this one. */
int __wrap_stat64(const char *path, struct stat *ret_info);
int __real_stat64(const char *path, struct stat *ret_info);

int disk_sync_folder(struct disk *disk)
{
    if (disk_ask(disk, DISK_SERVICE, CALL_FOLDER) != SQLITE_OK)
        return -1;
    for (size_t i = 0; i < DISK_FILES && !disk->is_lying; i++) {
        disk->files[i].is_named = disk->files[i].is_there;
        if (!disk->files[i].is_there)
            file_done(&disk->files[i]);
    }
    return 0;
}

int __wrap_folder_sync(const char *path, struct err *err)
{
    if (disk_sync_folder(current) == 0)
        return 0;
    return err_set(err, "sync the folder of %s: it failed", path);
}

int __wrap_stat64(const char *path, struct stat *ret_info)
{
    const struct file *file = file_find(current, path);

    if (file == NULL)
        return __real_stat64(path, ret_info);
    *ret_info = (struct stat){.st_size = (off_t)(file->platter.seen.len * STAT_SCALE)};
    return 0;
}

/* NOLINTEND(bugprone-reserved-identifier,cert-dcl51-cpp) */

/* --- the disk ----------------------------------------------------------------------- */

struct disk *disk_new(void)
{
    struct disk *disk = mem_new(struct disk);

    disk->vfs = (sqlite3_vfs){
        .iVersion = 2,
        .szOsFile = (int)sizeof(struct handle),
        .mxPathname = DISK_NAME_BYTES - 1,
        .zName = "weak-disk",
        .xOpen = on_open,
        .xDelete = on_delete,
        .xAccess = on_access,
        .xFullPathname = on_full_name,
        .xRandomness = on_randomness,
        .xSleep = on_sleep,
        .xGetLastError = on_last_error,
        .xCurrentTimeInt64 = on_time,
    };
    current = disk;
    if (sqlite3_vfs_register(&disk->vfs, /* makeDflt= */ 1) != SQLITE_OK)
        abort();
    return disk;
}

void disk_format(struct disk *disk, uint64_t seed)
{
    for (size_t i = 0; i < DISK_FILES; i++)
        file_done(&disk->files[i]);
    disk->chance = (struct chance){chance_mix(seed)};
    disk->is_stopped[DISK_SERVICE] = disk->is_stopped[DISK_OTHER] = false;
    disk->is_lying = disk->has_failed = false;
    disk->n_failed_syncs = 0;
    disk->process = DISK_SERVICE;
    disk_plan(disk, &(struct disk_plan){0});
    sqlite3_randomness(0, NULL); /* SQLite's own chance begins anew, from ours */
}

void disk_shake(struct disk *disk, uint64_t number)
{
    disk->chance.state = chance_mix(disk->chance.state + number);
}

void disk_free(struct disk *disk)
{
    disk_format(disk, 0);
    sqlite3_vfs_unregister(&disk->vfs);
    current = NULL;
    free(disk);
}

void disk_lie(struct disk *disk, bool is_lying)
{
    disk->is_lying = is_lying;
}

void disk_plan(struct disk *disk, const struct disk_plan *plan)
{
    disk->plan = *plan;
    disk->n_calls = 0;
    disk->n_hits = 0;
}

unsigned disk_n_failed_syncs(const struct disk *disk)
{
    return disk->n_failed_syncs;
}

unsigned disk_n_hits(const struct disk *disk)
{
    return disk->n_hits;
}

uint64_t disk_n_calls(const struct disk *disk)
{
    return disk->n_calls;
}

void disk_as(struct disk *disk, enum disk_process process)
{
    disk->process = process;
}

void disk_stop(struct disk *disk, enum disk_process process)
{
    disk->is_stopped[process] = true;
}

void disk_kill(struct disk *disk)
{
    bool forgets = disk->has_failed && chance_in(&disk->chance, 50);

    for (size_t i = 0; i < DISK_FILES && forgets; i++)
        platter_forget_cache(&disk->files[i].platter);
    disk->is_stopped[DISK_SERVICE] = false;
}

static void cut_file(struct file *file, struct chance *chance)
{
    shared_done(&file->shared);
    platter_cut(&file->platter, chance);
    if (!file->is_there && file->is_named && chance_in(chance, 50))
        file->is_there = true; /* its removal had not come to the disk */
    else if (!file->is_there || (!file->is_named && chance_in(chance, 50)))
        file_done(file);
    else
        file->is_named = true;
}

void disk_cut(struct disk *disk)
{
    for (size_t i = 0; i < DISK_FILES; i++)
        cut_file(&disk->files[i], &disk->chance);
    disk->is_stopped[DISK_SERVICE] = disk->is_stopped[DISK_OTHER] = false;
    disk->has_failed = false;
}
