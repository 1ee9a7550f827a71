/* SPDX-License-Identifier: MIT */

#include <assert.h>
#include <pthread.h>
#include <stdio.h>

#include "base/mem.h"
#include "simulation/fake_store.h"
#include "simulation/fakes.h"
#include "simulation/kernel.h"
#include "simulation/oracle.h"
#include "sys/clock.h"
#include "sys/disk.h"
#include "sys/haste.h"
#include "sys/log.h"
#include "sys/loop.h"
#include "sys/mailbox.h"
#include "sys/rand.h"

enum {
    FIRST_FD = 1000,
    MAX_BOXES = 8,
    WAKE_US = 60, /* at most, until a thread runs that was woken */
    IDLE_STRETCH_MS = 20000,
};

static struct {
    struct chance product, wakes;
    bool is_dead;
    bool may_fail;
    bool shows_log;
    uint64_t n_errors;
    struct mailbox *boxes[MAX_BOXES];
} fake;

void fake_sys_reset(uint64_t seed)
{
    bool shows_log = fake.shows_log;

    memset(&fake, 0, sizeof(fake));
    fake.shows_log = shows_log;
    chance_init(&fake.product, seed, "product");
    chance_init(&fake.wakes, seed, "wakes");
}

struct chance *fake_sys_chance(void)
{
    return &fake.product;
}

void fake_sys_die(void)
{
    fake.is_dead = true;
}

bool fake_sys_is_dead(void)
{
    return fake.is_dead;
}

void fake_sys_revive(void)
{
    fake.is_dead = false;
}

void fake_sys_let_fail(bool may_fail)
{
    fake.may_fail = may_fail;
}

bool fake_sys_may_fail(void)
{
    return fake.may_fail;
}

/* --- clock, rand, log, haste -------------------------------------------------------- */

int64_t clock_now_ms(void)
{
    return kernel_now_us() / 1000;
}

int64_t clock_now_us(void)
{
    return kernel_now_us();
}

int64_t clock_wall_ms(void)
{
    return kernel_wall_ms();
}

void clock_follow(const struct virtual_clock *clock)
{
    (void)clock;
}

bool clock_is_followed(void)
{
    return false;
}

int64_t clock_real_wait_ms(int64_t wait_ms)
{
    return wait_ms > 0 ? wait_ms : 0;
}

void rand_bytes(void *ret_bytes, size_t len)
{
    uint8_t *bytes = ret_bytes;

    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)chance_u64(&fake.product);
}

uint64_t rand_u64(void)
{
    return chance_u64(&fake.product);
}

uint32_t rand_jitter(void)
{
    return (uint32_t)(chance_u64(&fake.product) >> 32);
}

void haste_ask(void)
{
}

void log_fields(enum log_level level, const char *message, const struct log_field *fields)
{
    fake.n_errors += level == LOG_ERROR && !fake.is_dead;
    if (!fake.shows_log || fake.is_dead)
        return;
    fprintf(stderr, "%12.3f  %s", (double)kernel_now_us() / 1e6, message);
    for (; fields->key != NULL; fields++)
        fprintf(stderr, "  %s=%s", fields->key,
                fields->text != NULL ? fields->text : "…");
    fputc('\n', stderr);
}

uint64_t fake_log_n_errors(void)
{
    return fake.n_errors;
}

void fake_log_show(bool is_shown)
{
    fake.shows_log = is_shown;
}

/* --- loop --------------------------------------------------------------------------- */

struct loop {
    struct heap timers;
    struct alarm alarm;
    int64_t now_ms;
    bool is_stopped;
    struct thread *thread;
};

void fake_loop_turn(struct loop *loop)
{
    loop->now_ms = kernel_now_us() / 1000;
}

static void arm(struct loop *loop)
{
    const struct heap_node *next = heap_peek(&loop->timers);

    if (next == NULL)
        alarm_stop(&loop->alarm);
    else
        alarm_set(&loop->alarm, next->at * 1000 - kernel_now_us());
}

/* Nothing more is called by a loop that was stopped, as the real one does. */
static void on_timers(void *arg)
{
    struct loop *loop = arg;
    struct heap_node *node;

    fake_loop_turn(loop);
    while (!fake.is_dead && !loop->is_stopped &&
           (node = heap_pop_due(&loop->timers, loop->now_ms)) != NULL) {
        struct loop_timer *timer = container_of(node, struct loop_timer, node);

        timer->fn(timer->arg);
        oracle_turn_ends();
    }
    if (!fake.is_dead && !loop->is_stopped)
        arm(loop);
}

struct loop *loop_new(void)
{
    struct loop *loop = mem_new(struct loop);

    alarm_init(&loop->alarm, on_timers, loop);
    fake_loop_turn(loop);
    return loop;
}

