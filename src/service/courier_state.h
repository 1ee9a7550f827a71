/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * courier_state - what courier's files share: subscriptions in line, deliveries,
 * attempts.
 *
 *   courier.c    thread, letters, orders        lines.c     whose turn, what is held back
 *   attempt.c    one attempt and its requests   functions.c loading and swapping code
 *   batches.c    who waits for company          instances.c code of one customer each
 *   refill.c     who waits by number only
 *
 * A delivery is on exactly one of: its line's `ready` list, one of its batches, the `due`
 * heap (retrying), `loading` (its bytes are on their way), or it runs, or it waits for
 * keeper. Most of those that wait untried are no object yet, but a number in their line's
 * `later`. Courier's thread only.
 */

#include <stdatomic.h>

#include "base/heap.h"
#include "core/config.h"
#include "core/rate.h"
#include "core/row_set.h"
#include "core/turns.h"
#include "net/client.h"
#include "service/batches.h"
#include "service/courier.h"
#include "service/credentials.h"
#include "service/hosts.h"
#include "service/instances.h"
#include "service/settlement.h"
#include "service/waiters.h"
#include "sys/loop.h"

struct load;
struct pool;
struct pool_function;

enum {
    COURIER_RESIDENT_BYTES = 32
                             << 20, /* events kept in memory; others are loaded again */
    COURIER_MAX_UNSETTLED = 4096,   /* attempts that wait for keeper */
    COURIER_KEEP_MS = 5000,         /* a retry due sooner keeps its bytes */
    COURIER_RELOAD_MS = 200,        /* after bytes that could not be read */
};

struct line { /* one subscription's deliveries */
    struct list_link link;
    struct courier *courier;
    struct turns_member turn;
    uint16_t number;
    char *name;
    const struct config_subscription *config; /* NULL: not configured any more: held */
    struct list ready;
    struct row_set later;   /* behind those: by number only */
    struct batches batches; /* where the code has onBatch: they wait for company */
    struct instances instances;
    size_t n_running; /* attempts */
    size_t n_loading;
    size_t resident_bytes; /* of the courier's, this line's */
    struct rate rate;
    struct host *host;  /* where its requests went last: whose breaker is asked */
    struct buf sent_to; /* that URL; empty: too long, or not known */
    struct loop_timer wake;
    struct {
        char *path;                    /* NULL: no function, events are forwarded */
        struct pool_function *current; /* NULL: none is good yet: held */
        int64_t version;               /* the store's */
        unsigned generation;           /* 1, 2, … of this process, for people */
        char *handlers;
        bool has_batch;    /* onBatch is one of them */
        struct err broken; /* of the last save, text empty: none */
        struct loop_file *watch;
        struct recent recent; /* its runs */
    } function;
};

struct delivery {
    struct heap_node due; /* lines_now_ms; tie: row, so the oldest goes first */
    struct list_link link;
    struct line *line;
    int64_t row, event, replay;
    int64_t created_at_ms;    /* wall */
    int64_t first_attempt_ms; /* wall, 0: none */
    int64_t tried_since_ms;   /* lines_now_ms, maybe before 0; 0: has not been tried */
    unsigned attempts;
    enum delivery_state state;
    struct parcel *parcel; /* NULL: not in memory */
    struct waiter waiter;  /* mode inline */
    bool is_suspect;       /* a batch with it killed its runner: it is tried alone */
};

struct courier {
    struct courier_options options;
    struct keeper *keeper;
    pthread_t thread;
    struct loop *loop;
    struct mailbox *box;
    struct loop_watch box_watch;
    struct client *client;
    struct pool *pool;
    struct credentials_cache *credentials;
    struct snapshot *snapshot;
    struct hosts hosts;
    struct list lines;
    struct line **by_number; /* the same lines; NULL: none of that number yet */
    size_t n_numbers;
    struct turns turns;
    struct heap due;
    struct loop_timer due_timer;
    struct waiters waiters;
    struct list attempts; /* under way */
    size_t n_unsettled;
    size_t resident_bytes;
    bool was_full;           /* n_unsettled reached its bound: lines wait for it */
    bool is_stopping;        /* no attempt begins any more */
    bool is_resting;         /* but the loop goes on */
    struct rest_order *rest; /* who waits until nothing is under way; NULL */
    struct loop_timer grace_timer;
    /* Of the last runner that loaded code; whoever started us reads them, too. */
    const char *_Atomic sandbox;
    atomic_uint sandbox_layers;
};

