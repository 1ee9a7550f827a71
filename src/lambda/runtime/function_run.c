/* SPDX-License-Identifier: MIT */

/*
 * A run ends in exactly one answer, and its memory with it; by then its logs have been
 * written and its requests are over, since nothing is worked on after the answer.
 */

#include "lambda/runtime/function_run.h"

#include <unistd.h>

#include "base/mem.h"
#include "lambda/runtime/log_lines.h"
#include "lambda/runtime/requests.h"
#include "lambda/runtime/verdict.h"
#include "segment/event.h"
#include "segment/invoke.h"
#include "json/json.h"

enum { SETTINGS_BYTES = 1 << 20, LOG_BYTES = 1 << 20 };

struct run {
    struct list_link link;
    struct function *function;
    struct runtime_invocation *invocation;
    struct pool_invocation *running; /* NULL: the code does not run */
    struct bytes request_id;
    struct bytes event; /* in the payload */
    struct buf settings, scratch;
    struct buf value; /* what transformEvent returned, while it is posted */
    struct event judged;
    bool is_batch;
    struct requests requests;
};

static void run_free(struct run *run)
{
    requests_cancel(&run->requests);
    list_remove(&run->function->runs, &run->link);
    buf_done(&run->settings);
    buf_done(&run->scratch);
    buf_done(&run->value);
    free(run);
}

void function_run_drop_all(struct function *function)
{
    struct list_link *next;

    for (struct list_link *link = function->runs.first; link != NULL; link = next) {
        next = link->next;
        run_free(list_entry(link, struct run, link));
    }
}

/* The end: nothing of the run is used after it. */
static void answer(struct run *run, struct verdict *verdict, struct bytes value)
{
    requests_cancel(&run->requests);
    if (verdict->is_good)
        runtime_answer(run->invocation, value);
    else
        runtime_fail(run->invocation, &verdict->failure);
    verdict_done(verdict);
    run_free(run);
}

/* --- transformEvent alone: we send what it returned --------------------------------- */

static void on_posted(void *arg, const struct client_response *response)
{
    struct run *run = arg;
    struct verdict verdict;

    verdict_of_post(response, &verdict);
    answer(run, &verdict, buf_bytes(&run->value));
}

static void post_transformed(struct run *run, struct bytes value)
{
    cleanup(json_freep) struct json *settings = NULL;
    struct bytes endpoint = {0};
    struct verdict verdict;

    if (json_parse(buf_bytes(&run->settings), &settings, NULL) == 0)
        endpoint = json_string(json_get(settings, "endpoint"));
    if (endpoint.len == 0) {
        verdict_refuse(&verdict, "InvalidSettings",
                       "settings.endpoint says where to send what transformEvent "
                       "returned, and there is none");
        answer(run, &verdict, bytes_of(NULL, 0));
        return;
    }
    (void)buf_add(&run->value, value);
    requests_post(&run->requests, endpoint, buf_bytes(&run->value), on_posted, run);
}

/* --- the code ----------------------------------------------------------------------- */

static void on_fetch(void *arg, struct pool_invocation *invocation, uint32_t fetch,
                     const struct pool_request *request)
{
    struct run *run = arg;

    requests_fetch(&run->requests, invocation, fetch, request);
}

static void on_restart(void *arg)
{
    struct run *run = arg;

    requests_restart(&run->requests);
}

static void write_logs(const struct run *run, const struct pool_result *result)
{
    cleanup(buf_done) struct buf out = {0};
    cleanup(buf_done) struct buf dropped = {0};

    buf_init(&out, LOG_BYTES);
    buf_init(&dropped, 64);
    for (size_t i = 0; i < result->n_logs; i++)
        log_lines_add(&out, run->request_id, result->logs[i]);
    if (result->n_logs_dropped > 0) {
        (void)buf_addf(&dropped, "%u more lines were not kept", result->n_logs_dropped);
        log_lines_add(&out, run->request_id, buf_bytes(&dropped));
    }
    log_lines_write(STDOUT_FILENO, &out);
}

static size_t count_events(const struct run *run)
{
    cleanup(json_freep) struct json *events = NULL;

    if (!run->is_batch || json_parse(run->event, &events, NULL) < 0)
        return 0;
    return json_count(events);
}