void loop_free(struct loop *loop)
{
    if (loop == NULL)
        return;
    alarm_stop(&loop->alarm);
    heap_done(&loop->timers);
    free(loop);
}

/* The world itself calls what is due; the thread only waits for the end. */
void loop_run(struct loop *loop)
{
    loop->thread = thread_current();
    while (!loop->is_stopped && !fake.is_dead)
        thread_wait();
    loop->thread = NULL;
}

void loop_stop(struct loop *loop)
{
    loop->is_stopped = true;
}

int64_t loop_now_ms(const struct loop *loop)
{
    return loop->now_ms;
}

void loop_timer_init(struct loop_timer *timer, struct loop *loop, loop_timer_fn *fn,
                     void *arg)
{
    *timer = (struct loop_timer){.loop = loop, .fn = fn, .arg = arg};
}

void loop_timer_set(struct loop_timer *timer, int64_t delay_ms)
{
    loop_timer_stop(timer);
    timer->node.at = timer->loop->now_ms + (delay_ms > 0 ? delay_ms : 0);
    timer->node.tie = kernel_now_us();
    heap_push(&timer->loop->timers, &timer->node);
    arm(timer->loop);
}

void loop_timer_stop(struct loop_timer *timer)
{
    if (!loop_timer_is_set(timer))
        return;
    heap_remove(&timer->loop->timers, &timer->node);
    arm(timer->loop);
}

void loop_timer_done(struct loop_timer *timer)
{
    if (timer->loop != NULL)
        loop_timer_stop(timer);
}

struct loop_file *loop_file_watch(struct loop *loop, const char *path, loop_file_fn *fn,
                                  void *arg, struct err *err)
{
    (void)loop;
    (void)path;
    (void)fn;
    (void)arg;
    (void)err;
    return NULL;
}

void loop_file_free(struct loop_file *file)
{
    (void)file;
}

/* --- mailbox ------------------------------------------------------------------------ */

struct mailbox {
    struct list letters;
    size_t max_letters;
    int index;
    struct alarm wake;
    struct loop_watch *watch; /* who reads by a loop */
    struct thread *reader;    /* who sleeps in mailbox_wait or mailbox_gather */
    size_t n_wanted;          /* by the reader, before it is woken */
};

static void call_watch(struct mailbox *mailbox)
{
    struct loop_watch *watch = mailbox->watch;

    if (watch->loop->is_stopped || fake.is_dead)
        return;
    fake_loop_turn(watch->loop);
    watch->fn(watch->arg, LOOP_READABLE);
    oracle_turn_ends();
    if (!list_is_empty(&mailbox->letters))
        alarm_set(&mailbox->wake, 0);
}

static void on_wake(void *arg)
{
    struct mailbox *mailbox = arg;

    if (mailbox->watch != NULL)
        call_watch(mailbox);
    else if (mailbox->reader != NULL)
        thread_resume(mailbox->reader);
}

struct mailbox *mailbox_new(size_t max_letters)
{
    struct mailbox *mailbox = mem_new(struct mailbox);

    mailbox->max_letters = max_letters;
    alarm_init(&mailbox->wake, on_wake, mailbox);
    while (fake.boxes[mailbox->index] != NULL)
        mailbox->index++;
    assert(mailbox->index < MAX_BOXES);
    fake.boxes[mailbox->index] = mailbox;
    return mailbox;
}

void mailbox_free(struct mailbox *mailbox)
{
    if (mailbox == NULL)
        return;
    fake.boxes[mailbox->index] = NULL;
    alarm_stop(&mailbox->wake);
    free(mailbox);
}

int mailbox_fd(struct mailbox *mailbox)
{
    return FIRST_FD + mailbox->index;
}

void loop_watch_init(struct loop_watch *watch, struct loop *loop, int fd,
                     loop_watch_fn *fn, void *arg)
{
    *watch = (struct loop_watch){.loop = loop, .fd = fd, .fn = fn, .arg = arg};
}

void loop_watch_set(struct loop_watch *watch, int events)
{
    struct mailbox *mailbox = fake.boxes[watch->fd - FIRST_FD];

    mailbox->watch = events != 0 ? watch : NULL;
    if (!list_is_empty(&mailbox->letters))
        alarm_set(&mailbox->wake, 0);
}

void loop_watch_done(struct loop_watch *watch)
{
    struct mailbox *mailbox =
        watch->fd >= FIRST_FD ? fake.boxes[watch->fd - FIRST_FD] : NULL;

    if (mailbox != NULL && mailbox->watch == watch)
        mailbox->watch = NULL;
    watch->fd = -1;
}

