/* SPDX-License-Identifier: MIT */

#include "store/folder.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"

int folder_sync(const char *path, struct err *err)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash == NULL ? mem_text(".")
                                 : bytes_copy(bytes_of(path, (size_t)(slash - path) + 1));
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = fd >= 0 && fsync(fd) == 0 ? 0 : err_sys(err, "sync %s", folder);

    if (fd >= 0)
        close(fd);
    free(folder);
    return result;
}
