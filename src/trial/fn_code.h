/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * fn_code - a partner's code, loaded into the same sandbox as the service's, beside it or
 * without one: what checking, running and testing share.
 */

#include "base/arena.h"
#include "base/buf.h"
#include "js/pool.h"

struct err;
struct loop;

enum { FN_CODE_HANDLERS = 24, FN_CODE_PATH = 4096 };

struct fn_code_wish {
    const char *given; /* a path, or a function's name ("hello":
                          functions/hello/index.js) */
    enum pool_generation generation;
    enum pool_eval allow_eval;
    struct pool_options runners; /* its path is borrowed */
    bool is_fresh;               /* nothing of one run reaches the next */
    int64_t timeout_ms;          /* 0: the generation's */
    int64_t slice_ms;
};

struct fn_code {
    struct arena arena;
    struct loop *loop;
    struct pool *pool;
    struct pool_function *function;
    char path[FN_CODE_PATH];
    const char *name;  /* see fn_code_name */
    struct buf source; /* without a byte order mark */
    struct fn_code_wish wish;
    const char *configured; /* settings of its subscription, JSON; NULL: it has none */
    /* What loading found; texts lie in the arena. */
    bool is_ok;
    const char *generation;
    const char *handlers[FN_CODE_HANDLERS + 1]; /* NULL-terminated */
    const char *error_name, *error_message;
    int line, column;
};

/* Finds where it lies; nothing is read. End with fn_code_close. */
void fn_code_open(struct fn_code *code, const struct fn_code_wish *wish);
/* After the source was added: without a byte order mark. */
void fn_code_strip(struct fn_code *code);
/* Loads it, which runs its top level. Code that does not load is no failure: is_ok is
 * false. -1: no sandbox to load it in. */
must_check
int fn_code_load(struct fn_code *code, struct err *err);
void fn_code_close(struct fn_code *code);

/* "hello" of functions/hello/index.js, from wherever it is named; else the file's name
 * without its ".js". */
struct bytes fn_code_name(const struct fn_code *code);
/* Where its tests, mocks and settings lie: functions/hello; in the arena. */
const char *fn_code_folder(struct fn_code *code);
/* It waits for requests, not for events. */
bool fn_code_is_source(const struct fn_code *code);
bool fn_code_has_handler(const struct fn_code *code, const char *name);

/* The failure that there is no sandbox; returns -1. */
int fn_code_no_runner(const char *reason, struct err *err);
