/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * faults - Segment has a bad day, on demand and for a limited time (ux §4.5).
 *
 * A fault is a row: where, what, how often, until when or how many times. It ends by
 * itself; what fires is marked with X-Emulator-Fault and in the inspector, so nobody
 * chases a bug that was injected. Percentages use the world's seed.
 *
 *   {"id":2,"where":"config","method":"POST","path":"/destinations","what":"status",
 *    "status":503,"body":…,"delay_ms":[2000,6000],"percent":100,"until":"…Z","times":3}
 *
 * where: auth, token, refresh, config, public, tracking (calls that are made to us),
 * sink (deliveries that we make). what: status, delay, hang, close, cut, content_type,
 * bad_json, content_length, redirect_loop (of answers); duplicate, reorder, batch, large,
 * letter_case (of deliveries); token_expired, token_revoked, token_scope, code_used,
 * state_changed, rate_limit (of OAuth and the Config API).
 */

#include "base/bytes.h"

struct err;
struct exchange;
struct json;
struct world;
struct write;

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
    int64_t delay_ms; /* drawn from the range */
};

/*
 * Does one fire here and now? It is counted when it does. @where as above; @method and
 * @path may be empty. Only faults whose `what` is among the @n_wanted fire.
 */
struct fault faults_draw(struct world *world, const char *where, struct bytes method,
                         struct bytes path, const enum fault_what *wanted,
                         size_t n_wanted);
/* Before the handler: true when the fault is the whole answer (or will be). */
must_check
bool faults_before(struct exchange *exchange);
/* After it: spoils an answer that was made. */
void faults_after(struct exchange *exchange);
/* -1 with @err for a fault that makes no sense. *ret_id: its number. */
must_check
int faults_add(struct world *world, const struct json *json, unsigned *ret_id,
               struct err *err);
bool faults_remove(struct world *world, unsigned id);
void faults_clear(struct world *world);
size_t faults_n_active(struct world *world);
void faults_write(struct world *world, struct write *write); /* a list */
/* A named set with a written expectation: "token-expires-mid-install" … -1: unknown. */
must_check
int faults_play(struct world *world, struct bytes scenario, struct err *err);
