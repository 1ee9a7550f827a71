/* SPDX-License-Identifier: MIT */

/*
 * libuv behind timers, watches and file changes.
 *
 * The timers are ours: libuv runs a timer that is set to 0 ms within a timer's callback
 * in the same turn, for ever if need be, and never looks at a socket again. Here such a
 * timer waits for the next turn, in which the sockets are asked as well.
 */

#include "sys/loop.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <uv.h>

#include "base/err.h"
#include "base/mem.h"

enum { SETTLE_MS = 50, LOOK_MS = 1000 };

struct loop {
    uv_loop_t uv;
    uv_async_t anchor; /* never sent: keeps uv_run() waiting when there is nothing else */
    uv_timer_t alarm;  /* at the first timer's time, or earlier */
    uv_idle_t soon;    /* active: a timer is due, do not sleep */
    struct heap timers;
    int64_t n_set; /* counts settings: the tie, and the border between turns */
    bool is_running;
};

static void run_due(struct loop *loop);

static void on_alarm(uv_timer_t *alarm)
{
    run_due(alarm->data);
}

static void on_soon(uv_idle_t *soon)
{
    uv_idle_stop(soon);
    run_due(soon->data);
}

struct loop *loop_new(void)
{
    struct loop *loop = mem_new(struct loop);
    int r = uv_loop_init(&loop->uv);

    if (r == 0)
        r = uv_async_init(&loop->uv, &loop->anchor, NULL);
    /* Only descriptors can be missing, and without a loop there is no service. */
    assert(r == 0);
    uv_timer_init(&loop->uv, &loop->alarm);
    uv_idle_init(&loop->uv, &loop->soon);
    loop->alarm.data = loop;
    loop->soon.data = loop;
    return loop;
}

void loop_free(struct loop *loop)
{
    if (loop == NULL)
        return;
    assert(heap_peek(&loop->timers) == NULL);
    uv_close((uv_handle_t *)&loop->anchor, NULL);
    uv_close((uv_handle_t *)&loop->alarm, NULL);
    uv_close((uv_handle_t *)&loop->soon, NULL);
    /* Lets libuv call the closers of everything that was closed before. */
    (void)uv_run(&loop->uv, UV_RUN_DEFAULT);
    int r = uv_loop_close(&loop->uv);
    assert(r == 0);
    heap_done(&loop->timers);
    free(loop);
}

void loop_run(struct loop *loop)
{
    loop->is_running = true;
    (void)uv_run(&loop->uv, UV_RUN_DEFAULT);
    loop->is_running = false;
}

void loop_stop(struct loop *loop)
{
    uv_stop(&loop->uv);
}

int64_t loop_now_ms(const struct loop *loop)
{
    return (int64_t)uv_now(&loop->uv);
}

/* Makes sure that somebody calls run_due() at @at_ms at the latest. */
static void arm(struct loop *loop, int64_t at_ms)
{
    int64_t delay_ms = at_ms - loop_now_ms(loop);

    if (delay_ms <= 0)
        (void)uv_idle_start(&loop->soon, on_soon);
    else if (!uv_is_active((uv_handle_t *)&loop->alarm) ||
             uv_timer_get_due_in(&loop->alarm) > (uint64_t)delay_ms)
        (void)uv_timer_start(&loop->alarm, on_alarm, (uint64_t)delay_ms, 0);
}

static void run_due(struct loop *loop)
{
    const int64_t border = loop->n_set;
    struct heap_node *node;

    /* The time's ties are in the order of setting, so what callbacks set to "now" is
     * last. */
    while ((node = heap_peek(&loop->timers)) != NULL && node->at <= loop_now_ms(loop) &&
           node->tie < border) {
        struct loop_timer *timer = container_of(node, struct loop_timer, node);

        heap_remove(&loop->timers, node);
        timer->fn(timer->arg);
    }
    if (node != NULL)
        arm(loop, node->at);
}

void loop_timer_init(struct loop_timer *timer, struct loop *loop, loop_timer_fn *fn,
                     void *arg)
{
    *timer = (struct loop_timer){.loop = loop, .fn = fn, .arg = arg};
}

void loop_timer_set(struct loop_timer *timer, int64_t delay_ms)
{
    struct loop *loop = timer->loop;

    loop_timer_stop(timer);
    if (!loop->is_running)
        uv_update_time(&loop->uv); /* stands still between runs */
    timer->node.at = loop_now_ms(loop) + (delay_ms > 0 ? delay_ms : 0);
    timer->node.tie = loop->n_set++;
    heap_push(&loop->timers, &timer->node);
    if (heap_peek(&loop->timers) == &timer->node)
        arm(loop, timer->node.at);
}

void loop_timer_stop(struct loop_timer *timer)
{
    /* The alarm stays as it is: at worst it rings for nobody. */
    if (heap_has(&timer->node))
        heap_remove(&timer->loop->timers, &timer->node);
}

void loop_timer_done(struct loop_timer *timer)
{
    loop_timer_stop(timer);
}

/* Outlives its watch until libuv lets go of it, but once closed calls nobody. */
struct watch_handle {
    uv_poll_t uv;
    int wanted; /* of libuv: it calls the kernel twice even for what it looks for now */
    struct loop_watch *owner;
};

