/* SPDX-License-Identifier: MIT */

/*
 * Functions without an engine: each sends what it was given to its subscription's
 * endpoint, and throws RetryError when that was not taken. At times it hangs, crashes, or
 * runs again from its beginning.
 */

#include <stdio.h>

#include "base/list.h"
#include "base/mem.h"
#include "js/pool.h"
#include "simulation/fakes.h"
#include "simulation/kernel.h"
#include "simulation/oracle.h"

enum { LOAD_US = 20000, RUN_LEAST_US = 100, RUN_MOST_US = 20000, TIMEOUT_US = 5000000 };

struct pool {
    struct loop *loop;
    unsigned count;
    struct chance chance;
    struct list functions;
};

struct pool_function {
    struct list_link link;
    struct pool *pool;
    unsigned room;
    struct list invocations;
    bool is_loaded, is_retired;
    pool_loaded_fn *fn;
    void *arg;
    struct alarm load;
};

struct pool_invocation {
    struct list_link link;
    struct pool_function *function;
    struct pool_run run;
    struct alarm next;  /* of its course */
    struct alarm limit; /* of its time */
    struct buf url;
    int64_t began_us;
    unsigned n_fetches;
    uint32_t fetch; /* under way; 0: none */
    enum outcome_run end;
};

struct pool *pool_new(struct loop *loop, const struct pool_options *options)
{
    struct pool *pool = mem_new(struct pool);

    pool->loop = loop;
    pool->count = options->count > 0 ? options->count : 1;
    chance_init(&pool->chance, chance_u64(fake_sys_chance()), "pool");
    return pool;
}

/* It is on its function's list no more. */
static void invocation_free(struct pool_invocation *invocation)
{
    alarm_stop(&invocation->next);
    alarm_stop(&invocation->limit);
    buf_done(&invocation->url);
    free(invocation);
}

/* It is on its pool's list no more. */
static void function_free(struct pool_function *function)
{
    struct list_link *link;

    while ((link = list_pop(&function->invocations)) != NULL)
        invocation_free(list_entry(link, struct pool_invocation, link));
    alarm_stop(&function->load);
    free(function);
}

void pool_free(struct pool *pool)
{
    struct list_link *link;

    if (pool == NULL)
        return;
    while ((link = list_pop(&pool->functions)) != NULL)
        function_free(list_entry(link, struct pool_function, link));
    free(pool);
}

static void leave_pool(struct pool_function *function)
{
    list_remove(&function->pool->functions, &function->link);
    function_free(function);
}

static void on_loaded(void *arg)
{
    static const char *const handlers[] = {"onTrack", "onBatch", NULL};
    static const struct pool_loaded loaded = {
        .ok = true, .generation = "functions", .handlers = handlers};
    struct pool_function *function = arg;

    if (fake_sys_is_dead())
        return;
    fake_loop_turn(function->pool->loop);
    function->is_loaded = true;
    function->fn(function->arg, function, &loaded);
    oracle_turn_ends();
}

struct pool_function *pool_load(struct pool *pool, const struct pool_code *code,
                                pool_loaded_fn *fn, void *arg)
{
    struct pool_function *function = mem_new(struct pool_function);

    function->pool = pool;
    function->room = pool->count * (code->in_flight > 0 ? code->in_flight : 1);
    function->fn = fn;
    function->arg = arg;
    alarm_init(&function->load, on_loaded, function);
    alarm_set(&function->load, LOAD_US);
    list_push(&pool->functions, &function->link);
    return function;
}

void pool_retire(struct pool_function *function)
{
    function->is_retired = true;
    if (list_is_empty(&function->invocations))
        leave_pool(function);
}

bool pool_has_room(const struct pool_function *function)
{
    return function->is_loaded && !function->is_retired &&
           function->invocations.n_links < function->room;
}

/* --- a run -------------------------------------------------------------------------- */

static void leave(struct pool_invocation *invocation)
{
    struct pool_function *function = invocation->function;

    list_remove(&function->invocations, &invocation->link);
    invocation_free(invocation);
    if (function->is_retired && list_is_empty(&function->invocations))
        leave_pool(function);
}

