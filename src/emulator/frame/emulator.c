/* SPDX-License-Identifier: MIT */

#include "emulator/frame/emulator.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "emulator/delivery/attempt.h"
#include "emulator/delivery/shelf.h"
#include "emulator/frame/alarm.h"
#include "emulator/frame/answering.h"
#include "emulator/frame/exchange.h"
#include "emulator/world/world.h"
#include "js/pool.h"
#include "net/client.h"
#include "net/egress.h"
#include "sys/clock.h"
#include "sys/loop.h"
#include "sys/rand.h"

enum { CONNECTIONS_PER_HOST = 64, RUNNER_MEMORY_BYTES = 128 << 20 };

struct emulator {
    struct emulator_options options;
    struct emulator_parts parts;
    pthread_mutex_t lock;
    pthread_t thread;
    bool has_thread;
    bool is_stopping;
    bool is_woken; /* the loop has been told and has not looked yet */
    int wake_fd;
    struct loop_watch wake;
    struct loop_timer timer;
    struct heap alarms;
    struct map worlds;
    struct world *main_world;
    struct list ended; /* worlds whose memory is to go */
    struct alarm burial;
    struct answering *answering;
};

/* --- the lock ----------------------------------------------------------------------- */

static bool is_loop_thread(const struct emulator *emulator)
{
    return emulator->has_thread && pthread_equal(pthread_self(), emulator->thread) != 0;
}

static int64_t earlier(int64_t wait_ms, int64_t other_ms)
{
    if (other_ms < 0)
        return wait_ms;
    return wait_ms < 0 || other_ms < wait_ms ? other_ms : wait_ms;
}

/* How long until an alarm is due; -1: none ever, as things are. */
static int64_t next_alarm_ms(struct emulator *emulator)
{
    const int64_t now_ms = clock_now_ms();
    const struct heap_node *node = heap_peek(&emulator->alarms);
    int64_t wait_ms = -1;
    size_t cursor = 0;
    void *value;

    if (node != NULL)
        wait_ms = node->at > now_ms ? node->at - now_ms : 0;
    while (map_next(&emulator->worlds, &cursor, NULL, &value)) {
        const struct world *world = value;

        node = heap_peek(&world->alarms);
        if (node != NULL)
            wait_ms =
                earlier(wait_ms, virtual_clock_wait_ms(&world->clock, node->at, now_ms));
    }
    return wait_ms;
}

static void arm(struct emulator *emulator)
{
    const int64_t wait_ms = next_alarm_ms(emulator);

    if (wait_ms < 0)
        loop_timer_stop(&emulator->timer);
    else
        loop_timer_set(&emulator->timer, wait_ms);
}

void emulator_commit(struct emulator *emulator)
{
    size_t cursor = 0;
    void *value;

    while (map_next(&emulator->worlds, &cursor, NULL, &value))
        world_commit(value);
}

static void leave(struct emulator *emulator)
{
    if (is_loop_thread(emulator) && !emulator->is_stopping)
        arm(emulator);
    pthread_mutex_unlock(&emulator->lock);
}

void emulator_enter_open(struct emulator *emulator)
{
    pthread_mutex_lock(&emulator->lock);
}

void emulator_leave_open(struct emulator *emulator)
{
    size_t cursor = 0;
    void *value;

    while (map_next(&emulator->worlds, &cursor, NULL, &value))
        world_leave_open(value);
    leave(emulator);
}

void emulator_enter(struct emulator *emulator)
{
    emulator_enter_open(emulator);
    emulator_commit(emulator); /* so that an undoing undoes nobody else's */
}

void emulator_leave(struct emulator *emulator)
{
    emulator_commit(emulator);
    leave(emulator);
}

void emulator_wake(struct emulator *emulator)
{
    const uint64_t one = 1;

    if (emulator->is_woken || is_loop_thread(emulator))
        return; /* who leaves the lock there looks at the alarms anyway */
    emulator->is_woken = true;
    if (write(emulator->wake_fd, &one, sizeof(one)) < 0)
        emulator->is_woken = false; /* full: it is awake */
}

