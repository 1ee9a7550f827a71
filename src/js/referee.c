/* SPDX-License-Identifier: MIT */

/*
 * referee - the clock, and who pays when a runner is killed (js/pool.h).
 *
 * A tick of 10 ms while anything is under way. The scales (js/scales.h) do not wait for
 * it; what they did is seen here. A runner that has had nothing to do for some seconds is
 * stopped until there is something: it can neither compute nor grow, so nobody needs to
 * look at it, and an idle service sleeps. One that is off the scales is one that rests.
 */

#include <stdio.h>

#include "js/pool_private.h"
#include "sys/clock.h"

enum {
    TICK_MS = 10,
    IDLE_TICK_MS = 200,
    START_MS = 10000,
    STALL_MS = 1000,
    SPENT_MS = 30000,
    RECKONED = 16,  /* invocations, at least, of which a mean is taken */
    REST_MS = 3000, /* by then the engine has tidied up behind its last event */
};

static const char *const end_words[] = {
    [CREW_ENDED] = "ended",
    [CREW_OVERTIME] = "held the CPU too long",
    [CREW_OVERWEIGHT] = "passed the memory limit",
    [CREW_CRASHED] = "crashed",
};

static enum outcome_run run_of(enum crew_end end)
{
    if (end == CREW_OVERTIME)
        return RUN_TIMEOUT;
    return end == CREW_OVERWEIGHT ? RUN_MEMORY : RUN_CRASHED;
}

static void charge_time(struct pool_invocation *invocation)
{
    const struct pool_code *code = &invocation->function->code;
    char why[160];

    snprintf(why, sizeof(why),
             "the function held the CPU past its limit (%lld ms without a pause, %lld ms "
             "in all)",
             (long long)code->slice_ms, (long long)code->timeout_ms);
    invocation_time_out(invocation, why);
}

static void charge(struct pool_invocation *invocation, enum crew_end end)
{
    const struct pool *pool = invocation->function->pool;

    if (end == CREW_OVERTIME)
        charge_time(invocation);
    else if (end == CREW_OVERWEIGHT)
        invocation_fail(invocation, RUN_MEMORY,
                        "the function used more than %lld MiB of memory",
                        (long long)(pool->options.memory_bytes >> 20));
    else
        invocation_fail(invocation, RUN_CRASHED, "the function's runner crashed");
}

/* Runs it again for nothing: whoever met too many others' ends alone, where there are no
 * others. */
static void spare(struct pool_invocation *invocation, enum crew_end end, bool was_alone)
{
    struct pool_function *function = invocation->function;
    bool is_known = ++invocation->n_free_reruns > POOL_FREE_RERUNS;

    if (is_known && was_alone)
        invocation_fail(invocation, run_of(end),
                        "the function's runner %s, %u times in a row, while this ran",
                        end_words[end], invocation->n_free_reruns);
    else
        invocation_restart(invocation, end == CREW_OVERTIME && !is_known
                                           ? &function->waiting
                                           : &function->suspects);
}

/* Who did it is known, so the others need not be tried one by one. Those to whom it
 * happened again and again stay, lest they be the ones who pay in the end. */
static void acquit(struct pool_function *function)
{
    struct list_link *next;

    for (struct list_link *link = function->suspects.first; link; link = next) {
        struct pool_invocation *one = list_entry(link, struct pool_invocation, link);

        next = link->next;
        if (one->n_free_reruns < POOL_FREE_RERUNS)
            invocation_move(one, &function->waiting);
    }
}

/* Who is guilty for certain: on the CPU when the time was over; alone in the quarantine;
 * the first and only one in a runner that swelled. */
static void settle(struct pool_invocation *invocation, const struct crew *crew,
                   enum crew_end end, uint32_t culprit)
{
    bool is_alone = crew->is_quarantine || (crew->n_begun == 1 && end == CREW_OVERWEIGHT);

    if (end == CREW_OVERTIME ? invocation->id != culprit : !is_alone) {
        spare(invocation, end, is_alone);
        return;
    }
    if (crew->is_quarantine && end != CREW_OVERTIME)
        acquit(invocation->function);
    charge(invocation, end);
}

static void count(struct pool_stats *stats, enum crew_end end)
{
    stats->n_killed_time += end == CREW_OVERTIME;
    stats->n_killed_memory += end == CREW_OVERWEIGHT;
    stats->n_crashed += end == CREW_CRASHED;
}

