/* SPDX-License-Identifier: MIT */
#include "js/pool.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"
#include "js/pool_private.h"
#include "sys/clock.h"

enum {
    DEFAULT_TIMEOUT_MS = 5000,
    CALLBACK_TIMEOUT_MS = 3000, /* dossier §4.8 */
    DEFAULT_SLICE_MS = 1000,
    FIRST_TRIES = 3, /* of a first load, before the caller is told */
    BACKOFF_MS = 100,
    MAX_BACKOFF_MS = 5000,
    CROWD = 8, /* in flight in the least busy runner: then one more is started */
    LIGHT_US = 4000,
};

static void sweep(void *arg);

struct pool *pool_new(struct loop *loop, const struct pool_options *options)
{
    struct pool *pool = mem_new(struct pool);

    pool->loop = loop;
    pool->options = *options;
    pool->runner = mem_text(options->runner);
    pool->group = cgroup_open("/sys/fs/cgroup", "/proc/self/cgroup");
    pool->scales = scales_new();
    if (pool->options.count == 0)
        pool->options.count = 1;
    loop_timer_init(&pool->sweep, loop, sweep, pool);
    loop_timer_init(&pool->tick, loop, referee_tick, pool);
    return pool;
}

static void free_invocation(struct pool_invocation *invocation)
{
    for (size_t i = 0; i < invocation->n_logs; i++)
        free((void *)(uintptr_t)invocation->logs[i].ptr);
    free(invocation->logs);
    free(invocation);
}

static void free_invocations(struct list *list)
{
    struct list_link *link;

    while ((link = list_pop(list)) != NULL)
        free_invocation(list_entry(link, struct pool_invocation, link));
}

static void free_function(struct pool_function *function)
{
    struct list_link *link;

    while ((link = function->crews.first) != NULL) {
        struct crew *crew = list_entry(link, struct crew, link);

        free_invocations(&crew->invocations);
        crew_kill(crew);
    }
    free_invocations(&function->waiting);
    free_invocations(&function->suspects);
    list_remove(&function->pool->functions, &function->link);
    loop_timer_done(&function->restart);
    free(function->name);
    free(function->source);
    free(function);
}

void pool_free(struct pool *pool)
{
    struct list_link *link;

    if (pool == NULL)
        return;
    while ((link = pool->functions.first) != NULL)
        free_function(list_entry(link, struct pool_function, link));
    while ((link = pool->dying.first) != NULL)
        crew_reap(list_entry(link, struct crew, link));
    free_invocations(&pool->through);
    loop_timer_done(&pool->sweep);
    loop_timer_done(&pool->tick);
    free(pool->runner);
    scales_free(pool->scales);
    cgroup_close(pool->group);
    free(pool);
}

void pool_wake(struct pool *pool)
{
    if (!loop_timer_is_set(&pool->sweep))
        loop_timer_set(&pool->sweep, 0);
}

static bool is_through(const struct pool_function *function)
{
    return function->is_retired && function->n_in_flight == 0;
}

/* The end of a turn: everything that is ready leaves, everything that is through goes. */
static void sweep(void *arg)
{
    struct pool *pool = arg;
    struct list_link *link;
    struct list_link *next;

    for (link = pool->functions.first; link != NULL; link = next) {
        struct pool_function *function = list_entry(link, struct pool_function, link);

        next = link->next;
        if (is_through(function))
            free_function(function);
        else
            function_arrange(function);
    }
    while ((link = list_pop(&pool->dirty)) != NULL) {
        struct crew *crew = list_entry(link, struct crew, dirty_link);

        crew->is_dirty = false;
        crew_flush(crew);
    }
    free_invocations(&pool->through);
    referee_wake(pool);
}

static void restart(void *arg)
{
    struct pool_function *function = arg;

    pool_wake(function->pool);
}

struct pool_function *pool_load(struct pool *pool, const struct pool_code *code,
                                pool_loaded_fn *fn, void *arg)
{
    struct pool_function *function = mem_new(struct pool_function);

    function->pool = pool;
    function->name = bytes_copy(code->name);
    function->source = bytes_copy(code->source);
    function->code = *code;
    function->code.name = bytes_of(function->name, code->name.len);
    function->code.source = bytes_of(function->source, code->source.len);
    function->has_own_timeout = code->timeout_ms > 0;
    if (!function->has_own_timeout)
        function->code.timeout_ms = DEFAULT_TIMEOUT_MS;
    if (code->slice_ms <= 0)
        function->code.slice_ms = DEFAULT_SLICE_MS;
    if (code->in_flight == 0)
        function->code.in_flight = 1;
    function->fn = fn;
    function->arg = arg;
    function->state = FUNCTION_LOADING;
    loop_timer_init(&function->restart, pool->loop, restart, function);
    list_push(&pool->functions, &function->link);
    pool_wake(pool);
    return function;
}

