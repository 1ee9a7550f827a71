/* SPDX-License-Identifier: MIT */
#include "js/scales.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "base/mem.h"
#include "js/page.h"
#include "sys/child.h"
#include "sys/haste.h"

enum { LOOK_MS = 10, CLOSE_LOOK_MS = 2, REST_LOOK_MS = 20, REST_LOOKS = 100 };

struct scales {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct list pans;
    bool is_closing;
    unsigned n_still; /* looks in a row at which nobody's weight had changed */
};

static void end(struct pan *pan)
{
    struct page_slice slice = page_look(pan->page);
    int64_t peak_bytes = child_peak_bytes(pan->child);

    if (peak_bytes > atomic_load(&pan->peak_bytes))
        atomic_store(&pan->peak_bytes, peak_bytes);
    atomic_store(&pan->culprit, slice.is_running ? slice.invocation : 0);
    /* First the reason, then the end: who sees the end looks for the reason. */
    atomic_store_explicit(&pan->is_over, true, memory_order_release);
    child_kill(pan->child, SIGKILL);
}

/* How soon to look again because of @pan. */
static int weigh(struct scales *scales, struct pan *pan)
{
    int64_t before_bytes = pan_bytes(pan);
    int64_t bytes = child_rss_bytes(pan->child);

    atomic_store_explicit(&pan->bytes, bytes, memory_order_relaxed);
    if (bytes > atomic_load(&pan->peak_bytes))
        atomic_store(&pan->peak_bytes, bytes);
    if (pan->limit_bytes > 0 && bytes > pan->limit_bytes && !pan_is_over(pan))
        end(pan);
    if (bytes != before_bytes)
        scales->n_still = 0;
    if (pan->limit_bytes > 0 && bytes > pan->limit_bytes / 2 && bytes > before_bytes)
        return CLOSE_LOOK_MS;
    return scales->n_still < REST_LOOKS ? LOOK_MS : REST_LOOK_MS;
}

static void wait_ms(struct scales *scales, int ms)
{
    struct timespec until;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += ms * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    (void)pthread_cond_timedwait(&scales->changed, &scales->mutex, &until);
}

static void *watch(void *arg)
{
    struct scales *scales = arg;

    haste_ask_much();
    (void)pthread_mutex_lock(&scales->mutex);
    while (!scales->is_closing) {
        int next_ms = REST_LOOK_MS;

        scales->n_still++;
        for (struct list_link *link = scales->pans.first; link; link = link->next) {
            int wish_ms = weigh(scales, list_entry(link, struct pan, link));

            if (wish_ms < next_ms)
                next_ms = wish_ms;
        }
        if (list_is_empty(&scales->pans))
            (void)pthread_cond_wait(&scales->changed, &scales->mutex);
        else
            wait_ms(scales, next_ms);
    }
    (void)pthread_mutex_unlock(&scales->mutex);
    return NULL;
}

/* Signals are for the threads that expect them. */
static int start_deaf(struct scales *scales)
{
    sigset_t all, before;
    int r;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    r = pthread_create(&scales->thread, NULL, watch, scales);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (r == 0)
        (void)pthread_setname_np(scales->thread, "scales");
    return r;
}

struct scales *scales_new(void)
{
    struct scales *scales = mem_new(struct scales);
    pthread_condattr_t monotonic;
    int r;

    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&scales->mutex, NULL);
    (void)pthread_cond_init(&scales->changed, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    r = start_deaf(scales);
    /* Runners that nobody weighs must not be, and a process without room for a thread
     * has none for runners either. */
    assert(r == 0);
    return scales;
}

static void stir(struct scales *scales)
{
    (void)pthread_cond_signal(&scales->changed);
    (void)pthread_mutex_unlock(&scales->mutex);
}

void scales_free(struct scales *scales)
{
    if (scales == NULL)
        return;
    (void)pthread_mutex_lock(&scales->mutex);
    assert(list_is_empty(&scales->pans));
    scales->is_closing = true;
    stir(scales);
    (void)pthread_join(scales->thread, NULL);
    (void)pthread_cond_destroy(&scales->changed);
    (void)pthread_mutex_destroy(&scales->mutex);
    free(scales);
}

void scales_put(struct scales *scales, struct pan *pan)
{
    (void)pthread_mutex_lock(&scales->mutex);
    list_push(&scales->pans, &pan->link);
    pan->is_on = true;
    stir(scales);
}

void scales_take(struct scales *scales, struct pan *pan)
{
    if (!pan->is_on)
        return;
    (void)pthread_mutex_lock(&scales->mutex);
    list_remove(&scales->pans, &pan->link);
    pan->is_on = false;
    (void)pthread_mutex_unlock(&scales->mutex);
}
