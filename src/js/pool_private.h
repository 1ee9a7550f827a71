/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * pool_private - what the files of the pool share; nobody else includes it.
 *
 *   pool.c     the functions and what callers ask
 *   crew.c     one runner's life: start, load, invoke, end
 *   hear.c     what a runner says
 *   referee.c  the clock, and who pays when a runner is killed
 *
 * Nothing is freed inside a callback of a caller: a runner that must go moves to the
 * pool's dying ones until the kernel says that it ended; functions and invocations that
 * are through are freed by sweep(), in a turn of its own.
 */

#include "base/list.h"
#include "js/channel.h"
#include "js/page.h"
#include "js/pool.h"
#include "js/scales.h"
#include "sys/cgroup.h"
#include "sys/child.h"
#include "sys/loop.h"

/*
 *   STARTING ──READY──▶ LOADING ──LOADED──▶ SERVING
 *       └────────────────┴───────────────────┴──▶ DYING (killed, not yet reaped)
 */
enum crew_state { CREW_DYING = 0, CREW_STARTING, CREW_LOADING, CREW_SERVING };

enum crew_end {
    CREW_ENDED = 0, /* no longer needed: nobody suffers */
    CREW_OVERTIME,  /* a slice or an invocation held the CPU too long */
    CREW_OVERWEIGHT,
    CREW_CRASHED, /* it ended by itself, or said nonsense */
};

/* A runner as the service sees it. */
struct crew {
    struct list_link link;       /* on its function's crews, or the pool's dying */
    struct list_link dirty_link; /* on the pool's dirty: has frames to send */
    bool is_dirty;
    struct pool *pool;
    struct pool_function *function; /* NULL when dying */
    enum crew_state state;
    bool is_quarantine; /* runs one suspect at a time */
    struct child child;
    struct cgroup_part part;     /* of the pool's group; none where that is none */
    struct loop_watch end_watch; /* its pidfd */
    struct loop_watch socket_watch;
    int socket;
    struct page *page;
    struct channel channel;
    struct list invocations; /* in flight here, oldest first */
    int64_t since_ms;        /* the state's beginning */
    int64_t stalled_ms;      /* since when it takes nothing; 0: it does */
    int64_t idle_ms;         /* since when it is seen without work; 0: it has some */
    uint32_t last_sequence;  /* of the slice seen at the last look */
    struct pan pan;          /* on the pool's scales from READY on */
    unsigned n_begun;        /* invocations that it was ever given */
    int64_t cost_us;         /* of one of them in the engine, lately; 0: not known */
    int64_t spent_us;        /* in the engine, when that was reckoned */
    unsigned n_reckoned;     /* that had ended then */
    uint32_t first_id;       /* invocations before were never its own */
    uint32_t expired; /* by pool_expire, the last; it must not be on the CPU any more */
    unsigned layers;
    unsigned n_idle_frames; /* said to nobody since its last invocation began */
};

enum function_state { FUNCTION_BROKEN = 0, FUNCTION_LOADING, FUNCTION_READY };

struct pool_function {
    struct list_link link;
    struct pool *pool;
    char *name;
    char *source;
    size_t source_len;
    struct pool_code code; /* its slices are the copies above */
    pool_loaded_fn *fn;
    void *arg;
    enum function_state state;
    bool is_retired;
    bool has_own_timeout; /* was configured, so what the code is does not set it */
    bool has_callback;    /* an older generation: no callback in time is a bad request */
    struct list crews;
    struct list waiting;  /* invocations without a runner, in order */
    struct list suspects; /* to be run again, alone */
    unsigned n_in_flight; /* all invocations, wherever they are */
    unsigned n_failures;  /* starts in a row that came to nothing */
    struct loop_timer restart;
    char failure[512]; /* of the last start, a sentence */
};

struct fetch_slot {
    uint32_t id;     /* what the caller answers with, never twice; 0: free */
    uint32_t theirs; /* what the runner calls it */
};

struct pool_invocation {
    struct list_link link;
    struct list *on; /* the list that it is on; NULL when it is through */
    struct pool_function *function;
    struct crew *crew; /* NULL: waits */
    uint32_t id;       /* of this attempt at running it; another for each */
    struct pool_run run;
    int64_t begun_us; /* when it was given to its runner, or began to wait */
    unsigned n_free_reruns;
    uint32_t last_fetch;
    struct fetch_slot fetches[POOL_FETCHES];
    struct bytes *logs; /* POOL_LOG_LINES of them once there is one */
    size_t n_logs;
    unsigned n_logs_dropped;
};

struct pool {
    struct loop *loop;
    struct pool_options options;
    char *runner;
    struct cgroup *group; /* NULL: none to be had */
    struct scales *scales;
    struct list functions;
    struct list dying;
    struct list dirty;
    struct list through; /* invocations to be freed by the sweep */
    struct loop_timer sweep;
    struct loop_timer tick;
    int64_t tick_ms; /* as it was set last */
    uint32_t last_id;
    struct pool_stats stats;
};

/* pool.c */
/* Gives @invocation its result and takes it off its list. */
void invocation_end(struct pool_invocation *invocation, const struct pool_result *result);
/* Ends it with words of ours. */
void invocation_fail(struct pool_invocation *invocation, enum outcome_run run,
                     const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Its time is over, for the reason of the words; what that means its generation says. */
void invocation_time_out(struct pool_invocation *invocation, const char *why);
/* Takes it off its runner; what it had fetched is void. */
void invocation_restart(struct pool_invocation *invocation, struct list *to);
void invocation_move(struct pool_invocation *invocation, struct list *to);
/* Gives waiting work to runners, starts those that are missing. */
void function_arrange(struct pool_function *function);
/* Tells the caller how the first load went. */
void function_loaded(struct pool_function *function, const struct pool_loaded *loaded);
/* A start came to nothing; tries again later, or gives up when it is the first load. */
void function_start_failed(struct pool_function *function, const char *name);
void pool_wake(struct pool *pool); /* a sweep and a tick are due */
/* A runner was seen at this weight. */
static inline void pool_weighed(struct pool *pool, int64_t bytes)
{
    if (bytes > pool->stats.peak_rss_bytes)
        pool->stats.peak_rss_bytes = bytes;
}

/* crew.c */
/* False when the process could not be made; function->failure says why. */
must_check
bool crew_start(struct pool_function *function, bool is_quarantine);
void crew_invoke(struct crew *crew, struct pool_invocation *invocation);
void crew_cancel(struct crew *crew, uint32_t invocation);
/* Gives it the function's code. */
void crew_load(struct crew *crew);
/* The frame begun at @begun is complete and leaves at the end of the turn. False when it
 * did not fit: it is taken back whole. */
bool crew_send(struct crew *crew, size_t begun);
void crew_flush(struct crew *crew);
/* Stops it, for it has nothing to do; the next frame that it is sent wakes it. */
void crew_rest(struct crew *crew);
must_check
bool crew_rests(const struct crew *crew);
/* Kills it; what happens to its invocations is the referee's. */
void crew_kill(struct crew *crew);
void crew_reap(struct crew *crew); /* blocks until it ended, frees it */

/* hear.c */
void crew_hear(void *arg, int events); /* @arg: the crew */

/* referee.c */
/* Ends @crew and settles who pays. @culprit: the invocation on the CPU, 0 none. */
void referee_end(struct crew *crew, enum crew_end end, uint32_t culprit);
void referee_tick(void *arg);         /* @arg: the pool */
void referee_wake(struct pool *pool); /* there is work to watch */
