/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * err - a failure as a sentence, with the exit code and the error code it deserves.
 *
 * A value with its text inside: never allocated, never leaked. A function that fails
 * returns -1 and has described why; who passes it on may put a context before it
 * (err_wrap). Nobody inspects the text: what a caller must tell apart is an answer
 * (a positive return), not a failure.
 */

#include "base/bytes.h"

/* The program's exit codes (interface §8). Zero is unset and counts as FAILED. */
enum err_exit {
    ERR_FAILED = 1,
    ERR_USAGE = 2,
    ERR_CONFIG = 3,
    ERR_AUTH = 4,
    ERR_NOT_FOUND = 5,
    ERR_CONFLICT = 6,
    ERR_TRY_LATER = 7,
    ERR_TIMEOUT = 8,
    ERR_PARTIAL = 9,
    ERR_CHECKS_FAILED = 10,
};

struct err {
    enum err_exit exit_code;
    char code[8];    /* "PA1003", or empty: then the page of the family's first code */
    char text[512];  /* one sentence, lower case, no full stop */
    char place[768]; /* "--> file:line:column" and the marked source, or empty */
    char help[512];  /* what to type, lines separated by \n, or empty */
};

/* Each returns -1, so that `return err_set(err, …);` reads well. @err may be NULL. */
printf_like(2, 3) int err_set(struct err *err, const char *format, ...);
/* "<text>: <strerror(errno)>" */
printf_like(2, 3) int err_sys(struct err *err, const char *format, ...);
/* Puts "<text>: " before the sentence. */
printf_like(2, 3) int err_wrap(struct err *err, const char *format, ...);
/* With code and exit code, for errors that a person meets often. */
printf_like(4, 5) int err_code(struct err *err, const char *code, enum err_exit exit_code,
                               const char *format, ...);
/* Adds to help or place of an err that is already set; returns -1 as well. */
printf_like(2, 3) int err_help(struct err *err, const char *format, ...);
printf_like(2, 3) int err_place(struct err *err, const char *format, ...);