/* It never came so far as to serve. */
static void fail_start(struct pool_function *function, enum crew_end end,
                       bool was_loading)
{
    const char *name = "Runner";

    if (was_loading && end != CREW_CRASHED)
        name = end == CREW_OVERTIME ? "Timeout" : "Memory";
    snprintf(function->failure, sizeof(function->failure), "%s %s",
             was_loading ? "while the code was loading, its runner"
                         : "before it was ready, the runner",
             end_words[end]);
    function_start_failed(function, name);
}

/* None of them has a runner any more; the one on the CPU comes first, so that it is the
 * first to be settled or suspected. */
static void disown(struct crew *crew, uint32_t culprit)
{
    struct list_link *first = NULL;

    for (struct list_link *link = crew->invocations.first; link; link = link->next) {
        struct pool_invocation *one = list_entry(link, struct pool_invocation, link);

        one->crew = NULL;
        if (one->id == culprit)
            first = link;
    }
    if (first == NULL)
        return;
    list_remove(&crew->invocations, first);
    list_push_front(&crew->invocations, first);
}

/* What looks like another end may be the scales' doing. */
static void ask_scales(const struct crew *crew, enum crew_end *end, uint32_t *culprit)
{
    if (*end == CREW_ENDED || !pan_is_over(&crew->pan))
        return;
    *end = CREW_OVERWEIGHT;
    *culprit = crew->pan.culprit;
}

void referee_end(struct crew *crew, enum crew_end end, uint32_t culprit)
{
    struct pool_function *function = crew->function;
    enum crew_state state = crew->state;
    struct list_link *link;

    ask_scales(crew, &end, &culprit);
    crew_kill(crew);
    pool_wake(crew->pool);
    if (end == CREW_ENDED)
        return;
    count(&crew->pool->stats, end);
    disown(crew, culprit);
    /* Callbacks may cancel any of them meanwhile, so each is taken when its turn comes.
     */
    while ((link = crew->invocations.first) != NULL) {
        struct pool_invocation *one = list_entry(link, struct pool_invocation, link);

        settle(one, crew, end, culprit);
    }
    if (state != CREW_SERVING)
        fail_start(function, end, state == CREW_LOADING);
}

/* Whose CPU time is over is seen at the next look, so that the caller's own haste comes
 * before a kill and a start. */
void pool_expire(struct pool_invocation *invocation, const char *why)
{
    if (invocation->crew != NULL) {
        crew_cancel(invocation->crew, invocation->id);
        invocation->crew->expired = invocation->id;
    }
    invocation_fail(invocation, RUN_TIMEOUT, "%s", why);
}

struct look {
    struct page_slice slice;
    int64_t ran_us; /* of the slice */
    bool is_same;   /* as at the last look */
};

static struct look look_at(struct crew *crew)
{
    struct look look = {.slice = page_look(crew->page)};

    look.is_same = look.slice.is_running && look.slice.sequence == crew->last_sequence;
    crew->last_sequence = look.slice.sequence;
    /* A hostile runner may say that it entered at the end of time. */
    if (look.slice.is_running && look.slice.entered_us >= 0 &&
        look.slice.entered_us < clock_now_us())
        look.ran_us = clock_now_us() - look.slice.entered_us;
    return look;
}

static struct pool_invocation *on_cpu(const struct crew *crew, const struct look *look)
{
    for (struct list_link *link = crew->invocations.first; link; link = link->next) {
        struct pool_invocation *one = list_entry(link, struct pool_invocation, link);

        if (look->slice.is_running && one->id == look->slice.invocation)
            return one;
    }
    return NULL;
}

static bool is_overtime(const struct crew *crew, const struct look *look)
{
    const struct pool_code *code = &crew->function->code;
    const struct pool_invocation *at_work = on_cpu(crew, look);

    if (crew->state == CREW_LOADING)
        return look->ran_us > code->timeout_ms * 1000;
    if (look->ran_us > code->slice_ms * 1000 ||
        (crew->expired != 0 && look->slice.invocation == crew->expired))
        return true;
    return at_work != NULL && look->is_same &&
           clock_now_us() - at_work->begun_us > code->timeout_ms * 1000;
}

static bool is_stalled(const struct crew *crew, int64_t now_ms)
{
    if (crew->state != CREW_SERVING)
        return now_ms - crew->since_ms > START_MS;
    return crew->stalled_ms != 0 &&
           now_ms - crew->stalled_ms > STALL_MS + crew->function->code.slice_ms;
}

/* Ends those whose time is over while they wait. They began in the list's order. */
static void end_late(struct list *list, int64_t limit_ms)
{
    int64_t oldest_us = clock_now_us() - limit_ms * 1000;
    struct list_link *link;
    char why[96];

    snprintf(why, sizeof(why), "the function did not finish within %lld ms",
             (long long)limit_ms);
    while ((link = list->first) != NULL) {
        struct pool_invocation *one = list_entry(link, struct pool_invocation, link);

        if (one->begun_us > oldest_us)
            return;
        if (one->crew != NULL)
            crew_cancel(one->crew, one->id);
        invocation_time_out(one, why);
    }
}

