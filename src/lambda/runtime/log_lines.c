/* SPDX-License-Identifier: MIT */

#include "lambda/runtime/log_lines.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

enum { READER_MS = 1000 };

static void add_clean(struct buf *out, struct bytes line)
{
    for (size_t i = 0; i < line.len; i++) {
        const unsigned char c = (unsigned char)line.ptr[i];

        (void)buf_add_char(out, (c < ' ' && c != '\t') || c == 0x7f ? ' ' : (char)c);
    }
}

void log_lines_add(struct buf *out, struct bytes request_id, struct bytes text)
{
    do {
        const struct bytes line = bytes_take_until(&text, '\n');

        (void)buf_add(out, request_id);
        (void)buf_add_char(out, '\t');
        add_clean(out, line);
        (void)buf_add_char(out, '\n');
    } while (text.len > 0);
}

/* True when it may be tried again. */
static bool wait_for(int fd)
{
    struct pollfd wanted = {.fd = fd, .events = POLLOUT};

    if (errno == EINTR)
        return true;
    return errno == EAGAIN && poll(&wanted, 1, READER_MS) > 0;
}

void log_lines_write(int fd, const struct buf *out)
{
    size_t done = 0;

    while (done < out->len) {
        const ssize_t n = write(fd, out->ptr + done, out->len - done);

        if (n >= 0)
            done += (size_t)n;
        else if (!wait_for(fd))
            return;
    }
}
