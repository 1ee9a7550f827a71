/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * host_state - the insides that the files of this folder share. Nobody else includes it.
 *
 *             starts                  next            delivered
 *   (none) ──────────▶ STARTING ──────────▶ IDLE ◀───────────────▶ BUSY
 *                          │                  ▲  next          response, error, 413
 *                          │                  │                     │
 *                          │              FINISHING ◀───────────────┘
 *                          │                  │ GRACE_MS without next
 *                          ▼                  ▼
 *                        ended            LINGERING ──▶ ended
 *
 * Who has answered asks for more at once, so FINISHING counts as one that is coming, as
 * STARTING does: a caller waits for it, and none is started beside it.
 *
 * An invocation is on one list, or in its environment. Only timers, the end of a process
 * and host_free() end an environment, never a request to it.
 */

#include "base/arena.h"
#include "base/list.h"
#include "lambda/host/error_type.h"
#include "lambda/host/host.h"
#include "lambda/host/listener.h"
#include "lambda/host/output.h"
#include "lambda/host/sts.h"
#include "sys/child.h"
#include "sys/loop.h"

enum {
    UUID_LEN = 36,
    ARN_BYTES = 512,
    TRACE_BYTES = 256,
    TYPE_BYTES = ERROR_TYPE_BYTES,
};

struct task {
    struct list_link link;
    struct host *host;
    char id[UUID_LEN + 1];
    struct post *caller; /* NULL: an Event, whose caller has got its 202 */
    struct bytes payload;
    struct buf kept;    /* an Event's payload */
    struct buf context; /* compact JSON; empty: none */
    char arn[ARN_BYTES];
    char trace[TRACE_BYTES];
    bool wants_tail;
    bool is_event;
    unsigned n_attempts; /* of an Event, this one included */
    struct loop_timer again;
    unsigned environment; /* the number of the one it is or was in */
    int64_t began_us;     /* when it was delivered */
    int64_t init_us;      /* of the environment that was started for it */
    int64_t memory_bytes;
    struct tail tail;
};

enum environment_state {
    ENVIRONMENT_STARTING = 0,
    ENVIRONMENT_IDLE,
    ENVIRONMENT_BUSY,
    ENVIRONMENT_FINISHING,
    ENVIRONMENT_LINGERING,
};

struct environment {
    struct list_link link;
    struct host *host;
    unsigned number; /* from 1 */
    enum environment_state state;
    struct child child;
    int output_fd;
    struct loop_watch output, end;
    struct loop_timer limit;
    struct output said;
    struct listener api;
    struct post *next;          /* IDLE: the request that waits for work */
    struct task *task;          /* BUSY */
    char last_id[UUID_LEN + 1]; /* answered last */
    int64_t began_us, init_us;  /* init_us: until the first use has told it; then 0 */
    int64_t until_ms;           /* BUSY and after: when its time is up */
    const char *why_type;       /* why we ended it; NULL: it ended by itself */
    char why[160];
    struct buf init_error; /* what it posted; empty: nothing */
    char init_type[TYPE_BYTES];
};

struct host {
    struct loop *loop;
    struct host_options options; /* with the defaults in */
    struct arena arena;
    char region[64];
    struct listener front; /* Invoke, STS */
    struct list environments;
    struct list callers; /* who wait for an environment */
    struct list events;  /* the same, behind them */
    struct list later;   /* Events that failed, until they are tried again */
    struct sts sts;
    unsigned n_started;
};

/* host.c */
/* Hands what waits to who is idle, and starts what else is needed. */
void host_dispatch(struct host *host);
/* No environment is free, none is coming and no more may be started. */
must_check
bool host_is_full(const struct host *host);
/* What waits longest fails, an Event for now; nothing when nobody waits. */
void host_fail_first(struct host *host, struct environment *environment);
void host_tell(struct host *host, const struct host_notice *notice);
printf_like(3, 4) void host_note(struct host *host, unsigned environment,
                                 const char *format, ...);

/* runtime_front.c: a request of an environment to its Runtime API. */
void runtime_front(void *arg, struct post *post);
/* What it answers to a body that is too long. */
extern const struct server_answer runtime_too_large;
/* invoke_front.c: a request to the host. */
void invoke_front(void *arg, struct post *post);
extern const struct server_answer invoke_too_large;
