/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * pool - functions, run by sandboxed processes that we can kill.
 *
 * One pool per loop (courier's, or the command line's). Each loaded function version has
 * up to `count` runners with many invocations in flight in each (architecture §1). The
 * pool owns the rules of who pays:
 *   - a slice or an invocation that is on the CPU past its limit: SIGKILL; only that
 *     invocation ends (RUN_TIMEOUT), the others in that runner run again for free;
 *   - an invocation that only waits past its limit is cancelled (RUN_TIMEOUT), no kill;
 *   - over the memory limit, or a crash: nobody is charged; the suspects run again one at
 *     a time in a quarantine runner, whoever was on the CPU first; who does it again
 * alone ends RUN_MEMORY or RUN_CRASHED, and the others are no longer suspected. The first
 *     and only invocation of a runner that swelled is charged at once;
 *   - who was run again for free POOL_FREE_RERUNS times because of others runs alone from
 *     then on, so an innocent is never charged.
 * What a runner says is decoded strictly (js/frame.h); a runner that breaks the rules is
 * killed and counted as a crash.
 */

#include <stdbool.h>

#include "base/buf.h"
#include "core/outcome.h"
#include "segment/event.h"
#include "sys/sandbox.h"

struct err;
struct loop;
struct pool;
struct pool_function;   /* one loaded version; immutable code */
struct pool_invocation; /* one run */

enum {
    POOL_FREE_RERUNS = 3,
    POOL_SOURCE_BYTES = 1 << 20,
    POOL_LOG_LINES = 64, /* of one invocation; later ones are dropped and counted */
    POOL_LOG_LINE_BYTES = 4096,
    POOL_VALUE_BYTES = 1 << 20,
    POOL_FETCHES = 32, /* under way at once in one invocation */
    POOL_HEADERS = 64,
};

struct pool_options {
    const char *runner; /* path of partnerapp-runner */
    unsigned count;     /* runners per function; 0: 1 */
    int64_t memory_bytes;
    bool jit;
    enum sandbox_level minimum; /* below it a runner is refused, with what is missing */
    bool may_run_unsandboxed;   /* only for tests of the pool itself */
};

must_check
struct pool *pool_new(struct loop *loop, const struct pool_options *options);
void pool_free(struct pool *pool); /* kills all runners; no callback is called any more */

/* Whose interface the code is written for (dossier §4; docs/reference/functions.md). */
enum pool_generation {
    POOL_BY_CODE = 0, /* found out by looking at the code */
    POOL_CUSTOM,
    POOL_SUBSCRIPTION,
    POOL_FUNCTIONS, /* on<Type>, <type>, onBatch, onRequest */
};
/* The reference code of the first two generations needs eval(). */
enum pool_eval { POOL_EVAL_BY_GENERATION = 0, POOL_EVAL_ON, POOL_EVAL_OFF };

struct pool_code {
    struct bytes name;   /* for messages: "functions/hello/index.js" */
    struct bytes source; /* copied */
    int64_t timeout_ms; /* of one invocation; 0: 3 s for the first two generations, else 5
                           s */
    int64_t slice_ms;
    unsigned in_flight; /* at once in one runner */
    enum pool_generation generation;
    enum pool_eval allow_eval;
    bool
        is_fresh; /* a new context for every invocation: nothing of one reaches another */
};

/* What a runner found in the code. */
struct pool_loaded {
    bool ok;
    const char
        *generation; /* "custom", "subscription", "functions", "source" (onRequest),
                        "transform" (transformEvent alone: we send what it returns) */
    const char *const *handlers; /* "onTrack", "onBatch" …, NULL-terminated */
    int64_t timeout_ms;          /* in force */
    /* When not ok: a syntax error or a throw at the top level. Lines begin at 1, 0: not
     * known (the engine gives no column for syntax errors). */
    const char *error_name, *error_message;
    int line, column;
    unsigned sandbox_layers;
    enum sandbox_level level;
};
typedef void pool_loaded_fn(void *arg, struct pool_function *function,
                            const struct pool_loaded *loaded);

/*
 * Starts a runner and loads the code; @fn is called once, later. When it was not ok the
 * function can only be freed. When no runner could be started at all (missing program,
 * sandbox below the minimum) ok is false, error_name "Runner" and the message says why.
 */
