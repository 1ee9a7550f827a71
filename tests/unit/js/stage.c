/* SPDX-License-Identifier: MIT */

#include "stage.h"

#include <stdio.h>

#include "base/mem.h"
#include "lib/cm.h"
#include "sys/clock.h"

/* A runner built with a sanitizer carries its shadow. */
#if defined(__SANITIZE_ADDRESS__)
enum { MEMORY_MIB = 768 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
enum { MEMORY_MIB = 768 };
#else
enum { MEMORY_MIB = 128 };
#endif
#else
enum { MEMORY_MIB = 128 };
#endif

const char *stage_runner;
const char *stage_hostile_runner;

bool stage_use(int argc, char **argv)
{
    if (argc < 3)
        return false;
    stage_runner = argv[1];
    stage_hostile_runner = argv[2];
    return true;
}

static void copy(char *to, size_t size, struct bytes from)
{
    snprintf(to, size, "%.*s", BYTES_FMT(from));
}

static void give_up(void *arg)
{
    (void)arg;
    fail_msg("the test took longer than its guard");
}

static void on_loaded(void *arg, struct pool_function *function,
                      const struct pool_loaded *loaded)
{
    struct stage *stage = arg;

    (void)function;
    stage->is_loaded = true;
    stage->ok = loaded->ok;
    stage->line = loaded->line;
    stage->timeout_ms = loaded->timeout_ms;
    stage->level = loaded->level;
    copy(stage->name, sizeof(stage->name), bytes_str(loaded->error_name));
    copy(stage->message, sizeof(stage->message), bytes_str(loaded->error_message));
    if (loaded->ok) {
        copy(stage->generation, sizeof(stage->generation), bytes_str(loaded->generation));
        for (size_t i = 0; loaded->handlers[i] != NULL; i++)
            snprintf(stage->handlers + strlen(stage->handlers),
                     sizeof(stage->handlers) - strlen(stage->handlers), "%s ",
                     loaded->handlers[i]);
    }
    loop_stop(stage->loop);
}

static void answer(struct run *run, uint32_t fetch)
{
    const struct pool_header headers[] = {{BYTES("Content-Type"), BYTES("text/plain")}};

    const struct pool_response said = {.transport = TRANSPORT_OK,
                                       .status = 201,
                                       .headers = headers,
                                       .n_headers = 1,
                                       .body = BYTES("{\"hello\": \"w\303\266rld\"}")};

    pool_answer(run->invocation, fetch, &said);
}

static void answer_due(void *arg)
{
    struct stage *stage = arg;
    int64_t now_ms = loop_now_ms(stage->loop);

    while (stage->n_answered < stage->n_queued &&
           stage->queue[stage->n_answered].at_ms <= now_ms) {
        struct run *run = stage->queue[stage->n_answered].run;

        if (!run->is_done)
            answer(run, stage->queue[stage->n_answered].fetch);
        stage->n_answered++;
    }
    if (stage->n_answered < stage->n_queued)
        loop_timer_set(&stage->answer_timer,
                       stage->queue[stage->n_answered].at_ms - now_ms);
}

static void on_fetch(void *arg, struct pool_invocation *invocation, uint32_t fetch,
                     const struct pool_request *request)
{
    struct run *run = arg;
    struct stage *stage = run->stage;

    run->invocation = invocation;
    run->n_fetches++;
    copy(run->url, sizeof(run->url), request->url);
    copy(run->body, sizeof(run->body), request->body);
    if (stage->never_answers)
        return;
    if (bytes_find(request->url, BYTES("refused")) < request->url.len)
        pool_answer(invocation, fetch,
                    &(struct pool_response){.transport = TRANSPORT_REFUSED,
                                            .error = "connect ECONNREFUSED 1.2.3.4:80"});
    else if (stage->answer_ms == 0)
        answer(run, fetch);
    else if (stage->n_queued < COUNT(stage->queue)) {
        stage->queue[stage->n_queued].run = run;
        stage->queue[stage->n_queued].fetch = fetch;
        stage->queue[stage->n_queued++].at_ms =
            loop_now_ms(stage->loop) + stage->answer_ms;
        if (!loop_timer_is_set(&stage->answer_timer))
            loop_timer_set(&stage->answer_timer, stage->answer_ms);
    }
}

static void on_restart(void *arg)
{
    struct run *run = arg;

    run->n_restarts++;
}

void stage_done(void *arg, const struct pool_result *result)
{
    struct run *run = arg;
    struct stage *stage = run->stage;

    assert_false(run->is_done);
    run->is_done = true;
    run->run = result->run;
    run->line = result->line;
    run->column = result->column;
    run->n_logs = result->n_logs;
    run->n_logs_dropped = result->n_logs_dropped;
    run->n_free_reruns = result->n_free_reruns;
    run->is_transform = result->is_transform;
    run->ended_ms = clock_now_ms();
    copy(run->value, sizeof(run->value), result->value);
    run->has_statuses = result->has_statuses;
    copy(run->note, sizeof(run->note), result->error_note);
    copy(run->name, sizeof(run->name), result->error_name);
    copy(run->message, sizeof(run->message), result->error_message);
    copy(run->stack, sizeof(run->stack), result->error_stack);
    copy(run->handler, sizeof(run->handler), result->handler);
    if (result->n_logs > 0)
        copy(run->log, sizeof(run->log), result->logs[0]);
    if (++stage->n_done == stage->n_wanted)
        loop_stop(stage->loop);
}

struct stage *stage_open(const struct plan *plan)
{
    struct stage *stage = mem_new(struct stage);
    const struct pool_options options = {
        .runner = stage_runner,
        .count = plan->count,
        .memory_bytes =
            plan->memory_bytes > 0 ? plan->memory_bytes : (int64_t)MEMORY_MIB << 20,
        .minimum = SANDBOX_LEVEL_LAMBDA,
    };
    struct pool_code code = {
        .name = BYTES("functions/test/index.js"),
        .source = bytes_str(plan->source),
        .timeout_ms = plan->timeout_ms > 0 ? plan->timeout_ms : 5000,
        .slice_ms = plan->slice_ms > 0 ? plan->slice_ms : 1000,
        .in_flight = plan->in_flight > 0 ? plan->in_flight : 64,
        .allow_eval = plan->allow_eval ? POOL_EVAL_ON : POOL_EVAL_OFF,
        .generation = plan->generation,
        .is_fresh = plan->is_fresh,
    };

