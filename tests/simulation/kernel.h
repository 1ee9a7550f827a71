/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * kernel - the machine on which the simulated world lives: a clock, alarms and threads.
 *
 * Nothing runs but what an alarm calls, one after the other in the order of their times,
 * and the clock jumps from one to the next. A thread is a stack of its own that runs
 * until it waits; who is running is therefore always decided, and a seed repeats to the
 * byte. Every alarm, and whatever is worth comparing, goes into the trace's hash.
 */

#include "base/heap.h"

typedef void alarm_fn(void *arg);
struct alarm { /* zeroed: not set */
    struct heap_node node;
    alarm_fn *fn;
    void *arg;
};

/* Begins anew at this wall time. No alarm and no thread may be left. */
void kernel_reset(int64_t wall_ms);
int64_t kernel_now_us(void);
int64_t kernel_wall_ms(void);
void kernel_jump_wall(int64_t by_ms);
/* Calls the next alarm; false: there is none, and nothing will ever happen again. */
bool kernel_step(void);
uint64_t kernel_n_steps(void);
void kernel_trace(uint64_t what);
uint64_t kernel_trace_hash(void);

void alarm_init(struct alarm *alarm, alarm_fn *fn, void *arg);
void alarm_set(struct alarm *alarm, int64_t after_us); /* replaces an earlier setting */
void alarm_stop(struct alarm *alarm);

struct thread;
/* It begins at once, and this returns when it first waits. */
struct thread *thread_new(void *(*fn)(void *arg), void *arg);
/* It must have ended. */
void thread_free(struct thread *thread);
bool thread_has_ended(const struct thread *thread);
/* The one that runs; NULL: the world itself does. */
struct thread *thread_current(void);
/* In a thread: goes on when thread_resume() says so. */
void thread_wait(void);
/* From the world: runs it until it waits again or ends. */
void thread_resume(struct thread *thread);
/* In a thread: time passes, whatever resumes it. */
void thread_sleep(int64_t us);
/* It sleeps no more: its process is dead, and it shall end. */
void thread_hurry(struct thread *thread);
bool thread_is_hurried(const struct thread *thread);
