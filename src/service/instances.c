/* SPDX-License-Identifier: MIT */

#include "service/instances.h"

#include "base/mem.h"
#include "service/courier_state.h"
#include "sys/log.h"

enum {
    RECHECK_MS = 50,
    BUSY_MS = 1000, /* used within it: not yet taken away to make room */
    FAILED_MS = 1000,
};

struct instance {
    struct list_link link;
    struct line *line;
    int64_t key;
    struct pool_function *function;
    bool is_ready;
    int64_t used_ms; /* monotonic */
};

static int64_t now_ms(const struct line *line)
{
    return loop_now_ms(line->courier->loop);
}

/* It is on no list any more. */
static void retire(struct instance *instance)
{
    pool_retire(instance->function);
    free(instance);
}

static void drop(struct instance *instance)
{
    list_remove(&instance->line->instances.list, &instance->link);
    retire(instance);
}

static void on_idle(void *arg)
{
    struct line *line = arg;
    struct list *list = &line->instances.list;
    struct list_link *link;

    while ((link = list_pop(list)) != NULL) {
        struct instance *oldest = list_entry(link, struct instance, link);
        int64_t left_ms = oldest->used_ms + INSTANCES_IDLE_MS - now_ms(line);

        if (left_ms > 0) {
            list_push_front(list, link);
            loop_timer_set(&line->instances.idle, left_ms);
            return;
        }
        retire(oldest);
    }
}

void instances_init(struct line *line)
{
    loop_timer_init(&line->instances.idle, line->courier->loop, on_idle, line);
}

void instances_free(struct line *line)
{
    instances_use(line, NULL);
    loop_timer_done(&line->instances.idle);
}

size_t instances_count(const struct line *line)
{
    return line->instances.list.n_links;
}

void instances_use(struct line *line, const struct pool_code *code)
{
    struct instances *instances = &line->instances;
    struct list_link *link;

    while ((link = list_pop(&instances->list)) != NULL)
        retire(list_entry(link, struct instance, link));
    buf_done(&instances->source);
    instances->code = (struct pool_code){0};
    if (code == NULL)
        return;
    buf_init(&instances->source, POOL_SOURCE_BYTES);
    buf_add(&instances->source, code->source);
    instances->code = *code;
    instances->code.source = buf_bytes(&instances->source);
    instances->code.name = bytes_str(line->function.path);
}

/* The code loaded before, so it is the runner that could not be started. */
static void on_loaded(void *arg, struct pool_function *function,
                      const struct pool_loaded *loaded)
{
    struct instance *instance = arg;
    struct line *line = instance->line;

    (void)function;
    instance->is_ready = loaded->ok;
    if (!loaded->ok) {
        log_line(LOG_WARN, "no runner for one more customer's key",
                 LOG_TEXT("subscription", line->name),
                 LOG_TEXT("why", loaded->error_message));
        drop(instance);
        loop_timer_set(&line->wake, FAILED_MS);
        return;
    }
    lines_wake(line);
    lines_dispatch(line->courier);
}

static struct instance *find(const struct instances *instances, int64_t key)
{
    for (struct list_link *link = instances->list.first; link; link = link->next) {
        struct instance *instance = list_entry(link, struct instance, link);

        if (instance->key == key)
            return instance;
    }
    return NULL;
}

/* Takes away the one that was used least recently. False: all are in use. */
static bool make_room(struct line *line)
{
    struct list *list = &line->instances.list;
    struct instance *oldest;

    if (list->n_links < INSTANCES_MAX)
        return true;
    oldest = list_entry(list->first, struct instance, link);
    if (now_ms(line) - oldest->used_ms < BUSY_MS)
        return false;
    drop(oldest);
    return true;
}

static void add(struct line *line, int64_t key)
{
    struct instance *instance = mem_new(struct instance);

    instance->line = line;
    instance->key = key;
    instance->used_ms = now_ms(line);
    list_push(&line->instances.list, &instance->link);
    if (!loop_timer_is_set(&line->instances.idle))
        loop_timer_set(&line->instances.idle, INSTANCES_IDLE_MS);
    instance->function =
        pool_load(line->courier->pool, &line->instances.code, on_loaded, instance);
}

/* An end of an invocation wakes the line; a runner that restarts does not. */
static struct pool_function *with_room(struct line *line, struct pool_function *function)
{
    if (function != NULL && pool_has_room(function))
        return function;
    if (function != NULL)
        loop_timer_set(&line->wake, RECHECK_MS);
    return NULL;
}

struct pool_function *instances_get(struct line *line, int64_t key)
{
    struct instances *instances = &line->instances;
    struct instance *instance;

    if (key == 0 || instances->source.len == 0)
        return with_room(line, line->function.current);
    instance = find(instances, key);
    if (instance == NULL) {
        if (make_room(line))
            add(line, key);
        else
            loop_timer_set(&line->wake, RECHECK_MS);
        return NULL;
    }
    instance->used_ms = now_ms(line);
    list_remove(&instances->list, &instance->link);
    list_push(&instances->list, &instance->link);
    return instance->is_ready ? with_room(line, instance->function) : NULL;
}
