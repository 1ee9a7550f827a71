/* SPDX-License-Identifier: MIT */

/*
 * crew - one runner's life, as the service sees it.
 */

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "js/pool_private.h"
#include "sys/clock.h"

enum {
    MAX_OUT_BYTES = 64 << 20,
    /* The kernel's limit stands behind ours, so that it is ours that says why. */
    GROUP_ROOM_BYTES = 24 << 20,
    GROUP_TASKS = 32,
};

static const char *const environment[] = {"TZ=UTC",
                                          "LC_ALL=C.UTF-8",
                                          "JSC_useJIT=0",
                                          "JSC_useWasm=0",
                                          "JSC_useSharedArrayBuffer=0",
                                          "JSC_numberOfGCMarkers=1",
                                          NULL};
static const char *const jit_environment[] = {"TZ=UTC",
                                              "LC_ALL=C.UTF-8",
                                              "JSC_useJIT=1",
                                              "JSC_useWasm=0",
                                              "JSC_useSharedArrayBuffer=0",
                                              "JSC_numberOfGCMarkers=1",
                                              NULL};

static void on_end(void *arg, int events);

/* The page's size is sealed: a runner that shrank it could make us fault. */
static int make_page(struct page **ret_page)
{
    int fd = memfd_create("page", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    void *page;

    if (fd < 0)
        return -1;
    if (ftruncate(fd, PAGE_BYTES) < 0 ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0) {
        close(fd);
        return -1;
    }
    page = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED) {
        close(fd);
        return -1;
    }
    *ret_page = page;
    return fd;
}

/* A runner without a part of the group runs as well, and says so. */
static void make_part(struct crew *crew)
{
    const struct pool *pool = crew->pool;

    if (pool->group != NULL && pool->options.memory_bytes > 0)
        (void)!cgroup_part_make(pool->group,
                                pool->options.memory_bytes + GROUP_ROOM_BYTES,
                                GROUP_TASKS, &crew->part);
}

static int start_process(struct crew *crew, int theirs, int page_fd, struct err *err)
{
    const struct pool *pool = crew->pool;
    const char *const arguments[] = {
        "partnerapp-runner", pool->options.may_run_unsandboxed ? "--no-sandbox" : NULL,
        NULL};
    const int fds[] = {theirs, page_fd};
    const struct child_options options = {
        .program = pool->runner,
        .arguments = arguments,
        .environment = pool->options.jit ? jit_environment : environment,
        .pass_fds = fds,
        .n_pass_fds = COUNT(fds),
        .group_fd = crew->part.procs_fd >= 0 ? &crew->part.procs_fd : NULL,
    };

    return child_start(&options, &crew->child, err);
}

static int start(struct crew *crew, struct err *err)
{
    const int on = 1;
    int ends[2];
    int page_fd;
    int r;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return err_sys(err, "make a socket for a runner");
    crew->socket = ends[0];
    /* The kernel then says who speaks, whatever pid namespace it is in. */
    (void)setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
    page_fd = make_page(&crew->page);
    make_part(crew);
    r = page_fd >= 0 ? start_process(crew, ends[1], page_fd, err)
                     : err_sys(err, "make a shared page for a runner");
    if (page_fd >= 0)
        close(page_fd);
    close(ends[1]);
    return r;
}

static void release(struct crew *crew)
{
    if (crew->page != NULL)
        munmap(crew->page, PAGE_BYTES);
    if (crew->socket >= 0)
        close(crew->socket);
    channel_done(&crew->channel);
    if (crew->pool->group != NULL)
        cgroup_part_remove(crew->pool->group, &crew->part);
    free(crew);
}

bool crew_start(struct pool_function *function, bool is_quarantine)
{
    struct pool *pool = function->pool;
    struct crew *crew = mem_new(struct crew);
    struct err err = {0};

    crew->pool = pool;
    crew->function = function;
    crew->is_quarantine = is_quarantine;
    crew->socket = -1;
    crew->part = CGROUP_NO_PART;
    crew->first_id = pool->last_id;
    if (start(crew, &err) < 0) {
        snprintf(function->failure, sizeof(function->failure), "%s", err.text);
        release(crew);
        return false;
    }
    channel_init(&crew->channel, crew->socket, MAX_OUT_BYTES);
    crew->state = CREW_STARTING;
    crew->since_ms = loop_now_ms(pool->loop);
    loop_watch_init(&crew->socket_watch, pool->loop, crew->socket, crew_hear, crew);
    loop_watch_set(&crew->socket_watch, LOOP_READABLE);
    loop_watch_init(&crew->end_watch, pool->loop, crew->child.pidfd, on_end, crew);
    loop_watch_set(&crew->end_watch, LOOP_READABLE);
    crew->pan = (struct pan){.child = &crew->child,
                             .page = crew->page,
                             .limit_bytes = pool->options.memory_bytes};
    list_push(&function->crews, &crew->link);
    pool->stats.n_started++;
    return true;
}

bool crew_rests(const struct crew *crew)
{
    return crew->state == CREW_SERVING && !crew->pan.is_on;
}

/* First stopped, then off the scales: it is never unwatched and able to grow. */
void crew_rest(struct crew *crew)
{
    child_kill(&crew->child, SIGSTOP);
    scales_take(crew->pool->scales, &crew->pan);
}