static void end_run(struct pool_invocation *invocation, enum outcome_run end)
{
    struct pool_result result = {.run = end,
                                 .handler = BYTES("onTrack"),
                                 .duration_us = kernel_now_us() - invocation->began_us};
    const struct pool_run run = invocation->run;

    if (end == RUN_THREW)
        result.error_name = BYTES("RetryError");
    leave(invocation);
    run.done_fn(run.arg, &result);
}

static void on_limit(void *arg)
{
    struct pool_invocation *invocation = arg;

    if (fake_sys_is_dead())
        return;
    fake_loop_turn(invocation->function->pool->loop);
    end_run(invocation, RUN_TIMEOUT);
    oracle_turn_ends();
}

static void send(struct pool_invocation *invocation)
{
    struct pool_request request = {.method = BYTES("POST"),
                                   .url = buf_bytes(&invocation->url),
                                   .body = invocation->run.event,
                                   .has_body = true};

    invocation->fetch = ++invocation->n_fetches;
    invocation->run.fetch_fn(invocation->run.arg, invocation, invocation->fetch,
                             &request);
}

static bool may_fail(const struct pool_invocation *invocation, int permille)
{
    return fake_sys_may_fail() &&
           chance_is(&invocation->function->pool->chance, permille);
}

static void on_next(void *arg)
{
    struct pool_invocation *invocation = arg;

    if (fake_sys_is_dead())
        return;
    fake_loop_turn(invocation->function->pool->loop);
    if (invocation->end != RUN_NONE)
        end_run(invocation, invocation->end);
    else if (may_fail(invocation, 5))
        end_run(invocation, RUN_CRASHED);
    else if (!may_fail(invocation, 5)) /* else it hangs */
        send(invocation);
    oracle_turn_ends();
}

static int64_t some_us(struct pool_invocation *invocation)
{
    return chance_scale(&invocation->function->pool->chance, RUN_LEAST_US, RUN_MOST_US);
}

/* What the settings say: "endpoint":"https://p1.example/f2". */
static void read_endpoint(struct bytes settings, struct buf *ret_url)
{
    static const char name[] = "\"endpoint\":\"";
    size_t at = bytes_find(settings, bytes_str(name)) + sizeof(name) - 1;
    struct bytes rest = bytes_slice(settings, at, settings.len);

    buf_init(ret_url, 256);
    (void)buf_add(ret_url, bytes_take_until(&rest, '"'));
}

struct pool_invocation *pool_invoke(struct pool_function *function,
                                    const struct pool_run *run)
{
    struct pool_invocation *invocation;

    if (!pool_has_room(function))
        return NULL;
    invocation = mem_new(struct pool_invocation);
    invocation->function = function;
    invocation->run = *run;
    invocation->began_us = kernel_now_us();
    alarm_init(&invocation->next, on_next, invocation);
    alarm_init(&invocation->limit, on_limit, invocation);
    list_push(&function->invocations, &invocation->link);
    read_endpoint(run->settings, &invocation->url);
    alarm_set(&invocation->next, some_us(invocation));
    alarm_set(&invocation->limit, TIMEOUT_US);
    return invocation;
}

void pool_cancel(struct pool_invocation *invocation)
{
    leave(invocation);
}

void pool_answer(struct pool_invocation *invocation, uint32_t fetch,
                 const struct pool_response *response)
{
    if (fetch != invocation->fetch)
        return;
    invocation->fetch = 0;
    if (may_fail(invocation, 5)) {
        invocation->run.restart_fn(invocation->run.arg);
        invocation->n_fetches = 0;
        alarm_set(&invocation->next, some_us(invocation));
        return;
    }
    invocation->end = response->transport == TRANSPORT_OK && response->status < 300
                          ? RUN_RETURNED
                          : RUN_THREW;
    alarm_set(&invocation->next, some_us(invocation));
}

void pool_stats(const struct pool *pool, struct pool_stats *ret_stats)
{
    (void)pool;
    *ret_stats = (struct pool_stats){0};
}