/* --- the loop ----------------------------------------------------------------------- */

/* What is due now; what these set in turn is for the next round. */
static void ring(struct heap *heap, int64_t now_ms)
{
    for (size_t left = heap->n_nodes; left > 0; left--) {
        struct heap_node *node = heap_pop_due(heap, now_ms);
        struct alarm *alarm;

        if (node == NULL)
            return;
        alarm = container_of(node, struct alarm, node);
        alarm->heap = NULL;
        alarm->fn(alarm->arg);
    }
}

static void ring_all(struct emulator *emulator)
{
    size_t cursor = 0;
    void *value;

    emulator_enter_open(emulator);
    emulator->is_woken = false;
    if (emulator->is_stopping)
        loop_stop(emulator->parts.loop);
    ring(&emulator->alarms, clock_now_ms());
    while (map_next(&emulator->worlds, &cursor, NULL, &value)) {
        struct world *world = value;

        ring(&world->alarms, world_now_ms(world));
    }
    emulator_leave_open(emulator);
}

static void on_timer(void *arg)
{
    ring_all(arg);
}

static void on_wake(void *arg, int events)
{
    struct emulator *emulator = arg;
    uint64_t count;

    (void)events;
    if (read(emulator->wake_fd, &count, sizeof(count)) > 0)
        ring_all(emulator);
}

static void *run(void *arg)
{
    struct emulator *emulator = arg;

    loop_run(emulator->parts.loop);
    return NULL;
}

/* --- worlds ------------------------------------------------------------------------- */

static int open_world(struct emulator *emulator, struct bytes name, const char *path,
                      struct world **ret_world, struct err *err)
{
    if (world_open(emulator, name, path, ret_world, err) < 0)
        return -1;
    map_put(&emulator->worlds, name, *ret_world);
    return 0;
}

struct world *emulator_find_world(struct emulator *emulator, struct bytes name)
{
    struct world *world = map_find(&emulator->worlds, name);
    struct err err = {0};

    if (world != NULL)
        return world;
    if (emulator->worlds.n_entries > EMULATOR_MAX_WORLDS || name.len > WORLD_NAME_MAX ||
        open_world(emulator, name, NULL, &world, &err) < 0)
        return NULL;
    return world;
}

/* Of worlds that have ended: in this thread, because attempts end in it. */
static void free_ended(void *arg)
{
    struct emulator *emulator = arg;
    struct list_link *link;

    while ((link = list_pop(&emulator->ended)) != NULL)
        world_free(list_entry(link, struct world, link));
}

bool emulator_end_world(struct emulator *emulator, struct world *world)
{
    if (world == emulator->main_world)
        return false;
    map_remove(&emulator->worlds, bytes_str(world->name));
    list_push(&emulator->ended, &world->link);
    alarm_set_in(emulator, &emulator->burial, 0, free_ended, emulator);
    return true;
}

static int open_main_world(struct emulator *emulator, struct err *err)
{
    char path[4096];
    const char *data = emulator->options.data;

    if (data != NULL)
        snprintf(path, sizeof(path), "%s/emulator.db", data);
    return open_world(emulator, BYTES(""), data != NULL ? path : NULL,
                      &emulator->main_world, err);
}

/* --- life --------------------------------------------------------------------------- */

static int make_parts(struct emulator *emulator, struct err *err)
{
    const struct pool_options pool = {
        .runner = emulator->options.runner,
        .count = 1,
        .memory_bytes = RUNNER_MEMORY_BYTES,
    };
    struct emulator_parts *parts = &emulator->parts;

    if (egress_new(NULL, 0, /* allow_loopback= */ true, &parts->egress, err) < 0)
        return -1;
    emulator->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (emulator->wake_fd < 0)
        return err_sys(err, "eventfd");
    parts->loop = loop_new();
    parts->client = client_new(parts->loop, CONNECTIONS_PER_HOST);
    parts->alarms = &emulator->alarms;
    parts->worlds = &emulator->worlds;
    if (pool.runner != NULL) {
        parts->pool = pool_new(parts->loop, &pool);
        parts->shelf = shelf_new(emulator);
    }
    loop_timer_init(&emulator->timer, parts->loop, on_timer, emulator);
    loop_watch_init(&emulator->wake, parts->loop, emulator->wake_fd, on_wake, emulator);
    loop_watch_set(&emulator->wake, LOOP_READABLE);
    return 0;
}

