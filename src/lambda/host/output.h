/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * output - what a process writes, line by line, and the end of a log.
 *
 * A line without an end counts when the process has ended, or when it is so long that it
 * is cut. The line end is not part of it.
 */

#include "base/buf.h"

enum { LINES_BYTES = 64 << 10, LINES_TURN_BYTES = 1 << 20, TAIL_BYTES = 4096 };

typedef void output_fn(void *arg, struct bytes line);

struct output {
    struct buf part; /* of a line */
    output_fn *fn;
    void *arg;
};

void output_init(struct output *output, output_fn *fn, void *arg);
void output_done(struct output *output);
void output_add(struct output *output, struct bytes bytes);
/* What is left is a line, too. */
void output_end(struct output *output);
/* Adds what @fd (not blocking) has, at most LINES_TURN_BYTES. False: it is at its end. */
must_check
bool output_read(struct output *output, int fd);

/* The last TAIL_BYTES of a text. Zeroed: empty. */
struct tail {
    char text[TAIL_BYTES];
    size_t len;
};
void tail_add(struct tail *tail, struct bytes bytes);
printf_like(2, 3) void tail_addf(struct tail *tail, const char *format, ...);
static inline struct bytes tail_bytes(const struct tail *tail)
{
    return bytes_of(tail->text, tail->len);
}
