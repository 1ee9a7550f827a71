/* SPDX-License-Identifier: MIT */

#include "cli/input.h"

#include <errno.h>
#include <unistd.h>

#include "base/err.h"
#include "sys/disk.h"

enum { PIECE = 65536 };

static int read_stdin(struct buf *ret, struct err *err)
{
    for (;;) {
        char piece[PIECE];
        ssize_t n = read(STDIN_FILENO, piece, sizeof(piece));

        if (n == 0)
            return 0;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(err, "standard input");
        if (buf_add(ret, bytes_of(piece, (size_t)n)) != 0)
            return err_set(err, "standard input is larger than %zu bytes",
                           ret->max_bytes);
    }
}

int input_read(const char *path, struct buf *ret, struct err *err)
{
    if (strcmp(path, "-") == 0)
        return read_stdin(ret, err);
    if (!disk_exists(path))
        return err_code(err, "PA7024", ERR_NOT_FOUND, "no file `%s`", path);
    return disk_read(path, ret, err);
}

int input_read_secret(const char *path, const char *flag, struct buf *ret,
                      struct err *err)
{
    if (path == NULL)
        return err_code(err, "PA7003", ERR_USAGE, "--%s FILE is needed", flag);
    if (input_read(path, ret, err) < 0)
        return -1;
    while (ret->len > 0 &&
           (ret->ptr[ret->len - 1] == '\n' || ret->ptr[ret->len - 1] == '\r'))
        ret->ptr[--ret->len] = '\0';
    if (ret->len == 0)
        return err_code(err, "PA7003", ERR_USAGE, "%s is empty", path);
    return 0;
}