static int start_loop(struct emulator *emulator, struct err *err)
{
    bool is_started;

    emulator_enter(emulator); /* nobody asks whose thread this is before it is known */
    is_started = pthread_create(&emulator->thread, NULL, run, emulator) == 0;
    emulator->has_thread = is_started;
    emulator_wake(emulator); /* what waited in the database */
    emulator_leave(emulator);
    return is_started ? 0 : err_set(err, "start a thread");
}

static int start(struct emulator *emulator, struct err *err)
{
    if (make_parts(emulator, err) < 0 || open_main_world(emulator, err) < 0)
        return -1;
    world_commit(emulator->main_world);
    if (answering_start(emulator, &emulator->answering, err) < 0)
        return -1;
    return start_loop(emulator, err);
}

int emulator_start(const struct emulator_options *options, struct emulator **ret_emulator,
                   struct err *err)
{
    struct emulator *emulator = mem_new(struct emulator);
    uint64_t hash_seed[2];

    emulator->options = *options;
    emulator->wake_fd = -1;
    pthread_mutex_init(&emulator->lock, NULL);
    rand_bytes(hash_seed, sizeof(hash_seed));
    map_init(&emulator->worlds, hash_seed);
    if (start(emulator, err) < 0) {
        emulator_stop(emulator);
        return -1;
    }
    *ret_emulator = emulator;
    return 0;
}

static void end_loop(struct emulator *emulator)
{
    if (!emulator->has_thread)
        return;
    emulator_enter(emulator);
    emulator->is_stopping = true;
    emulator_wake(emulator);
    emulator_leave(emulator);
    pthread_join(emulator->thread, NULL);
    emulator_enter(emulator);
    emulator->has_thread = false;
    exchange_end_all(emulator, NULL); /* nobody else would, and no new ones come */
    emulator_leave(emulator);
}

static void free_parts(struct emulator *emulator)
{
    struct emulator_parts *parts = &emulator->parts;

    attempts_end(emulator);
    if (parts->shelf != NULL)
        shelf_free(parts->shelf);
    if (parts->pool != NULL)
        pool_free(parts->pool);
    if (parts->loop != NULL) {
        client_free(parts->client);
        loop_timer_done(&emulator->timer);
        loop_watch_done(&emulator->wake);
        loop_free(parts->loop);
    }
    if (emulator->wake_fd >= 0)
        close(emulator->wake_fd);
    egress_free(parts->egress);
}

void emulator_stop(struct emulator *emulator)
{
    size_t cursor = 0;
    void *value;

    end_loop(emulator);
    answering_stop(emulator->answering);
    while (map_next(&emulator->worlds, &cursor, NULL, &value))
        world_free(value);
    free_ended(emulator);
    free_parts(emulator);
    map_done(&emulator->worlds);
    heap_done(&emulator->alarms);
    pthread_mutex_destroy(&emulator->lock);
    free(emulator);
}

/* --- questions ---------------------------------------------------------------------- */

bool emulator_is_in_loop(const struct emulator *emulator)
{
    return !emulator->has_thread || is_loop_thread(emulator);
}

bool emulator_is_stopping(const struct emulator *emulator)
{
    return emulator->is_stopping;
}

int emulator_port(const struct emulator *emulator)
{
    return answering_port(emulator->answering);
}

int emulator_public_port(const struct emulator *emulator)
{
    return answering_public_port(emulator->answering);
}

struct world *emulator_world(struct emulator *emulator)
{
    return emulator->main_world;
}

struct emulator_parts *emulator_parts(struct emulator *emulator)
{
    return &emulator->parts;
}

const struct emulator_options *emulator_options(const struct emulator *emulator)
{
    return &emulator->options;
}