static void go_on(struct crew *crew)
{
    crew->idle_ms = 0;
    scales_put(crew->pool->scales, &crew->pan);
    child_kill(&crew->child, SIGCONT);
}

bool crew_send(struct crew *crew, size_t begun)
{
    if (crew_rests(crew))
        go_on(crew);
    if (frame_end(&crew->channel.out, begun) != 0)
        return false;
    if (!crew->is_dirty) {
        crew->is_dirty = true;
        list_push(&crew->pool->dirty, &crew->dirty_link);
    }
    pool_wake(crew->pool);
    return true;
}

void crew_flush(struct crew *crew)
{
    size_t before = crew->channel.out.len;
    enum channel_state state = channel_write(&crew->channel);
    int64_t now_ms = loop_now_ms(crew->pool->loop);

    if (crew->state == CREW_DYING)
        return;
    if (state == CHANNEL_BROKEN) {
        referee_end(crew, CREW_CRASHED, 0);
        return;
    }
    if (crew->channel.out.len == 0)
        crew->stalled_ms = 0;
    else if (crew->stalled_ms == 0 || crew->channel.out.len < before)
        crew->stalled_ms = now_ms > 0 ? now_ms : 1;
    loop_watch_set(&crew->socket_watch, crew->channel.out.len > 0
                                            ? LOOP_READABLE | LOOP_WRITABLE
                                            : LOOP_READABLE);
}

static uint32_t load_flags(const struct pool_code *code)
{
    uint32_t flags = code->is_fresh ? LOAD_FRESH : 0;

    if (code->allow_eval == POOL_EVAL_BY_GENERATION)
        flags |= LOAD_EVAL_BY_GENERATION;
    return code->allow_eval == POOL_EVAL_ON ? flags | LOAD_MAY_EVAL : flags;
}

static uint32_t invoke_flags(const struct pool_run *run)
{
    static const uint32_t of_entry[] = {
        [POOL_EVENT] = 0, [POOL_BATCH] = INVOKE_BATCH, [POOL_REQUEST] = INVOKE_REQUEST};

    return of_entry[run->entry] | (run->is_folded ? INVOKE_FOLDED : 0u);
}

void crew_load(struct crew *crew)
{
    const struct pool_code *code = &crew->function->code;
    struct buf *out = &crew->channel.out;
    size_t begun = frame_begin(out, FRAME_LOAD, 0);

    frame_add(out, TAG_NAME, code->name);
    frame_add(out, TAG_SOURCE, code->source);
    frame_add_u32(out, TAG_KIND, (uint32_t)code->generation);
    frame_add_u32(out, TAG_FLAGS, load_flags(code));
    if (!crew_send(crew, begun))
        referee_end(crew, CREW_CRASHED, 0);
    else
        crew_flush(crew);
}

void crew_invoke(struct crew *crew, struct pool_invocation *invocation)
{
    const struct pool_run *run = &invocation->run;
    struct buf *out = &crew->channel.out;
    size_t begun;

    invocation_move(invocation, &crew->invocations);
    invocation->crew = crew;
    crew->n_idle_frames = 0;
    crew->n_begun++;
    invocation->begun_us = clock_now_us();
    if (++crew->pool->last_id == 0)
        crew->pool->last_id++;
    invocation->id = crew->pool->last_id;
    begun = frame_begin(out, FRAME_INVOKE, invocation->id);
    frame_add(out, TAG_EVENT, run->event);
    frame_add(out, TAG_SETTINGS, run->settings.len > 0 ? run->settings : BYTES("{}"));
    frame_add_u32(out, TAG_KIND, (uint32_t)run->kind);
    frame_add_u32(out, TAG_FLAGS, invoke_flags(run));
    /* What does not fit now stays without a runner's answer until its time is over. */
    (void)crew_send(crew, begun);
}

void crew_cancel(struct crew *crew, uint32_t invocation)
{
    (void)crew_send(crew, frame_begin(&crew->channel.out, FRAME_CANCEL, invocation));
}

void crew_kill(struct crew *crew)
{
    if (crew->state == CREW_DYING)
        return;
    crew->state = CREW_DYING;
    if (crew->is_dirty)
        list_remove(&crew->pool->dirty, &crew->dirty_link);
    crew->is_dirty = false;
    loop_watch_done(&crew->socket_watch);
    scales_take(crew->pool->scales, &crew->pan);
    pool_weighed(crew->pool, crew->pan.peak_bytes);
    pool_weighed(crew->pool, child_peak_bytes(&crew->child));
    child_kill(&crew->child, SIGKILL);
    list_remove(&crew->function->crews, &crew->link);
    crew->function = NULL;
    list_push(&crew->pool->dying, &crew->link);
}

void crew_reap(struct crew *crew)
{
    int status;

    loop_watch_done(&crew->end_watch);
    child_reap(&crew->child, &status);
    list_remove(&crew->pool->dying, &crew->link);
    release(crew);
}

static void on_end(void *arg, int events)
{
    struct crew *crew = arg;

    (void)events;
    if (crew->state != CREW_DYING)
        referee_end(crew,
                    cgroup_part_overflowed(&crew->part) ? CREW_OVERWEIGHT : CREW_CRASHED,
                    0);
    crew_reap(crew);
}