static void free_watch(uv_handle_t *handle)
{
    free(container_of(handle, struct watch_handle, uv));
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct watch_handle *handle = container_of(poll, struct watch_handle, uv);
    struct loop_watch *watch = handle->owner;

    if (status < 0) {
        handle->wanted = 0;
        watch->fn(watch->arg, LOOP_BROKEN);
    } else {
        watch->fn(watch->arg, ((events & UV_READABLE) != 0 ? LOOP_READABLE : 0) |
                                  ((events & UV_WRITABLE) != 0 ? LOOP_WRITABLE : 0));
    }
}

void loop_watch_init(struct loop_watch *watch, struct loop *loop, int fd,
                     loop_watch_fn *fn, void *arg)
{
    *watch = (struct loop_watch){.loop = loop, .fd = fd, .fn = fn, .arg = arg};
}

static struct watch_handle *watch_handle(struct loop_watch *watch)
{
    struct watch_handle *handle = watch->handle;

    if (handle == NULL) {
        handle = mem_new(struct watch_handle);
        handle->owner = watch;
        int r = uv_poll_init(&watch->loop->uv, &handle->uv, watch->fd);
        assert(r == 0); /* a closed descriptor, a file, or watched twice: our mistake */
        watch->handle = handle;
    }
    return handle;
}

void loop_watch_set(struct loop_watch *watch, int events)
{
    if (events == 0 && watch->handle == NULL)
        return;

    struct watch_handle *handle = watch_handle(watch);
    int wanted = ((events & LOOP_READABLE) != 0 ? UV_READABLE : 0) |
                 ((events & LOOP_WRITABLE) != 0 ? UV_WRITABLE : 0);

    if (wanted == handle->wanted)
        return;
    handle->wanted = wanted;
    if (wanted == 0)
        (void)uv_poll_stop(&handle->uv);
    else
        (void)uv_poll_start(&handle->uv, wanted, on_poll);
}

void loop_watch_done(struct loop_watch *watch)
{
    struct watch_handle *handle = take(watch->handle);

    if (handle == NULL)
        return;
    uv_close((uv_handle_t *)&handle->uv, free_watch);
}

/* What differs when a file was written, replaced or created. */
struct look {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec modified;
};

struct loop_file {
    uv_fs_event_t event;
    struct loop_timer settle;
    bool is_polled; /* the kernel refused to tell: the timer looks by itself */
    struct look last;
    char *path;
    loop_file_fn *fn;
    void *arg;
};

/* True when there is a file and it is not as it was. Through symbolic links, so a link
 * that was turned elsewhere is a change. */
static bool has_changed(struct loop_file *file)
{
    struct stat st;

    if (stat(file->path, &st) < 0)
        return false;
    const struct look was = file->last;
    const struct look now = {st.st_dev, st.st_ino, st.st_size, st.st_mtim};
    file->last = now;
    return now.device != was.device || now.inode != was.inode || now.size != was.size ||
           now.modified.tv_sec != was.modified.tv_sec ||
           now.modified.tv_nsec != was.modified.tv_nsec;
}

static void on_settled(void *arg)
{
    struct loop_file *file = arg;

    if (file->is_polled)
        loop_timer_set(&file->settle, LOOK_MS);
    if (has_changed(file))
        file->fn(file->arg); /* may free the file */
}

static void on_folder_event(uv_fs_event_t *event, const char *name, int events,
                            int status)
{
    struct loop_file *file = event->data;

    (void)name; /* of no use: a link's target changes under another name */
    (void)events;
    (void)status;
    if (!loop_timer_is_set(&file->settle))
        loop_timer_set(&file->settle, SETTLE_MS);
}

static void free_file(uv_handle_t *handle)
{
    struct loop_file *file = handle->data;

    free(file->path);
    free(file);
}

static void folder_of(const char *path, char ret_folder[PATH_MAX])
{
    const char *slash = strrchr(path, '/');

    (void)snprintf(ret_folder, PATH_MAX, "%.*s",
                   slash != NULL ? (int)(slash - path + 1) : 1,
                   slash != NULL ? path : ".");
}

struct loop_file *loop_file_watch(struct loop *loop, const char *path, loop_file_fn *fn,
                                  void *arg, struct err *err)
{
    char folder[PATH_MAX];
    struct stat st;

    folder_of(path, folder);
    if (stat(folder, &st) < 0) {
        (void)err_sys(err, "watch %s", folder);
        return NULL;
    }
    struct loop_file *file = mem_new(struct loop_file);
    file->path = mem_text(path);
    file->fn = fn;
    file->arg = arg;
    loop_timer_init(&file->settle, loop, on_settled, file);
    (void)has_changed(file);
    uv_fs_event_init(&loop->uv, &file->event);
    file->event.data = file;
    /* inotify's limits are per user: other programs may have used them up. */
    file->is_polled = uv_fs_event_start(&file->event, on_folder_event, folder, 0) != 0;
    if (file->is_polled)
        loop_timer_set(&file->settle, LOOK_MS);
    return file;
}

void loop_file_free(struct loop_file *file)
{
    if (file == NULL)
        return;
    loop_timer_done(&file->settle);
    uv_close((uv_handle_t *)&file->event, free_file);
}
