/* SPDX-License-Identifier: MIT */

#include "lambda/host/lines.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

enum { PIECE_BYTES = 16 << 10, FORMATTED_BYTES = 1024 };

void lines_init(struct lines *lines, lines_fn *fn, void *arg)
{
    *lines = (struct lines){.fn = fn, .arg = arg};
    buf_init(&lines->part, LINES_BYTES);
}

void lines_done(struct lines *lines)
{
    buf_done(&lines->part);
}

void lines_end(struct lines *lines)
{
    if (lines->part.len == 0)
        return;
    lines->fn(lines->arg, buf_bytes(&lines->part));
    buf_clear(&lines->part);
}

/* The line's end has come: what it ends may have ended with a carriage return. */
static void end_line(struct lines *lines)
{
    struct bytes line = buf_bytes(&lines->part);

    if (bytes_ends(line, BYTES("\r")))
        line.len--;
    lines->fn(lines->arg, line);
    buf_clear(&lines->part);
}

static void add_part(struct lines *lines, struct bytes bytes)
{
    while (bytes.len > 0) {
        const struct bytes fits = bytes_slice(bytes, 0, LINES_BYTES - lines->part.len);

        (void)buf_add(&lines->part, fits);
        bytes = bytes_slice(bytes, fits.len, bytes.len);
        if (bytes.len > 0)
            lines_end(lines);
    }
}

void lines_add(struct lines *lines, struct bytes bytes)
{
    while (bytes.len > 0) {
        const size_t end = bytes_index(bytes, '\n');

        add_part(lines, bytes_slice(bytes, 0, end));
        if (end < bytes.len)
            end_line(lines);
        bytes = bytes_slice(bytes, end + 1, bytes.len);
    }
}

bool lines_read(struct lines *lines, int fd)
{
    not_zeroed char piece[PIECE_BYTES];
    ssize_t len = 0;

    for (size_t n = 0; n < LINES_TURN_BYTES; n += (size_t)len) {
        len = read(fd, piece, sizeof(piece));
        if (len <= 0)
            return len < 0 && (errno == EAGAIN || errno == EINTR);
        lines_add(lines, bytes_of(piece, (size_t)len));
    }
    return true;
}

void tail_add(struct tail *tail, struct bytes bytes)
{
    size_t kept;

    bytes = bytes.len > TAIL_BYTES
                ? bytes_slice(bytes, bytes.len - TAIL_BYTES, TAIL_BYTES)
                : bytes;
    kept = tail->len < TAIL_BYTES - bytes.len ? tail->len : TAIL_BYTES - bytes.len;
    memmove(tail->text, tail->text + tail->len - kept, kept);
    if (bytes.len > 0)
        memcpy(tail->text + kept, bytes.ptr, bytes.len);
    tail->len = kept + bytes.len;
}

void tail_addf(struct tail *tail, const char *format, ...)
{
    char text[FORMATTED_BYTES];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    tail_add(tail, bytes_str(text));
}
