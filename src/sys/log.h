/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * log - one line per fact on stderr (style §3.11). Thread-safe, a line is written whole.
 *
 * Levels: error (a person must act), warn (we coped; say how), info (a life-cycle fact),
 * debug. Never a secret, token or body. Formats: pretty ("14:02:11.204  text  key=value",
 * coloured when asked) on a terminal, logfmt with a syslog prefix (<3>) for journald
 * when JOURNAL_STREAM is set, logfmt with time elsewhere, JSON on request.
 *
 * Logging never waits: while nobody reads the pipe or the terminal was stopped, lines are
 * left out, and how many is said before the next one.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

enum log_level { LOG_ERROR = 0, LOG_WARN, LOG_INFO, LOG_DEBUG };
enum log_format { LOG_PRETTY = 0, LOG_LOGFMT, LOG_JSON };

struct log_options {
    enum log_level level;
    enum log_format format;
    bool use_color;
};

void log_setup(const struct log_options *options);
bool log_is_on(enum log_level level);

struct log_field {
    const char *key;  /* NULL ends a list */
    const char *text; /* NULL: the number counts */
    int64_t number;
};

/* log_line(LOG_INFO, "listening", LOG_TEXT("on", address), LOG_I64("pid", pid)) */
#define LOG_TEXT(name, value) ((struct log_field){.key = (name), .text = (value)})
#define LOG_I64(name, value) ((struct log_field){.key = (name), .number = (value)})
#define log_line(level, message, ...)                                                    \
    log_fields((level), (message),                                                       \
               (const struct log_field[]){{0}, ##__VA_ARGS__, {0}} + 1)
void log_fields(enum log_level level, const char *message,
                const struct log_field *fields);

/* At most @per_second lines of a kind; returns true when this one may be written, and
 * sets *ret_dropped to how many were swallowed since the last. Zeroed struct: fresh. */
struct log_limit {
    int64_t second;
    unsigned n_lines;
    unsigned n_dropped;
};
bool log_limit(struct log_limit *limit, unsigned per_second, unsigned *ret_dropped);

/* The last LOG_KEPT lines of `warn` and `error`, in logfmt, the oldest first. @fn must
 * not log. */
enum { LOG_KEPT = 1000 };
void log_each_kept(void (*fn)(void *arg, struct bytes line), void *arg);

/* The lines written at `error` since the start; tests fail on unexpected ones. */
uint64_t log_n_errors(void);