    if (plan->has_auto_eval)
        code.allow_eval = POOL_EVAL_BY_GENERATION;
    if (plan->has_auto_timeout)
        code.timeout_ms = 0;
    stage->loop = loop_new();
    stage->pool = pool_new(stage->loop, &options);
    loop_timer_init(&stage->guard, stage->loop, give_up, NULL);
    loop_timer_init(&stage->answer_timer, stage->loop, answer_due, stage);
    loop_timer_set(&stage->guard, 60000);
    stage->function = pool_load(stage->pool, &code, on_loaded, stage);
    loop_run(stage->loop);
    assert_true(stage->is_loaded);
    return stage;
}

struct stage *stage_open_source(const char *source)
{
    return stage_open(&(struct plan){.source = source});
}

void stage_close(struct stage *stage)
{
    pool_retire(stage->function);
    pool_free(stage->pool);
    loop_timer_done(&stage->guard);
    loop_timer_done(&stage->answer_timer);
    loop_free(stage->loop);
    free(stage);
}

struct run *stage_begin_entry(struct stage *stage, enum pool_entry entry,
                              const char *event, enum event_kind kind)
{
    struct run *run = &stage->runs[stage->n_runs++];
    const struct pool_run what = {
        .entry = entry,
        .event = bytes_str(event),
        .settings = BYTES("{\"apiKey\":\"abcd\"}"),
        .kind = kind,
        .fetch_fn = on_fetch,
        .restart_fn = on_restart,
        .done_fn = stage_done,
        .arg = run,
    };

    run->stage = stage;
    run->invocation = pool_invoke(stage->function, &what);
    assert_non_null(run->invocation);
    return run;
}

struct run *stage_begin(struct stage *stage, const char *event, enum event_kind kind)
{
    return stage_begin_entry(stage, POOL_EVENT, event, kind);
}

void stage_finish(struct stage *stage, size_t n_wanted)
{
    stage->n_wanted = n_wanted;
    if (stage->n_done < n_wanted)
        loop_run(stage->loop);
}

struct run *stage_play_entry(struct stage *stage, enum pool_entry entry,
                             const char *event, enum event_kind kind)
{
    struct run *run = stage_begin_entry(stage, entry, event, kind);

    stage_finish(stage, stage->n_done + 1);
    return run;
}

struct run *stage_play(struct stage *stage, const char *event, enum event_kind kind)
{
    return stage_play_entry(stage, POOL_EVENT, event, kind);
}
