/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * print - text for people on one of the standard streams.
 *
 * Knows whether the stream is a terminal, may be coloured and can show UTF-8. Where it
 * cannot, the few symbols of the project become words ("→" is "->") and anything else
 * beyond ASCII a "?", so no line is ever spoiled. Nothing depends on a colour or symbol.
 */

#include <stdio.h>

#include "base/buf.h"

enum print_style {
    PRINT_PLAIN = 0,
    PRINT_BOLD,
    PRINT_DIM,
    PRINT_RED,
    PRINT_GREEN,
    PRINT_YELLOW,
    PRINT_BLUE,
};

struct print {
    FILE *file;
    bool is_terminal;
    bool use_color;
    bool use_unicode;
    int columns; /* of the terminal; 0 when there is no limit */
};

/* @color is "auto", "always" or "never"; NO_COLOR, TERM and FORCE_COLOR are obeyed. */
void print_setup(struct print *print, FILE *file, const char *color);

/* Writes formatted UTF-8, adapted to the stream. No newline is added. */
printf_like(2, 3) void print_text(const struct print *print, const char *format, ...);
/* As above, in a style. */
printf_like(3, 4) void print_styled(const struct print *print, enum print_style style,
                                    const char *format, ...);
/* Bytes as they are: machine output and payloads. */
void print_raw(const struct print *print, struct bytes bytes);
/* The same and a newline, flushed: one record of a stream. */
void print_record(const struct print *print, struct bytes bytes);

/* Adds what a stranger chose, with control characters (escape sequences above all) and
 * broken UTF-8 as "?". */
void print_clean(struct bytes text, struct buf *ret_text);
/* How many columns a clean text takes; every character counts one. */
size_t print_width(struct bytes text);
/* The first @columns columns of a text. */
struct bytes print_cut(struct bytes text, size_t columns);

/* "13:57:02.118", or RFC 3339 UTC when the stream is no terminal. */
void print_time(const struct print *print, int64_t time_ms, struct buf *ret_text);
/* "3 d 4 h", "1 m 40 s", "5.9 ms". */
void print_duration(int64_t duration_us, struct buf *ret_text);
/* "1.3 GB". */
void print_size(int64_t size_bytes, struct buf *ret_text);
