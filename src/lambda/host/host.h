/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * host - a Lambda service for one function, on this machine: Invoke API in front, Runtime
 * API behind, so that a lambda in any language runs here (`partnerapp lambda serve`).
 *
 * An environment is a process of the function (or a command's process group) with a
 * Runtime API of its own on a loopback port, because that API has no other way to say who
 * asks. It handles one invocation at a time. One is started with the host, further ones
 * when all are busy, up to max_environments; above that Invoke says 429
 * TooManyRequestsException. An Event waits in a bounded queue instead, and is tried again
 * twice after an error, as AWS does.
 *
 * An environment that takes longer than timeout_ms is killed (Sandbox.Timedout); one that
 * ends in an invocation has failed it (Runtime.ExitError); the next invocation gets a new
 * one. Init may take HOST_INIT_MS; an init error is the answer of who waits for it, and
 * nothing starts again before somebody does.
 *
 * All state lives in one thread, the loop's; listeners hand requests over by mailbox.
 * STS: POST / with Action=AssumeRole is answered too, so that a caller can go Segment's
 * whole way; with `role` and `external_id` set, others are refused as AWS does (403), and
 * Invoke wants the credentials that were handed out, and a signature made with them.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct err;
struct host;
struct loop;

enum {
    HOST_INIT_MS = 10000,
    HOST_ENVIRONMENTS = 10, /* at most, unless told */
    HOST_EVENTS = 1000,     /* waiting */
    HOST_EVENT_ATTEMPTS = 3,
    HOST_EVENT_RETRY_MS =
        60000, /* before the second attempt; twice that before the third */
    HOST_TIMEOUT_MS = 10000,
    HOST_MEMORY_MB = 512,
};

enum host_notice_kind {
    HOST_LOG = 0,   /* a line that an environment wrote; a stranger's bytes */
    HOST_NOTE,      /* a sentence of ours */
    HOST_INVOCATION /* one has ended */
};

/* Something to show. Everything is borrowed until notice_fn returns. */
struct host_notice {
    enum host_notice_kind kind;
    const char *text; /* the line or the sentence; of a failed invocation its message */
    unsigned environment; /* its number, from 1; 0: none */
    const char *id;       /* request id; NULL: none */
    bool is_event;
    int64_t duration_us, init_us; /* init_us 0: the environment was there already */
    const char *error_type;       /* NULL: the invocation went well */
};

struct host_options {
    const char *listen_host;
    int port; /* 0: any */
    /* What an environment runs: argv, NULL-terminated; looked for in PATH. NULL: */
    const char *const *command;
    const char *shell_command;      /* a text for /bin/sh, as a person types it */
    const char *const *environment; /* NAME=VALUE on top of AWS's own; NULL-terminated */
    const char *function_name;      /* AWS_LAMBDA_FUNCTION_NAME; any name is accepted */
    const char *handler;            /* _HANDLER; NULL: "index.handler" */
    const char *task_root;          /* LAMBDA_TASK_ROOT and working directory */
    int64_t timeout_ms;             /* 0: HOST_TIMEOUT_MS */
    int64_t event_retry_ms;         /* 0: HOST_EVENT_RETRY_MS */
    unsigned max_environments;      /* 0: HOST_ENVIRONMENTS */
    unsigned memory_mb;             /* told, not enforced; 0: HOST_MEMORY_MB */
    const char *role, *external_id; /* NULL: any */
    void (*notice_fn)(void *arg, const struct host_notice *notice); /* may be NULL */
    void *arg;
};

/* Listens and starts the first environment; what @options points to outlives the host.
 * -1: the port, or the command is not there. */
must_check
int host_new(struct loop *loop, const struct host_options *options,
             struct host **ret_host, struct err *err);
int host_port(const struct host *host);
/* Kills every environment; who waits for an answer gets 502. */
void host_free(struct host *host);