void pool_retire(struct pool_function *function)
{
    function->is_retired = true;
    function->fn = NULL;
    pool_wake(function->pool);
}

static void adopt_generation(struct pool_function *function, const char *generation)
{
    function->has_callback =
        strcmp(generation, "custom") == 0 || strcmp(generation, "subscription") == 0;
    if (function->has_callback && !function->has_own_timeout)
        function->code.timeout_ms = CALLBACK_TIMEOUT_MS;
}

void function_loaded(struct pool_function *function, const struct pool_loaded *loaded)
{
    pool_loaded_fn *fn = function->fn;
    struct pool_loaded full = *loaded;

    if (loaded->ok)
        adopt_generation(function, loaded->generation);
    full.timeout_ms = function->code.timeout_ms;
    function->state = loaded->ok ? FUNCTION_READY : FUNCTION_BROKEN;
    function->fn = NULL;
    if (fn != NULL)
        fn(function->arg, function, &full);
}

void function_start_failed(struct pool_function *function, const char *name)
{
    const struct pool_loaded loaded = {.error_name = name,
                                       .error_message = function->failure};
    int64_t delay_ms = MAX_BACKOFF_MS;

    if (function->n_failures < 6)
        delay_ms = (int64_t)BACKOFF_MS << function->n_failures;
    function->n_failures++;
    if (function->state == FUNCTION_LOADING && function->n_failures >= FIRST_TRIES)
        function_loaded(function, &loaded);
    else
        loop_timer_set(&function->restart, delay_ms);
}

static unsigned capacity(const struct pool_function *function)
{
    return function->code.in_flight * function->pool->options.count;
}

bool pool_has_room(const struct pool_function *function)
{
    return function->state == FUNCTION_READY && !function->is_retired &&
           function->n_in_flight < capacity(function);
}

/* Is what it has to do done in a moment? */
static bool is_light(const struct crew *crew)
{
    return crew->cost_us > 0 &&
           (int64_t)crew->invocations.n_links < LIGHT_US / crew->cost_us;
}

/*
 * Work that costs little goes to one runner until that has a moment's work, for who wakes
 * up for many at once needs half of the time for each that it needs for one. Work that
 * costs much, or nobody knows what, goes to the least busy.
 */
static bool is_better(const struct crew *crew, const struct crew *than)
{
    if (than == NULL || is_light(crew) != is_light(than))
        return than == NULL || is_light(crew);
    if (is_light(crew))
        return crew->invocations.n_links > than->invocations.n_links;
    return crew->invocations.n_links < than->invocations.n_links;
}

/* NULL when there is none with room. */
static struct crew *find_crew(const struct pool_function *function)
{
    struct crew *best = NULL;

    for (struct list_link *link = function->crews.first; link; link = link->next) {
        struct crew *crew = list_entry(link, struct crew, link);

        if (crew->state == CREW_SERVING && !crew->is_quarantine &&
            crew->invocations.n_links < function->code.in_flight && is_better(crew, best))
            best = crew;
    }
    return best;
}

struct pool_invocation *pool_invoke(struct pool_function *function,
                                    const struct pool_run *run)
{
    struct pool_invocation *invocation;
    struct crew *crew;

    if (!pool_has_room(function))
        return NULL;
    invocation = mem_new(struct pool_invocation);
    invocation->function = function;
    invocation->run = *run;
    invocation->begun_us = clock_now_us();
    function->n_in_flight++;
    crew = find_crew(function);
    invocation_move(invocation, &function->waiting);
    if (crew != NULL)
        crew_invoke(crew, invocation);
    pool_wake(function->pool);
    return invocation;
}

void invocation_move(struct pool_invocation *invocation, struct list *to)
{
    if (invocation->on != NULL)
        list_remove(invocation->on, &invocation->link);
    invocation->on = to;
    if (to != NULL)
        list_push(to, &invocation->link);
}

