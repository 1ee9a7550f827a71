/* SPDX-License-Identifier: MIT */

#include "sys/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/err.h"

enum { READ_BYTES = 64 * 1024, REMOVE_FDS = 16 };

static void closep(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

/* Bytes read into the end of @ret, 0 at the end of the file. */
static ssize_t read_some(int fd, struct buf *ret)
{
    size_t room_bytes = ret->max_bytes - ret->len;
    char *room;
    ssize_t n;

    if (room_bytes > READ_BYTES)
        room_bytes = READ_BYTES;
    room = buf_room(ret, room_bytes);
    do {
        n = read(fd, room, room_bytes);
    } while (n < 0 && errno == EINTR);
    if (n > 0)
        buf_grew(ret, (size_t)n);
    return n;
}

int disk_read(const char *path, struct buf *ret, struct err *err)
{
    cleanup(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
    char beyond;

    if (fd < 0)
        return err_sys(err, "open %s", path);
    while (ret->len < ret->max_bytes) {
        ssize_t n = read_some(fd, ret);

        if (n < 0)
            return err_sys(err, "read %s", path);
        if (n == 0)
            return 0;
    }
    if (read(fd, &beyond, 1) > 0)
        return err_set(err, "%s is larger than %zu bytes", path, ret->max_bytes);
    return 0;
}

static int write_all(int fd, struct bytes content)
{
    while (content.len > 0) {
        ssize_t n = write(fd, content.ptr, content.len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        content = bytes_slice(content, (size_t)n, content.len);
    }
    return 0;
}

/* A rename is on stable storage only when its folder is. */
static int sync_folder_of(const char *path, struct err *err)
{
    const char *slash = strrchr(path, '/');
    char folder[PATH_MAX] = ".";

    if (slash != NULL)
        (void)snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path + 1), path);
    cleanup(closep) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) < 0)
        return err_sys(err, "sync %s", folder);
    return 0;
}

static int write_new(const char *path, int fd, struct bytes content, mode_t mode,
                     struct err *err)
{
    if (fchmod(fd, mode) < 0 || write_all(fd, content) < 0)
        return err_sys(err, "write %s", path);
    if (fsync(fd) < 0)
        return err_sys(err, "sync %s", path);
    return 0;
}

int disk_replace(const char *path, struct bytes content, mode_t mode, struct err *err)
{
    char beside[PATH_MAX];

    if (snprintf(beside, sizeof(beside), "%s.XXXXXX", path) >= (int)sizeof(beside))
        return err_set(err, "path too long: %s", path);
    cleanup(closep) int fd = mkostemp(beside, O_CLOEXEC);
    if (fd < 0)
        return err_sys(err, "create %s", beside);
    if (write_new(path, fd, content, mode, err) < 0) {
        (void)unlink(beside);
        return -1;
    }
    if (rename(beside, path) < 0) {
        (void)err_sys(err, "rename to %s", path);
        (void)unlink(beside);
        return -1;
    }
    return sync_folder_of(path, err);
}

static int make_one(const char *path, mode_t mode, struct err *err)
{
    struct stat st;

    if (mkdir(path, mode) == 0)
        return 0;
    /* Not only EEXIST: on a read-only disk, or in a parent that is not ours, mkdir says
     * so even when the folder is there. */
    int why = errno;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return 0;
    errno = why;
    return err_sys(err, "make folder %s", path);
}

int disk_make_folder(const char *path, struct err *err)
{
    char part[PATH_MAX];

    if (*path == '\0' || strlen(path) >= sizeof(part))
        return err_set(err, "not a folder's path: \"%s\"", path);
    for (size_t i = 1; path[i] != '\0'; i++) {
        if (path[i] != '/' || path[i - 1] == '/')
            continue;
        (void)snprintf(part, sizeof(part), "%.*s", (int)i, path);
        if (path[i + 1] != '\0' && make_one(part, 0755, err) < 0)
            return -1;
    }
    return make_one(path, 0700, err);
}

bool disk_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static int remove_one(const char *path, const struct stat *st, int kind,
                      struct FTW *place)
{
    (void)st;
    (void)kind;
    (void)place;
    return remove(path) < 0 && errno != ENOENT ? -1 : 0;
}

int disk_remove_tree(const char *path, struct err *err)
{
    if (nftw(path, remove_one, REMOVE_FDS, FTW_DEPTH | FTW_PHYS) < 0 && errno != ENOENT)
        return err_sys(err, "remove %s", path);
    return 0;
}

int64_t disk_free_bytes(const char *path)
{
    struct statvfs st;

    if (statvfs(path, &st) < 0)
        return -1;
    return (int64_t)st.f_bavail * (int64_t)st.f_frsize;
}

int64_t disk_file_bytes(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 ? (int64_t)st.st_size : 0;
}

static pid_t read_holder(int fd)
{
    char text[32];
    ssize_t n = pread(fd, text, sizeof(text), 0);
    struct bytes digits = bytes_trim(bytes_of(text, n > 0 ? (size_t)n : 0));
    int64_t pid;

    return bytes_to_i64(digits, &pid) && pid > 0 && pid <= INT_MAX ? (pid_t)pid : 0;
}

static int write_holder(int fd)
{
    char text[32];
    int len = snprintf(text, sizeof(text), "%d\n", (int)getpid());

    return ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)len, 0) == len ? 0 : -1;
}

static int take_fd(int *fd)
{
    int taken = *fd;

    *fd = -1;
    return taken;
}

int disk_lock(const char *folder, int *ret_fd, pid_t *ret_holder, struct err *err)
{
    char path[PATH_MAX];

    if (snprintf(path, sizeof(path), "%s/lock", folder) >= (int)sizeof(path))
        return err_set(err, "path too long: %s", folder);
    cleanup(closep) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_sys(err, "open %s", path);
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno != EWOULDBLOCK)
            return err_sys(err, "lock %s", path);
        *ret_holder = read_holder(fd);
        return DISK_LOCKED;
    }
    if (write_holder(fd) < 0)
        return err_sys(err, "write %s", path);
    *ret_fd = take_fd(&fd);
    return 0;
}
