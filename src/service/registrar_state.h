/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * registrar_state - what the files of the registrar share: its jobs, its rows in memory,
 * and one job under way (a run).
 */

#include <pthread.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "base/list.h"
#include "base/map.h"
#include "base/secret.h"
#include "core/oauth.h"
#include "net/segment_call.h"
#include "service/registrar.h"
#include "service/snapshot.h"

enum { REGISTRAR_TEXT_BYTES = 64 << 10 };

enum job_kind {
    JOB_EXCHANGE = 0,
    JOB_REDEEM, /* a code that a crash left behind */
    JOB_SYNC,
    JOB_REFRESH,
    JOB_TOKEN,
    JOB_FORGET,
    JOB_APPROVE,
};

struct waiter {
    struct waiter *next;
    registrar_done_fn *fn; /* or token_fn, or neither */
    registrar_token_fn *token_fn;
    void *arg;
};

struct job {
    struct list_link link;
    enum job_kind kind;
    int64_t number; /* of the install; 0: not known yet */
    bool may_mend;
    struct secret code, verifier;
    char *redirect_uri, *subscription;
    int64_t pressed_at_ms, called_at_ms; /* of an exchange; 0: not known */
    struct waiter *waiters;
};

struct held { /* a row in memory */
    struct store_install row;
    struct arena arena;
    int64_t tried_at_ms; /* when it was last looked at by itself; 0: never */
};

struct registrar {
    struct registrar_options options;
    struct keeper *keeper; /* since the start */
    _Atomic(const struct snapshot *) snapshot;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* monotonic */
    pthread_t threads[REGISTRAR_THREADS], watch;
    bool is_started, is_stopping;
    struct map held; /* by number */
    struct map busy; /* numbers whose lease is taken */
    struct list waiting, running;
};

struct run {
    struct registrar *registrar;
    const struct job *job;
    const struct snapshot *snapshot;
    struct arena arena;
    struct store_install install;  /* row 0: none; texts in the arena */
    struct store_install code_row; /* of the code that is being exchanged; row 0: none */
    int64_t lease;                 /* a number whose lease the job has; 0: none */
    struct secret token;
    bool was_refreshed;
    enum enabling_fault fault;
    char why[256];
    bool is_created, is_set;
    struct buf destination, drift;
    struct buf steps;               /* lines (service/console/steps.h) */
    const char *saying;             /* what the next call is, as a step */
    struct bytes saying_secrets[2]; /* in its body */
};

static inline struct bytes number_bytes(const int64_t *number)
{
    return bytes_of(number, sizeof(*number));
}

/* --- registrar_held.c -----------------------------------------------------------------
 */

void held_free(struct held *held); /* NULL is fine */
void registrar_copy_row(struct arena *arena, const struct store_install *from,
                        struct store_install *ret);
/* The row of @number into the run; false: there is none. */
bool registrar_load(struct run *run, int64_t number);
/* An earlier install of the same source, which Segment has ended: its number, 0: none. */
must_check
int64_t registrar_older(struct registrar *registrar, const struct oauth_token *token);
void registrar_drop(struct registrar *registrar, int64_t number);

/* --- registrar.c -------------------------------------------------------------------- */

/* Waits until nobody else has it. */
void registrar_lease(struct registrar *registrar, int64_t number);
void registrar_release(struct registrar *registrar, int64_t number);
/* Real time, cut short by the stop. */
void registrar_sleep(struct registrar *registrar, int64_t wait_ms);
bool registrar_is_stopping(void *registrar);
void registrar_tell(struct run *run, enum registrar_event event);

/* --- registrar_rows.c: what is committed ---------------------------------------------
 */

/* Each sets the fault and is -1 when the store does not take it. */
int rows_put(struct run *run);
must_check
int rows_put_token(struct run *run, const struct oauth_token *token,
                   const struct store_install *older);
must_check
int rows_renew(struct run *run, const struct oauth_token *token);
must_check
int rows_make_key(struct run *run);
must_check
int rows_put_code(struct run *run, const struct registrar_code *code);
/* The code's row, or the install's with all that it is. */
int rows_forget_code(struct run *run);
int rows_forget(struct run *run);
/* Opens the row's token; of a row with a number below zero the code and all that its
 * exchange needs. */
must_check
int rows_open_token(struct run *run);
must_check
bool rows_open_code(struct run *run, struct secret *storage,
                    struct registrar_code *ret_code);

/* --- registrar_calls.c: what is said to Segment ---------------------------------------
 */

must_check
int calls_exchange(struct run *run, const struct registrar_code *code,
                   struct buf *scratch, struct oauth_token *ret_token);
/* A new token, committed. */
must_check
int calls_refresh(struct run *run);
/* The destination: got, made or set. Its JSON into run->destination when it is there. */
enum segment_verdict calls_destination(struct run *run, enum segment_verb verb,
                                       int64_t *ret_retry_after_ms);
void calls_fail(struct run *run, enum enabling_fault fault, const char *why);
bool calls_want_key(const struct run *run);
/* Consent without a browser at the local Segment: the code. */
must_check
int calls_consent(struct run *run, const char *redirect_uri, struct secret *verifier,
                  struct secret *ret_code);

/* --- registrar_told.c: what was said, to be looked at ---------------------------------
 */

/* A call of @run->saying with its answer. */
struct told_call {
    const char *method;
    struct bytes url, body;
    bool has_form;
    struct bytes authorization; /* a secret */
    int64_t at_ms, began_us;
    const struct segment_answer *answer;
};
void told_call(struct run *run, const struct told_call *call);
/* How the browser came and went, of the job's exchange. */
void told_visit(struct run *run);
/* Something that we did alone. */
void told_deed(struct run *run, const char *name, const char *summary);
/* With the install, if there is one now. */
void told_keep(struct run *run);

/* --- registrar_steps.c: the scripts ----------------------------------------------------
 */

void steps_run(struct run *run);