void invocation_restart(struct pool_invocation *invocation, struct list *to)
{
    struct pool_run *run = &invocation->run;

    invocation->crew = NULL;
    invocation->begun_us = clock_now_us();
    memset(invocation->fetches, 0, sizeof(invocation->fetches));
    for (size_t i = 0; i < invocation->n_logs; i++)
        free((void *)(uintptr_t)invocation->logs[i].ptr);
    invocation->n_logs = 0;
    invocation->n_logs_dropped = 0;
    invocation_move(invocation, to);
    if (run->restart_fn != NULL)
        run->restart_fn(run->arg);
}

/* Off its list, out of the count, to be freed when no callback of it can be running. */
static void put_away(struct pool_invocation *invocation)
{
    struct pool *pool = invocation->function->pool;

    invocation->function->n_in_flight--;
    invocation->crew = NULL;
    invocation_move(invocation, NULL);
    list_push(&pool->through, &invocation->link);
    pool_wake(pool);
}

void invocation_end(struct pool_invocation *invocation, const struct pool_result *result)
{
    struct pool_result full = *result;

    full.logs = invocation->logs;
    full.n_logs = invocation->n_logs;
    full.n_logs_dropped = invocation->n_logs_dropped;
    full.n_free_reruns = invocation->n_free_reruns;
    full.duration_us = clock_now_us() - invocation->begun_us;
    put_away(invocation);
    invocation->run.done_fn(invocation->run.arg, &full);
}

void invocation_fail(struct pool_invocation *invocation, enum outcome_run run,
                     const char *format, ...)
{
    static const char *const names[] = {
        [RUN_TIMEOUT] = "Timeout", [RUN_MEMORY] = "Memory", [RUN_CRASHED] = "Crash"};
    struct pool_result result = {.run = run, .error_name = bytes_str(names[run])};
    char message[256];
    va_list args;

    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    result.error_message = bytes_str(message);
    invocation_end(invocation, &result);
}

void invocation_time_out(struct pool_invocation *invocation, const char *why)
{
    struct pool_result result = {.run = RUN_THREW,
                                 .error_name = BYTES("BadRequestError")};
    char message[256];

    if (!invocation->function->has_callback) {
        invocation_fail(invocation, RUN_TIMEOUT, "%s", why);
        return;
    }
    snprintf(message, sizeof(message), "the callback was not called: %s", why);
    result.error_message = bytes_str(message);
    invocation_end(invocation, &result);
}

void pool_cancel(struct pool_invocation *invocation)
{
    if (invocation->crew != NULL)
        crew_cancel(invocation->crew, invocation->id);
    put_away(invocation);
}

static struct fetch_slot *find_fetch(struct pool_invocation *invocation, uint32_t id)
{
    for (size_t i = 0; i < POOL_FETCHES; i++)
        if (id != 0 && invocation->fetches[i].id == id)
            return &invocation->fetches[i];
    return NULL;
}

static bool send_answer(struct crew *crew, const struct pool_invocation *invocation,
                        uint32_t theirs, enum outcome_transport transport,
                        const char *error)
{
    struct buf *out = &crew->channel.out;
    size_t begun = frame_begin(out, FRAME_ANSWER, invocation->id);

    frame_add_u32(out, TAG_FETCH, theirs);
    frame_add_u32(out, TAG_TRANSPORT, (uint32_t)transport);
    frame_add(out, TAG_ERROR, bytes_str(error != NULL ? error : "unknown"));
    return crew_send(crew, begun);
}

static bool send_response(struct crew *crew, struct pool_invocation *invocation,
                          uint32_t theirs, const struct pool_response *response)
{
    struct buf *out = &crew->channel.out;
    size_t begun = frame_begin(out, FRAME_ANSWER, invocation->id);

    frame_add_u32(out, TAG_FETCH, theirs);
    frame_add_u32(out, TAG_TRANSPORT, TRANSPORT_OK);
    frame_add_u32(out, TAG_STATUS, (uint32_t)response->status);
    for (size_t i = 0; i < response->n_headers && i < POOL_HEADERS; i++) {
        frame_add(out, TAG_HEADER, response->headers[i].name);
        frame_add(out, TAG_VALUE, response->headers[i].value);
    }
    frame_add(out, TAG_BODY, response->body);
    return crew_send(crew, begun);
}

