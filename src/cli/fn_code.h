/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * fn_code - a partner's code, loaded into the same sandbox as the service's, without a
 * server: what `fn check` and `fn run` share.
 */

#include "base/arena.h"
#include "base/buf.h"

struct call;
struct err;
struct loop;
struct pool;
struct pool_function;

enum { FN_CODE_HANDLERS = 16, FN_CODE_PATH = 4096 };

struct fn_code {
    struct arena arena;
    struct loop *loop;
    struct pool *pool;
    struct pool_function *function;
    char path[FN_CODE_PATH];
    struct buf source;
    /* What loading found; texts lie in the arena. */
    bool is_ok;
    const char *generation;
    const char *handlers[FN_CODE_HANDLERS + 1]; /* NULL-terminated */
    const char *error_name, *error_message;
    int line, column;
};

/* Loads the file that the call's first argument names: a path, or a function's name
 * ("hello": functions/hello/index.js). Code that does not load is no failure: is_ok is
 * false. -1: no such file, or no sandbox to load it in. End with fn_code_close. */
must_check
int fn_code_open(struct fn_code *code, const struct call *call, struct err *err);
void fn_code_close(struct fn_code *code);

/* Where an error of the code is, as people are shown it. */
struct fn_code_fault {
    const char *name, *message;
    int line, column;
};
void fn_code_describe(const struct fn_code *code, const struct fn_code_fault *fault,
                      struct err *err);
