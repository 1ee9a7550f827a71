/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * faults - Segment has a bad day, on demand and for a limited time (ux §4.5).
 *
 * A fault is a row: where, what, how often, until when or how many times. It ends by
 * itself; what fires is marked with X-Emulator-Fault and in the inspector, so nobody
 * chases a bug that was injected. Percentages use the world's seed. At most one fires a
 * call. The shape of a row is in faults_row.h.
 *
 * faults.c keeps and draws rows, faults_answer.c spoils answers, faults_event.c changes
 * deliveries, faults_scenarios.c knows sets with a story.
 */

#include <stddef.h>

#include "base/bytes.h"

struct err;
struct exchange;
struct json;
struct world;
struct write;

enum { FAULTS_MAX = 100 };

enum fault_what {
    FAULT_NONE = 0,
    FAULT_STATUS,
    FAULT_DELAY,
    FAULT_HANG,
    FAULT_CLOSE,
    FAULT_CUT,
    FAULT_CONTENT_TYPE,
    FAULT_BAD_JSON,
    FAULT_CONTENT_LENGTH,
    FAULT_REDIRECT_LOOP,
    FAULT_DUPLICATE,
    FAULT_REORDER,
    FAULT_BATCH,
    FAULT_LARGE,
    FAULT_LETTER_CASE,
    FAULT_TOKEN_EXPIRED,
    FAULT_TOKEN_REVOKED,
    FAULT_TOKEN_SCOPE,
    FAULT_CODE_USED,
    FAULT_STATE_CHANGED,
    FAULT_RATE_LIMIT,
    FAULT_N,
};

struct fault {
    unsigned id; /* 0: none */
    enum fault_what what;
    int status;
    int code;            /* -1: the one that goes with the status */
    int64_t delay_ms;    /* drawn from the range */
    int64_t after_bytes; /* of FAULT_CUT; -1: the half */
};

/*
 * Does one fire here and now? It is counted when it does. @where as in faults_row.h;
 * @method and @path may be empty. Only faults whose `what` is among the @n_wanted fire.
 * Who draws for an exchange sets its `fault`.
 */
struct fault faults_draw(struct world *world, const char *where, struct bytes method,
                         struct bytes path, const enum fault_what *wanted,
                         size_t n_wanted);
/* The role that takes this call ("config"), or NULL: ours, or none that has faults. */
const char *faults_where(const struct exchange *exchange);
/* faults_draw for the exchange's role, path and method, of one kind; it is marked. */
must_check
bool faults_hits(struct exchange *exchange, enum fault_what what);
/* limits_take of the exchange's world and time, or what it says when a fault has used the
 * window up. */
must_check
int64_t faults_take_rate(struct exchange *exchange, struct bytes who);
/* Before the handler: true when the fault is the whole answer (or will be). */
must_check
bool faults_before(struct exchange *exchange);
/* Before an answer is sent: spoils it. True: it is kept back, and sent later from here.
 */
must_check
bool faults_after(struct exchange *exchange);

/* -1 with @err for a fault that makes no sense. *ret_id: its number. */
must_check
int faults_add(struct world *world, const struct json *json, unsigned *ret_id,
               struct err *err);
/* Likewise, in place of a fault of the same where, method, path and what; or of @id when
 * that is not 0. */
must_check
int faults_set(struct world *world, const struct json *json, unsigned id,
               unsigned *ret_id, struct err *err);
bool faults_remove(struct world *world, unsigned id);
void faults_clear(struct world *world);
size_t faults_n_active(struct world *world);
void faults_write(struct world *world, struct write *write); /* a list */
/* One of the list; false when there is none. */
must_check
bool faults_write_one(struct world *world, unsigned id, struct write *write);

struct fault_scenario {
    const char *name;   /* "token-expires-mid-install" */
    const char *title;  /* "Token expires mid-install" */
    const char *faults; /* JSON array */
    int64_t advance_ms; /* of the world's clock */
    const char *expect; /* what a good partner does then, for people */
};
/* Ends with a NULL name. */
extern const struct fault_scenario fault_scenarios[];
/* Plays a named one. -1: unknown. */
must_check
int faults_play(struct world *world, struct bytes scenario, struct err *err);
