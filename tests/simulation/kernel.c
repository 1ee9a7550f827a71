/* SPDX-License-Identifier: MIT */

#include "simulation/kernel.h"

#include <assert.h>
#include <string.h>
#include <ucontext.h>

#include "base/mem.h"

enum { STACK_BYTES = 256 << 10 };

static struct {
    struct heap alarms;
    int64_t now_us;
    int64_t wall_ms; /* when now_us was 0 */
    int64_t n_set;
    uint64_t n_steps;
    uint64_t hash;
} kernel;

void kernel_reset(int64_t wall_ms)
{
    assert(kernel.alarms.n_nodes == 0);
    heap_done(&kernel.alarms);
    memset(&kernel, 0, sizeof(kernel));
    kernel.wall_ms = wall_ms;
    kernel.now_us = 1000000; /* the product takes 0 for "never" */
    kernel.hash = UINT64_C(14695981039346656037);
}

int64_t kernel_now_us(void)
{
    return kernel.now_us;
}

int64_t kernel_wall_ms(void)
{
    return kernel.wall_ms + kernel.now_us / 1000;
}

void kernel_jump_wall(int64_t by_ms)
{
    kernel.wall_ms += by_ms;
}

void kernel_trace(uint64_t what)
{
    for (int i = 0; i < 64; i += 8)
        kernel.hash = (kernel.hash ^ (what >> i & 0xff)) * UINT64_C(1099511628211);
}

uint64_t kernel_trace_hash(void)
{
    return kernel.hash;
}

uint64_t kernel_n_steps(void)
{
    return kernel.n_steps;
}

bool kernel_step(void)
{
    struct heap_node *node = heap_pop_due(&kernel.alarms, INT64_MAX);
    struct alarm *alarm;

    if (node == NULL)
        return false;
    assert(node->at >= kernel.now_us);
    kernel.now_us = node->at;
    kernel.n_steps++;
    kernel_trace((uint64_t)kernel.now_us);
    alarm = container_of(node, struct alarm, node);
    alarm->fn(alarm->arg);
    return true;
}

void alarm_init(struct alarm *alarm, alarm_fn *fn, void *arg)
{
    *alarm = (struct alarm){.fn = fn, .arg = arg};
}

void alarm_stop(struct alarm *alarm)
{
    if (heap_has(&alarm->node))
        heap_remove(&kernel.alarms, &alarm->node);
}

void alarm_set(struct alarm *alarm, int64_t after_us)
{
    alarm_stop(alarm);
    alarm->node.at = kernel.now_us + (after_us > 0 ? after_us : 0);
    alarm->node.tie = kernel.n_set++;
    heap_push(&kernel.alarms, &alarm->node);
}

/* --- threads ------------------------------------------------------------------------ */

struct thread {
    ucontext_t context;
    void *(*fn)(void *arg);
    void *arg;
    char *stack;
    bool has_ended;
    bool is_hurried;
    struct alarm sleep;
};

static ucontext_t world;
static struct thread *current;

static void run(void)
{
    struct thread *thread = current;

    thread->fn(thread->arg);
    thread->has_ended = true;
}

static void on_slept(void *arg)
{
    thread_resume(arg);
}

struct thread *thread_new(void *(*fn)(void *arg), void *arg)
{
    struct thread *thread = mem_new(struct thread);

    thread->fn = fn;
    thread->arg = arg;
    thread->stack = mem_zero(STACK_BYTES);
    alarm_init(&thread->sleep, on_slept, thread);
    getcontext(&thread->context);
    thread->context.uc_stack.ss_sp = thread->stack;
    thread->context.uc_stack.ss_size = STACK_BYTES;
    thread->context.uc_link = &world;
    makecontext(&thread->context, run, 0);
    thread_resume(thread);
    return thread;
}

void thread_free(struct thread *thread)
{
    if (thread == NULL)
        return;
    assert(thread->has_ended);
    alarm_stop(&thread->sleep);
    free(thread->stack);
    free(thread);
}

bool thread_has_ended(const struct thread *thread)
{
    return thread->has_ended;
}

struct thread *thread_current(void)
{
    return current;
}

void thread_wait(void)
{
    struct thread *thread = current;

    assert(thread != NULL);
    swapcontext(&thread->context, &world);
}

void thread_resume(struct thread *thread)
{
    assert(current == NULL);
    if (thread->has_ended)
        return;
    current = thread;
    swapcontext(&world, &thread->context);
    current = NULL;
}

void thread_hurry(struct thread *thread)
{
    thread->is_hurried = true;
}

bool thread_is_hurried(const struct thread *thread)
{
    return thread->is_hurried;
}

void thread_sleep(int64_t us)
{
    int64_t until_us = kernel.now_us + us;

    assert(current != NULL);
    while (kernel.now_us < until_us && !current->is_hurried) {
        alarm_set(&current->sleep, until_us - kernel.now_us);
        thread_wait();
    }
    alarm_stop(&current->sleep);
}