must_check
struct pool_function *pool_load(struct pool *pool, const struct pool_code *code,
                                pool_loaded_fn *fn, void *arg);
/* No new invocations; the runners end when those under way have. Then it frees itself. */
void pool_retire(struct pool_function *function);

struct pool_header {
    struct bytes name, value;
};

struct pool_request { /* a fetch() of the code; slices live until it is answered */
    struct bytes method, url, body;
    bool has_body;
    struct pool_header headers[POOL_HEADERS];
    size_t n_headers;
    bool follow_redirects; /* redirect: "follow" (as the policy allows), else manual/error
                            */
};
struct pool_result {
    enum outcome_run run;
    struct bytes value; /* JSON text of the return value; empty: undefined. The first two
                           generations can have one beside an error. Of a request:
                           {"events":[…],"objects":[…]}, what Segment.* collected */
    bool has_statuses;  /* of a batch: value is [{status, errormessage?}], one an event */
    bool is_transform;  /* value is the body that transformEvent returned, to be sent;
                           an empty value then means "nothing to send" */
    struct bytes error_name, error_message, error_stack;
    struct bytes error_note; /* what was missing: "event.traits was {"plan":"pro"}: it has
                                no `user`"; empty: nothing to say */
    int line, column;        /* of a throw, 0 unknown */
    struct bytes handler;    /* "onTrack" */
    const struct bytes *logs;
    size_t n_logs;
    unsigned n_logs_dropped;
    int64_t duration_us; /* of the run that counted */
    unsigned n_free_reruns;
};

/* What is run. */
enum pool_entry {
    POOL_EVENT = 0, /* the handler of its kind; @event is one event */
    POOL_BATCH,     /* onBatch; @event is a list of events, @kind does not matter */
    POOL_REQUEST,   /* onRequest; @event is {body, headers, url?, queryParameters?} */
};

struct pool_run { /* all borrowed until done_fn returned */
    enum pool_entry entry;
    struct bytes event;    /* JSON text */
    struct bytes settings; /* JSON object's text */
    enum event_kind kind;
    bool is_folded; /* give the exact envelope keys too (segment/event.h) */
    /* A fetch: answer it with pool_answer, now or later. @fetch is its number. */
    void (*fetch_fn)(void *arg, struct pool_invocation *invocation, uint32_t fetch,
                     const struct pool_request *request);
    /* It runs again from its beginning, so its fetches so far are void: cancel those
     * under way (an answer to them is ignored), forget those recorded. May be NULL. */
    void (*restart_fn)(void *arg);
    /* Once, never before pool_invoke returned. The invocation is gone afterwards: fetches
     * still under way (a time-out) are to be cancelled here, not answered any more. */
    void (*done_fn)(void *arg, const struct pool_result *result);
    void *arg;
};

/* NULL when the function has no room now (in_flight × count): ask again when one ended.
 */
must_check
struct pool_invocation *pool_invoke(struct pool_function *function,
                                    const struct pool_run *run);
bool pool_has_room(const struct pool_function *function);
/* No callback any more. */
void pool_cancel(struct pool_invocation *invocation);
/* Its time is over by a clock of the caller's: done_fn is called before this returns,
 * with RUN_TIMEOUT, @why and its logs so far. Nobody waits for a runner whose CPU it
 * holds. */
void pool_expire(struct pool_invocation *invocation, const char *why);

/* What a fetch got; all borrowed during the call. */
struct pool_response {
    enum outcome_transport transport; /* TRANSPORT_OK: status, headers, body are set */
    const char *error;                /* else the reason, for a FetchError */
    int status;
    const struct pool_header *headers;
    size_t n_headers;
    struct bytes body;
};
void pool_answer(struct pool_invocation *invocation, uint32_t fetch,
                 const struct pool_response *response);

/* For metrics. */
struct pool_stats {
    unsigned n_runners, n_in_flight;
    uint64_t n_started, n_killed_time, n_killed_memory, n_crashed;
    int64_t rss_bytes;
    int64_t peak_rss_bytes; /* the most of any one runner so far */
};
void pool_stats(const struct pool *pool, struct pool_stats *ret_stats);