static bool is_heavy(const struct crew *crew)
{
    int64_t limit_bytes = crew->pool->options.memory_bytes;

    return limit_bytes > 0 && pan_bytes(&crew->pan) > limit_bytes / 4 * 3;
}

static bool is_idle(const struct crew *crew)
{
    return crew->state == CREW_SERVING && list_is_empty(&crew->invocations) &&
           crew->channel.out.len == 0;
}

/* Heavy and without work: better replaced now than killed in the next event. Not at once
 * after its start, or code that is heavy by itself would be loaded again and again. */
static bool is_spent(const struct crew *crew, int64_t now_ms)
{
    return is_idle(crew) && is_heavy(crew) && now_ms - crew->since_ms > SPENT_MS;
}

/* A heavy one stays awake until it is spent. */
static bool is_tired(struct crew *crew, int64_t now_ms)
{
    if (!is_idle(crew) || is_heavy(crew)) {
        crew->idle_ms = 0;
        return false;
    }
    if (crew->idle_ms == 0)
        crew->idle_ms = now_ms;
    return now_ms - crew->idle_ms > REST_MS;
}

/* What an invocation costs, by the runner's own words: lies harm its function only. */
static void reckon(struct crew *crew)
{
    unsigned n_ended = crew->n_begun - (unsigned)crew->invocations.n_links;
    unsigned n = n_ended - crew->n_reckoned;
    int64_t spent_us = atomic_load_explicit(&crew->page->spent_us, memory_order_relaxed);

    if (n < RECKONED)
        return;
    if (spent_us >= crew->spent_us && spent_us < clock_now_us())
        crew->cost_us = (spent_us - crew->spent_us) / n + 1;
    else
        crew->cost_us = 0;
    crew->spent_us = spent_us;
    crew->n_reckoned = n_ended;
}

static void watch(struct crew *crew, int64_t now_ms)
{
    struct look look = look_at(crew);

    reckon(crew);

    if (pan_is_over(&crew->pan))
        referee_end(crew, CREW_OVERWEIGHT, 0);
    else if (look.slice.is_running && is_overtime(crew, &look))
        referee_end(crew, CREW_OVERTIME, look.slice.invocation);
    else if (is_stalled(crew, now_ms))
        referee_end(crew, CREW_CRASHED, 0);
    else if (is_spent(crew, now_ms))
        referee_end(crew, CREW_ENDED, 0);
    else if (!look.slice.is_running && is_tired(crew, now_ms))
        crew_rest(crew);
    else if (crew->state == CREW_SERVING)
        end_late(&crew->invocations, crew->function->code.timeout_ms);
}

/* When to look again; -1: not before somebody wakes us. */
static int64_t watch_function(struct pool_function *function, int64_t now_ms)
{
    bool is_busy = function->n_in_flight > 0;
    bool has_awake = false;
    struct list_link *next;

    for (struct list_link *link = function->crews.first; link != NULL; link = next) {
        struct crew *crew = list_entry(link, struct crew, link);

        next = link->next;
        if (crew_rests(crew))
            continue;
        has_awake = true;
        is_busy = is_busy || crew->state != CREW_SERVING;
        watch(crew, now_ms);
    }
    /* Without a runner for so long, they are better tried again later. */
    end_late(&function->waiting, function->code.timeout_ms + START_MS);
    end_late(&function->suspects, function->code.timeout_ms * POOL_LOG_LINES + START_MS);
    if (is_busy)
        return TICK_MS;
    return has_awake ? IDLE_TICK_MS : -1;
}

void referee_tick(void *arg)
{
    struct pool *pool = arg;
    int64_t now_ms = loop_now_ms(pool->loop);
    int64_t next_ms = -1;

    for (struct list_link *link = pool->functions.first; link; link = link->next) {
        int64_t wish_ms =
            watch_function(list_entry(link, struct pool_function, link), now_ms);

        if (wish_ms >= 0 && (next_ms < 0 || wish_ms < next_ms))
            next_ms = wish_ms;
    }
    pool->tick_ms = next_ms;
    if (next_ms >= 0)
        loop_timer_set(&pool->tick, next_ms);
}

void referee_wake(struct pool *pool)
{
    if (loop_timer_is_set(&pool->tick) && pool->tick_ms <= TICK_MS)
        return;
    pool->tick_ms = TICK_MS;
    loop_timer_set(&pool->tick, TICK_MS);
}