/* --- lines.c ------------------------------------------------------------------------ */

struct line *lines_get(struct courier *courier, uint16_t number);
/* Puts the subscription's new configuration in force (or NULL). */
void lines_configure(struct line *line, const struct config_subscription *config);
void lines_free(struct courier *courier);
/* Deliveries that wait for their turn, for company or for their bytes. */
size_t lines_n_waiting(const struct line *line);
/* A delivery may be made from now on. Takes it. */
void lines_add(struct line *line, struct delivery *delivery);
/* Something changed: look again whether this line, or every line, can act. */
void lines_wake(struct line *line);
void lines_wake_all(struct courier *courier);
/* Starts what can be started. */
void lines_dispatch(struct courier *courier);
/* The time of the schedule: the wall's where it follows another clock, else monotonic,
 * which no administrator moves. One or the other for the whole life of a courier. */
int64_t lines_now_ms(const struct courier *courier);
/* Of a delivery, since its first attempt. By the wall clock, which may jump, only where
 * another process made that. */
int64_t lines_age_ms(const struct delivery *delivery);
/* Has the timer ring for the retry that is due first. */
void lines_arm(struct courier *courier);
/* A retry's time has not come yet. Takes it. */
void lines_wait(struct courier *courier, struct delivery *delivery, int64_t delay_ms);

struct delivery *delivery_new(struct line *line, const struct store_delivery *stored);
void delivery_free(struct courier *courier, struct delivery *delivery);
void delivery_set_parcel(struct courier *courier, struct delivery *delivery,
                         struct parcel *parcel);
void delivery_drop_parcel(struct courier *courier, struct delivery *delivery);

/* --- refill.c ----------------------------------------------------------------------- */

/* An untried delivery waits by its number, behind all that are there. */
void refill_later(struct line *line, int64_t row);
/* The line holds as many bytes as it may: what comes now is to wait by number. */
must_check
bool refill_is_full(const struct line *line);
/* Asks keeper for what comes next, where that is not there with its bytes. */
void refill_line(struct line *line);
/* It has come, or will not. Frees @load. */
void refill_take(struct load *load);

/* --- attempt.c ---------------------------------------------------------------------- */

/* What is to be tried: it has its bytes, its turn and all permissions. */
struct attempt_plan {
    struct list deliveries; /* moved into the attempt; one, or several of a batch */
    bool is_batch;          /* by onBatch, even when it is one */
    struct pool_function *function; /* NULL: the event is forwarded */
    struct host *probe; /* whose breaker is half open for this attempt, or NULL */
};
void attempt_start(struct line *line, struct attempt_plan *plan);
/* Ends a delivery that is too old, without an attempt. */
void attempt_expire(struct delivery *delivery, const char *why);
void attempt_drop_all(struct courier *courier);

/* --- functions.c -------------------------------------------------------------------- */

/* Loads all functions of the snapshot, then swaps. @done_fn is called once, in this
 * thread; @err NULL: done. */
void functions_use(struct courier *courier, struct snapshot *snapshot, bool is_lenient,
                   void (*done_fn)(void *arg, const struct err *err), void *arg);
/* The one file of @line, anew; what is broken changes nothing. False: it has none. */
must_check
bool functions_load(struct line *line, void (*done_fn)(void *arg, const struct err *err),
                    void *arg);
void functions_free(struct line *line);

/* --- courier.c ---------------------------------------------------------------------- */

void courier_notice(struct courier *courier, struct service_notice *notice);
void courier_delivery_id(const struct delivery *delivery, char ret_text[32]);
/* "evt_…" of a delivery's event. */
void courier_event_id(const struct delivery *delivery, char ret_text[32]);