static void on_done(void *arg, const struct pool_result *result)
{
    struct run *run = arg;
    struct verdict verdict;

    run->running = NULL;
    requests_cancel(&run->requests); /* a fetch that the code did not wait for */
    write_logs(run, result);
    if (result->run == RUN_RETURNED && result->is_transform && result->value.len > 0) {
        post_transformed(run, result->value);
        return;
    }
    verdict_of_run(result, result->has_statuses ? count_events(run) : 0, &verdict);
    answer(run, &verdict, result->value);
}

static void start(struct run *run)
{
    const struct pool_run wanted = {
        .entry = run->is_batch ? POOL_BATCH : POOL_EVENT,
        .event = run->event,
        .settings = buf_bytes(&run->settings),
        .kind = run->judged.kind,
        .is_folded = run->judged.is_folded,
        .fetch_fn = on_fetch,
        .restart_fn = on_restart,
        .done_fn = on_done,
        .arg = run,
    };
    struct verdict verdict;

    requests_name(&run->requests, buf_bytes(&run->settings),
                  run->judged.message_id.len > 0 ? run->judged.message_id : run->event);
    run->running = pool_invoke(run->function->code, &wanted);
    if (run->running != NULL)
        return;
    verdict_refuse(&verdict, "RetryError", "the runner had no room");
    answer(run, &verdict, bytes_of(NULL, 0));
}

/* --- the payload -------------------------------------------------------------------- */

/* False with the verdict when there is nothing to run the code for. */
static bool judge(struct run *run, struct verdict *verdict)
{
    enum event_verdict said;

    if (run->is_batch)
        return true;
    said = event_judge(run->event, &run->scratch, &run->judged);
    if (said == EVENT_MALFORMED || said == EVENT_NO_TYPE)
        verdict_refuse(verdict, "InvalidEventPayload", "this is no event: %s",
                       run->judged.why);
    else if (run->judged.kind == EVENT_NONE)
        verdict_refuse(verdict, "EventNotSupported", "%.*s not supported",
                       BYTES_FMT(bytes_slice(run->judged.type, 0, 200)));
    else
        return true;
    return false;
}

static bool read_payload(struct run *run, const struct runtime_next *next,
                         struct verdict *verdict)
{
    const bool is_read = invoke_unwrap(next->payload, run->function->options->settings,
                                       next->client_context, &run->event, &run->settings);

    run->is_batch = is_read && bytes_starts(run->event, BYTES("["));
    if (is_read)
        return judge(run, verdict);
    if (run->settings.full)
        verdict_refuse(verdict, "InvalidSettings",
                       "the settings are larger than %d bytes", SETTINGS_BYTES);
    else
        verdict_refuse(verdict, "InvalidEventPayload",
                       "the payload is neither an event nor a list of events");
    return false;
}

void function_run_begin(void *arg, struct runtime_invocation *invocation,
                        const struct runtime_next *next)
{
    struct function *function = arg;
    struct run *run = mem_new(struct run);
    struct verdict verdict;

    run->function = function;
    run->invocation = invocation;
    run->request_id = next->request_id;
    list_push(&function->runs, &run->link);
    buf_init(&run->settings, SETTINGS_BYTES);
    buf_init(&run->scratch, EVENT_SCRATCH_BYTES);
    buf_init(&run->value, POOL_VALUE_BYTES);
    requests_init(&run->requests, function->client, function->egress);
    runtime_set_data(invocation, run);
    if (read_payload(run, next, &verdict))
        start(run);
    else
        answer(run, &verdict, bytes_of(NULL, 0));
}

void function_run_expire(void *arg, struct runtime_invocation *invocation)
{
    static const char why[] = "the function did not end before the deadline";
    struct run *run = runtime_data(invocation);
    struct verdict verdict;

    (void)arg;
    if (run->running != NULL) { /* on_done, with what it has logged */
        pool_expire(run->running, why);
        return;
    }
    verdict_refuse(&verdict, "RetryError", "%s", why);
    answer(run, &verdict, bytes_of(NULL, 0));
}