void pool_answer(struct pool_invocation *invocation, uint32_t fetch,
                 const struct pool_response *response)
{
    struct fetch_slot *slot = find_fetch(invocation, fetch);
    struct crew *crew = invocation->crew;
    uint32_t theirs;

    if (slot == NULL || crew == NULL)
        return;
    theirs = slot->theirs;
    *slot = (struct fetch_slot){0};
    if (response->transport != TRANSPORT_OK)
        (void)send_answer(crew, invocation, theirs, response->transport, response->error);
    else if (!send_response(crew, invocation, theirs, response))
        (void)send_answer(crew, invocation, theirs, TRANSPORT_TOO_LARGE,
                          "the answer is too large");
}

static unsigned n_crews(const struct pool_function *function, bool is_quarantine)
{
    unsigned n = 0;

    for (struct list_link *link = function->crews.first; link; link = link->next)
        n += list_entry(link, struct crew, link)->is_quarantine == is_quarantine;
    return n;
}

/* One suspect at a time; without any the quarantine is not needed. */
static void arrange_quarantine(struct pool_function *function)
{
    struct list_link *next;

    for (struct list_link *link = function->crews.first; link; link = next) {
        struct crew *crew = list_entry(link, struct crew, link);
        struct list_link *suspect = function->suspects.first;

        next = link->next;
        if (!crew->is_quarantine || crew->state != CREW_SERVING ||
            !list_is_empty(&crew->invocations))
            continue;
        if (suspect == NULL)
            referee_end(crew, CREW_ENDED, 0);
        else
            crew_invoke(crew, list_entry(suspect, struct pool_invocation, link));
    }
}

/* How many runners the work at hand deserves. */
static unsigned n_wanted(const struct pool_function *function)
{
    const struct crew *crew = find_crew(function);
    unsigned n = n_crews(function, /* is_quarantine= */ false);

    if (function->state == FUNCTION_LOADING)
        return 1;
    if (n == 0)
        return 1;
    if (!list_is_empty(&function->waiting) ||
        (crew != NULL && crew->invocations.n_links >= CROWD && !is_light(crew)))
        return n + 1;
    return n;
}

static bool may_start(const struct pool_function *function)
{
    return function->state != FUNCTION_BROKEN && !loop_timer_is_set(&function->restart);
}

static void refuse_source(struct pool_function *function)
{
    const struct pool_loaded loaded = {.error_name = "TooLarge",
                                       .error_message = function->failure};

    snprintf(function->failure, sizeof(function->failure),
             "the code is larger than %d KiB", POOL_SOURCE_BYTES >> 10);
    function_loaded(function, &loaded);
}

void function_arrange(struct pool_function *function)
{
    struct list_link *link;
    struct crew *crew;
    unsigned n_wanted_now;

    if (function->state == FUNCTION_LOADING &&
        function->code.source.len > POOL_SOURCE_BYTES)
        refuse_source(function);
    while ((link = function->waiting.first) != NULL &&
           (crew = find_crew(function)) != NULL)
        crew_invoke(crew, list_entry(link, struct pool_invocation, link));
    arrange_quarantine(function);

    n_wanted_now = n_wanted(function);
    if (n_wanted_now > function->pool->options.count)
        n_wanted_now = function->pool->options.count;
    if (may_start(function) && n_crews(function, false) < n_wanted_now &&
        !crew_start(function, /* is_quarantine= */ false))
        function_start_failed(function, "Runner");
    if (may_start(function) && !list_is_empty(&function->suspects) &&
        n_crews(function, true) == 0 && !crew_start(function, /* is_quarantine= */ true))
        function_start_failed(function, "Runner");
}

void pool_stats(const struct pool *pool, struct pool_stats *ret_stats)
{
    *ret_stats = pool->stats;
    for (struct list_link *link = pool->functions.first; link; link = link->next) {
        const struct pool_function *function =
            list_entry(link, struct pool_function, link);

        ret_stats->n_in_flight += function->n_in_flight;
        for (struct list_link *one = function->crews.first; one; one = one->next) {
            const struct pan *pan = &list_entry(one, struct crew, link)->pan;

            ret_stats->n_runners++;
            ret_stats->rss_bytes += pan_bytes(pan);
            if (pan->peak_bytes > ret_stats->peak_rss_bytes)
                ret_stats->peak_rss_bytes = pan->peak_bytes;
        }
    }
}
