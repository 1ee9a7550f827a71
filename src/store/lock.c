/* SPDX-License-Identifier: MIT */

#include "store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/err.h"

static int refuse(int fd, const char *store_path, struct err *err)
{
    char text[24] = "";
    ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
    int64_t pid = 0;

    if (n > 0 && bytes_to_i64(bytes_trim(bytes_of(text, (size_t)n)), &pid) && pid > 0)
        err_code(err, "PA6001", ERR_CONFLICT, "the store %s is in use by process %lld",
                 store_path, (long long)pid);
    else
        err_code(err, "PA6001", ERR_CONFLICT, "the store %s is in use by another process",
                 store_path);
    return err_help(err, "stop that process, or use another store");
}

int lock_take(const char *store_path, int *ret_fd, struct err *err)
{
    char path[PATH_MAX];
    char pid[24];
    ssize_t written;
    int fd, len;

    if ((size_t)snprintf(path, sizeof(path), "%s-lock", store_path) >= sizeof(path))
        return err_set(err, "the path of the store is too long");
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_sys(err, "open %s", path);
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno == EWOULDBLOCK)
            refuse(fd, store_path, err);
        else
            err_sys(err, "lock %s", path);
        close(fd);
        return -1;
    }
    /* The pid is for people; a disk too full to take it is no reason not to start. Of one
     * width, so that it needs no truncation. */
    len = snprintf(pid, sizeof(pid), "%-10d\n", (int)getpid());
    written = pwrite(fd, pid, (size_t)len, 0);
    (void)written;
    *ret_fd = fd;
    return 0;
}