static void wake_reader(struct mailbox *mailbox)
{
    int64_t after_us = chance_below(&fake.wakes, WAKE_US);

    if (mailbox->watch == NULL && mailbox->reader == NULL)
        return;
    if (mailbox->reader != NULL && mailbox->letters.n_links < mailbox->n_wanted)
        return;
    if (heap_has(&mailbox->wake.node) &&
        mailbox->wake.node.at <= kernel_now_us() + after_us)
        return;
    alarm_set(&mailbox->wake, after_us);
}

void mailbox_force(struct mailbox *mailbox, struct list_link *letter)
{
    list_push(&mailbox->letters, letter);
    wake_reader(mailbox);
}

bool mailbox_post(struct mailbox *mailbox, struct list_link *letter)
{
    if (mailbox->letters.n_links >= mailbox->max_letters)
        return false;
    mailbox_force(mailbox, letter);
    return true;
}

void mailbox_force_all(struct mailbox *mailbox, struct list *letters)
{
    if (list_is_empty(letters))
        return;
    list_append_all(&mailbox->letters, letters);
    wake_reader(mailbox);
}

void mailbox_take(struct mailbox *mailbox, struct list *ret_letters)
{
    list_append_all(ret_letters, &mailbox->letters);
}

/* A reader with nothing to do may be woken late, as on a busy machine: so that a month of
 * idleness does not cost a wake-up a second. */
static int64_t timeout_us(int timeout_ms)
{
    bool is_idle = timeout_ms > 10 && timeout_ms <= 1000 && fake_store_is_calm();

    return 1000 * (int64_t)(is_idle ? IDLE_STRETCH_MS : timeout_ms);
}

void mailbox_wait(struct mailbox *mailbox, int timeout_ms, struct list *ret_letters)
{
    while (fake.is_dead && !thread_is_hurried(thread_current()))
        thread_wait();
    if (list_is_empty(&mailbox->letters) && timeout_ms != 0 && !fake.is_dead) {
        mailbox->reader = thread_current();
        if (timeout_ms > 0)
            alarm_set(&mailbox->wake, timeout_us(timeout_ms));
        thread_wait();
        mailbox->reader = NULL;
        alarm_stop(&mailbox->wake);
    }
    list_append_all(ret_letters, &mailbox->letters);
}

void mailbox_gather(struct mailbox *mailbox, size_t n_letters, int64_t timeout_us,
                    struct list *ret_letters)
{
    if (mailbox->letters.n_links < n_letters && !fake.is_dead) {
        mailbox->reader = thread_current();
        mailbox->n_wanted = n_letters;
        alarm_set(&mailbox->wake, timeout_us);
        thread_wait();
        mailbox->reader = NULL;
        mailbox->n_wanted = 0;
        alarm_stop(&mailbox->wake);
    }
    list_append_all(ret_letters, &mailbox->letters);
}

void mailbox_hurry(struct mailbox *mailbox)
{
    mailbox_wake(mailbox);
}

/* A wait that begins later is short enough without it. */
void mailbox_wake(struct mailbox *mailbox)
{
    mailbox->n_wanted = 0;
    wake_reader(mailbox);
}

size_t mailbox_count(struct mailbox *mailbox)
{
    return mailbox->letters.n_links;
}

/* --- threads and files, by the linker's --wrap -------------------------------------- */

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl51-cpp): the linker names them so */
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
                          void *(*fn)(void *), void *arg);
int __wrap_pthread_join(pthread_t joined, void **result);
int __wrap_pthread_setname_np(pthread_t thread, const char *name);
int __wrap_disk_read(const char *path, struct buf *ret, struct err *err);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
                          void *(*fn)(void *), void *arg)
{
    (void)attr;
    *thread = (pthread_t)(uintptr_t)thread_new(fn, arg);
    return 0;
}

int __wrap_pthread_setname_np(pthread_t thread, const char *name)
{
    (void)thread;
    (void)name;
    return 0;
}

/* A thread that waits for something that will not come any more is woken: it looks
 * whether it shall end. */
int __wrap_pthread_join(pthread_t joined, void **result)
{
    struct thread *thread = (void *)(uintptr_t)joined;
    int64_t until_us = kernel_now_us();

    (void)result;
    while (!thread_has_ended(thread)) {
        bool is_over = kernel_now_us() >= until_us;

        if (fake.is_dead)
            thread_hurry(thread);
        if (fake.is_dead || is_over)
            thread_resume(thread);
        if (is_over)
            until_us = kernel_now_us() + 1000;
        if (!fake.is_dead && !thread_has_ended(thread) && !kernel_step())
            oracle_fail("stop", "nothing happens any more, and a thread has not ended");
    }
    thread_free(thread);
    return 0;
}

int __wrap_disk_read(const char *path, struct buf *ret, struct err *err)
{
    (void)path;
    (void)err;
    return buf_add_text(ret, "function onTrack() {}");
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl51-cpp) */
