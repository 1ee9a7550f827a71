/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * runtime - our side of AWS Lambda's Runtime API (dossier §5.5): ask for the next
 * invocation, have it handled, post the result or the error, ask again.
 *
 * One loop, one thread. `n_at_once` asks are under way, each with one invocation at a
 * time (1, but on Managed Instances: AWS_LAMBDA_MAX_CONCURRENCY). The ask has no time
 * limit: the machine may be frozen while it waits. 400, 403 and 413 to an answer: go on
 * with the next invocation (after 413 the caller is told by Lambda itself). 500, or a
 * lost connection: the environment is unusable, runtime_run returns -1 and the process is
 * to end with 1, so that a new one is made.
 *
 * The deadline: whoever handles an invocation answers before deadline_ms (a wall clock);
 * runtime itself answers in its place RUNTIME_MARGIN_MS before, with deadline_fn told
 * first, because an answer after it is lost and the environment with it. What comes
 * later all the same (the machine was frozen, or the owner blocks) is not posted.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

struct err;
struct loop;
struct runtime;
struct runtime_invocation;

enum {
    /* A small function has a few percent of a CPU, in portions every 20 ms. */
    RUNTIME_MARGIN_MS = 100,
    RUNTIME_ANSWER_BYTES = (6 << 20) + 100, /* what the API takes */
    RUNTIME_PAYLOAD_BYTES = 8 << 20,
};

/* What next said; slices live until the invocation was answered. */
struct runtime_next {
    struct bytes request_id, payload;
    struct bytes client_context; /* JSON text; empty: none */
    struct bytes function_arn, trace_id;
    int64_t deadline_ms; /* Unix time; 0: none was given */
};

struct runtime_options {
    struct bytes api;   /* AWS_LAMBDA_RUNTIME_API: "127.0.0.1:9001" */
    unsigned n_at_once; /* 0: 1 */
    /* Handle @invocation, now or later; answer it exactly once (also at once). */
    void (*begin_fn)(void *arg, struct runtime_invocation *invocation,
                     const struct runtime_next *next);
    /* The time is up: stop, and answer at once or leave that to us; then @invocation is
     * gone. May be NULL (who blocks). */
    void (*deadline_fn)(void *arg, struct runtime_invocation *invocation);
    void *arg;
};

/* Borrows @options' slices until runtime_free. */
must_check
struct runtime *runtime_new(struct loop *loop, const struct runtime_options *options);
void runtime_free(struct runtime *runtime);
/* Runs the loop until the API is lost. Always -1 with @err: there is no other end. */
must_check
int runtime_run(struct runtime *runtime, struct err *err);

/* An invocation's failure, for people and for Segment's classification (§5.3). */
struct runtime_failure {
    struct bytes type; /* class name: "EventNotSupported", "RetryError", "TypeError" */
    struct bytes message;
    struct bytes stack; /* lines; may be empty */
};

/* @result is JSON; copied. Empty: null. */
void runtime_answer(struct runtime_invocation *invocation, struct bytes result);
void runtime_fail(struct runtime_invocation *invocation,
                  const struct runtime_failure *failure);
/* Whatever the owner needs with an invocation. */
void runtime_set_data(struct runtime_invocation *invocation, void *data);
void *runtime_data(const struct runtime_invocation *invocation);

/* Before any runtime_new: nothing can be handled. Posts init/error, blocking; the process
 * is then to end with 1. -1: not even that arrived. */
must_check
int runtime_refuse_init(struct bytes api, const struct runtime_failure *failure,
                        struct err *err);
