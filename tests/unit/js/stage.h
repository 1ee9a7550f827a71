/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * stage - a loop, a pool and one function, on which tests of the pool play their runs.
 *
 * The real runner and the hostile one are programs; stage_use() takes them from argv.
 */

#include "js/pool.h"
#include "sys/loop.h"

enum { MAX_RUNS = 256, GRACE_MS = 250 };

struct stage;

/* One run and what became of it. */
struct run {
    struct stage *stage;
    struct pool_invocation *invocation;
    enum outcome_run run;
    char value[512];
    char note[256];
    bool has_statuses;
    char name[64];
    char message[512];
    char stack[512];
    char handler[32];
    int line, column;
    size_t n_logs;
    unsigned n_logs_dropped;
    char log[512]; /* the first */
    unsigned n_free_reruns;
    bool is_transform;
    bool is_done;
    int64_t ended_ms;
    unsigned n_fetches;
    unsigned n_restarts;
    char url[256];
    char body[256];
};

/* A loop, a pool and one function. */
struct stage {
    struct loop *loop;
    struct pool *pool;
    struct pool_function *function;
    bool is_loaded;
    bool ok;
    char generation[32];
    char handlers[256];
    char name[64];
    char message[512];
    int line;
    int64_t timeout_ms;
    enum sandbox_level level;
    struct run runs[MAX_RUNS];
    size_t n_runs;
    size_t n_done;
    size_t n_wanted; /* the loop stops when so many are done */
    struct loop_timer guard;
    struct loop_timer answer_timer;
    int64_t answer_ms; /* fetches are answered so much later; 0: at once */
    bool never_answers;
    struct {
        struct run *run;
        uint32_t fetch;
        int64_t at_ms;
    } queue[1024];
    size_t n_queued, n_answered;
};

struct plan {
    const char *source;
    int64_t timeout_ms, slice_ms;
    unsigned in_flight, count;
    int64_t memory_bytes;
    bool allow_eval;
    bool has_auto_eval; /* by generation, whatever allow_eval is */
    bool has_auto_timeout;
    enum pool_generation generation;
    bool is_fresh;
};

/* A handler for track events with this body. */
#define H(body) "async function onTrack(event, settings) {" body "}"

/* False when the arguments are missing. */
bool stage_use(int argc, char **argv);
extern const char *stage_runner, *stage_hostile_runner;

/* Opens and waits until the code is loaded, or was found not to be. */
struct stage *stage_open(const struct plan *plan);
struct stage *stage_open_source(const char *source);
void stage_close(struct stage *stage);
struct run *stage_begin(struct stage *stage, const char *event, enum event_kind kind);
struct run *stage_begin_entry(struct stage *stage, enum pool_entry entry,
                              const char *event, enum event_kind kind);
void stage_finish(struct stage *stage, size_t n_wanted);
struct run *stage_play(struct stage *stage, const char *event, enum event_kind kind);
struct run *stage_play_entry(struct stage *stage, enum pool_entry entry,
                             const char *event, enum event_kind kind);
/* A run's done_fn, for tests that invoke the pool themselves. */
void stage_done(void *arg, const struct pool_result *result);
