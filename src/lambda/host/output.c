/* SPDX-License-Identifier: MIT */

#include "lambda/host/output.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

enum { PIECE_BYTES = 16 << 10, FORMATTED_BYTES = 1024 };

void output_init(struct output *output, output_fn *fn, void *arg)
{
    *output = (struct output){.fn = fn, .arg = arg};
    buf_init(&output->part, LINES_BYTES);
}

void output_done(struct output *output)
{
    buf_done(&output->part);
}

void output_end(struct output *output)
{
    if (output->part.len == 0)
        return;
    output->fn(output->arg, buf_bytes(&output->part));
    buf_clear(&output->part);
}

/* The line's end has come: what it ends may have ended with a carriage return. */
static void end_line(struct output *output)
{
    struct bytes line = buf_bytes(&output->part);

    if (bytes_ends(line, BYTES("\r")))
        line.len--;
    output->fn(output->arg, line);
    buf_clear(&output->part);
}

static void add_part(struct output *output, struct bytes bytes)
{
    while (bytes.len > 0) {
        const struct bytes fits = bytes_slice(bytes, 0, LINES_BYTES - output->part.len);

        (void)buf_add(&output->part, fits);
        bytes = bytes_slice(bytes, fits.len, bytes.len);
        if (bytes.len > 0)
            output_end(output);
    }
}

void output_add(struct output *output, struct bytes bytes)
{
    while (bytes.len > 0) {
        const size_t end = bytes_index(bytes, '\n');

        add_part(output, bytes_slice(bytes, 0, end));
        if (end < bytes.len)
            end_line(output);
        bytes = bytes_slice(bytes, end + 1, bytes.len);
    }
}

bool output_read(struct output *output, int fd)
{
    not_zeroed char piece[PIECE_BYTES];
    ssize_t len = 0;

    for (size_t n = 0; n < LINES_TURN_BYTES; n += (size_t)len) {
        len = read(fd, piece, sizeof(piece));
        if (len <= 0)
            return len < 0 && (errno == EAGAIN || errno == EINTR);
        output_add(output, bytes_of(piece, (size_t)len));
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
