/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * loop - timers and descriptors in one thread; the only file with libuv.
 *
 * A stopped timer or watch is never called again, not even within the turn. Embedded
 * objects may be freed at once after their done returned (the libuv handles behind
 * watches live on until libuv is done with them). The time is read once per turn.
 *
 * Timers are nodes of one heap behind a single libuv timer: setting and stopping one
 * costs no allocation and no system call, so an owner may have hundreds and move them
 * often.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/heap.h"

struct err;
struct loop;

must_check
struct loop *loop_new(void);
void loop_free(struct loop *loop); /* all timers and watches must be stopped */
/* Runs until loop_stop(), which only callbacks of this thread call. May be run again. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);
/* Monotonic, of this turn. */
int64_t loop_now_ms(const struct loop *loop);

typedef void loop_timer_fn(void *arg);
struct loop_timer {
    struct heap_node node; /* in the loop's heap while it is set */
    struct loop *loop;
    loop_timer_fn *fn;
    void *arg;
};
void loop_timer_init(struct loop_timer *timer, struct loop *loop, loop_timer_fn *fn,
                     void *arg);
/* Replaces an earlier setting; 0: next turn, after what is ready to read. Fires once. */
void loop_timer_set(struct loop_timer *timer, int64_t delay_ms);
void loop_timer_stop(struct loop_timer *timer);
void loop_timer_done(struct loop_timer *timer); /* twice is fine */
/* Set and not called yet. */
static inline bool loop_timer_is_set(const struct loop_timer *timer)
{
    return heap_has(&timer->node);
}

/* BROKEN comes without asking, alone, and ends the watching until it is set again. */
enum { LOOP_READABLE = 1, LOOP_WRITABLE = 2, LOOP_BROKEN = 4 };
typedef void loop_watch_fn(void *arg, int events);
struct loop_watch {
    struct loop *loop;
    void *handle; /* libuv's, made on first use */
    loop_watch_fn *fn;
    void *arg;
    int fd;
};
/* Watches @fd (not owned: close it after done) for @events; set again changes them. */
void loop_watch_init(struct loop_watch *watch, struct loop *loop, int fd,
                     loop_watch_fn *fn, void *arg);
void loop_watch_set(struct loop_watch *watch,
                    int events);                /* 0: none, stays initialised */
void loop_watch_done(struct loop_watch *watch); /* twice is fine */

/* After a file at @path changed (written, replaced, created), coalesced over ~50 ms.
 * Watches the folder, which must exist, so editors that replace files are seen; the file
 * itself may be missing. Looks once a second where the kernel refuses to watch. */
typedef void loop_file_fn(void *arg);
struct loop_file;
must_check
struct loop_file *loop_file_watch(struct loop *loop, const char *path, loop_file_fn *fn,
                                  void *arg, struct err *err);
void loop_file_free(struct loop_file *file);
