/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * function_run - one invocation of a partner's function: from its payload to its answer.
 * Shared by function.c (what lives as long as the process) and function_run.c.
 */

#include "base/list.h"
#include "lambda/runtime/function.h"
#include "lambda/runtime/runtime.h"

struct client;
struct egress;
struct loop;

struct function {
    const struct function_options *options;
    struct loop *loop;
    struct pool *pool;
    struct pool_function *code;
    struct client *client; /* of the code's requests */
    struct egress *egress; /* what they may reach */
    struct list runs;      /* under way */
    bool is_loaded;
    /* Why it is not. */
    struct buf type, message;
};

/* runtime_options.begin_fn and deadline_fn; @arg: the struct function. */
void function_run_begin(void *arg, struct runtime_invocation *invocation,
                        const struct runtime_next *next);
void function_run_expire(void *arg, struct runtime_invocation *invocation);
/* The end of the process: frees what was under way. After pool_free, before client_free.
 */
void function_run_drop_all(struct function *function);
