/* SPDX-License-Identifier: MIT */

#include "lambda/host/task.h"

#include <stdio.h>

#include "base/base64.h"
#include "base/hex.h"
#include "base/mem.h"
#include "segment/invoke.h"
#include "sys/clock.h"
#include "sys/rand.h"
#include "json/compact.h"
#include "json/write.h"

enum { ERROR_BYTES = 4096, TAIL_TEXT_BYTES = 2 * TAIL_BYTES, MESSAGE_SHOWN = 1024 };

#define ACCOUNT "123456789012"

/* --- its beginning ------------------------------------------------------------------ */

void task_make_id(char ret_id[UUID_LEN + 1])
{
    uint8_t bytes[16];
    char hex[2 * sizeof(bytes) + 1];

    rand_bytes(bytes, sizeof(bytes));
    bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
    hex_encode(bytes, sizeof(bytes), hex);
    snprintf(ret_id, UUID_LEN + 1, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
             hex + 16, hex + 20);
}

static void make_trace(struct task *task)
{
    const struct bytes given = post_field(task->caller, "x-amzn-trace-id");
    uint8_t bytes[20];
    char hex[2 * sizeof(bytes) + 1];

    if (given.len > 0 && given.len < sizeof(task->trace)) {
        snprintf(task->trace, sizeof(task->trace), "%.*s", BYTES_FMT(given));
        return;
    }
    rand_bytes(bytes, sizeof(bytes));
    hex_encode(bytes, sizeof(bytes), hex);
    snprintf(task->trace, sizeof(task->trace),
             "Root=1-%08llx-%.24s;Parent=%.16s;Sampled=0",
             (unsigned long long)(clock_wall_ms() / 1000) & 0xffffffff, hex, hex + 24);
}

static void make_arn(struct task *task, const struct invoke_call *call)
{
    snprintf(task->arn, sizeof(task->arn),
             "arn:aws:lambda:%s:" ACCOUNT ":function:%.*s%s%.*s", task->host->region,
             BYTES_FMT(call->name), call->qualifier.len > 0 ? ":" : "",
             BYTES_FMT(call->qualifier));
}

/* The headers that every answer of Invoke begins with; returns how many. */
static size_t begin_headers(const struct task *task, struct server_answer *answer)
{
    answer->headers[0] = (struct server_header){"x-amzn-RequestId", task->id};
    answer->headers[1] = (struct server_header){"X-Amzn-Trace-Id", task->trace};
    return 2;
}

static void on_again(void *arg)
{
    struct task *task = arg;
    struct host *host = task->host;

    list_remove(&host->later, &task->link);
    list_push(&host->events, &task->link);
    host_dispatch(host);
}

/* The caller does not wait, so its request ends here, and its body with it. */
static void accept(struct task *task)
{
    struct server_answer answer = {.status = 202};

    begin_headers(task, &answer);
    buf_init(&task->kept, INVOKE_ASYNC_BYTES);
    (void)buf_add(&task->kept, task->payload);
    task->payload = buf_bytes(&task->kept);
    post_answer(take(task->caller), &answer);
}

struct task *task_new(struct host *host, struct post *post,
                      const struct invoke_call *call)
{
    struct task *task = mem_new(struct task);

    task->host = host;
    task->caller = post;
    task->wants_tail = call->wants_tail;
    task->is_event = call->type == INVOKE_EVENT;
    task->payload = post->body.len > 0 ? post->body : BYTES("{}");
    loop_timer_init(&task->again, host->loop, on_again, task);
    buf_init(&task->context, INVOKE_CONTEXT_BYTES);
    if (call->context.len > 0)
        (void)compact_print(call->context, &task->context);
    task_make_id(task->id);
    make_trace(task);
    make_arn(task, call);
    if (task->is_event)
        accept(task);
    return task;
}

void task_free(struct task *task)
{
    loop_timer_done(&task->again);
    buf_done(&task->kept);
    buf_done(&task->context);
    free(task);
}

/* --- its way to the function -------------------------------------------------------- */

static void answer_next(struct task *task, struct environment *environment)
{
    const int64_t until_ms = clock_wall_ms() + task->host->options.timeout_ms;
    char deadline[32];
    struct server_answer answer = {
        .status = 200,
        .content_type = "application/json",
        .headers = {{"Lambda-Runtime-Aws-Request-Id", task->id},
                    {"Lambda-Runtime-Deadline-Ms", deadline},
                    {"Lambda-Runtime-Invoked-Function-Arn", task->arn},
                    {"Lambda-Runtime-Trace-Id", task->trace}},
        .body = task->payload,
    };

    snprintf(deadline, sizeof(deadline), "%lld", (long long)until_ms);
    if (task->context.len > 0)
        answer.headers[4] = (struct server_header){"Lambda-Runtime-Client-Context",
                                                   buf_text(&task->context)};
    post_answer(take(environment->next), &answer);
}

void task_deliver(struct task *task, struct environment *environment)
{
    task->n_attempts++;
    task->environment = environment->number;
    task->init_us = environment->init_us;
    task->began_us = clock_now_us();
    task->tail.len = 0;
    tail_addf(&task->tail, "START RequestId: %s Version: $LATEST\n", task->id);
    environment->init_us = 0;
    answer_next(task, environment);
}

/* --- its end ------------------------------------------------------------------------ */

static void write_report(struct task *task, int64_t duration_us)
{
    const double duration_ms = (double)duration_us / 1000;
    const long long billed_ms = (long long)((duration_us + 999) / 1000);

    tail_addf(&task->tail, "END RequestId: %s\n", task->id);
    tail_addf(&task->tail,
              "REPORT RequestId: %s\tDuration: %.2f ms\tBilled Duration: %lld ms\t"
              "Memory Size: %u MB\tMax Memory Used: %lld MB\t",
              task->id, duration_ms, billed_ms, task->host->options.memory_mb,
              (long long)((task->memory_bytes + (1 << 20) - 1) >> 20));
    if (task->init_us > 0)
        tail_addf(&task->tail, "Init Duration: %.2f ms\t", (double)task->init_us / 1000);
    tail_addf(&task->tail, "\n");
}

static void answer_caller(struct task *task, const char *error_type, struct bytes body)
{
    cleanup(buf_done) struct buf log = {0};
    struct server_answer answer = {
        .status = 200, .content_type = "application/json", .body = body};
    size_t n = begin_headers(task, &answer);

    answer.headers[n++] = (struct server_header){"X-Amz-Executed-Version", "$LATEST"};
    if (error_type != NULL)
        answer.headers[n++] = (struct server_header){"X-Amz-Function-Error", "Unhandled"};
    buf_init(&log, TAIL_TEXT_BYTES);
    (void)base64_encode(tail_bytes(&task->tail), &log);
    if (task->wants_tail)
        answer.headers[n] = (struct server_header){"X-Amz-Log-Result", buf_text(&log)};
    post_answer(take(task->caller), &answer);
}

static void tell(const struct task *task, const char *error_type, struct bytes message,
                 int64_t duration_us)
{
    char text[MESSAGE_SHOWN];

    snprintf(text, sizeof(text), "%.*s", BYTES_FMT(message));
    host_tell(task->host, &(struct host_notice){
                              .kind = HOST_INVOCATION,
                              .text = text,
                              .environment = task->environment,
                              .id = task->id,
                              .is_event = task->is_event,
                              .duration_us = duration_us,
                              .init_us = task->init_us,
                              .error_type = error_type,
                          });
}

/* An Event that has failed: 60 s and then 120 s, as AWS waits. */
static void try_later(struct task *task)
{
    struct host *host = task->host;
    const int64_t wait_ms = host->options.event_retry_ms * task->n_attempts;

    if (task->n_attempts >= HOST_EVENT_ATTEMPTS) {
        host_note(host, task->environment,
                  "event %.8s failed for the third time and is dropped", task->id);
        task_free(task);
        return;
    }
    host_note(host, task->environment, "event %.8s is tried again in %lld s", task->id,
              (long long)((wait_ms + 999) / 1000));
    task->began_us = 0;
    task->environment = 0;
    list_push(&host->later, &task->link);
    loop_timer_set(&task->again, wait_ms);
}

void task_end(struct task *task, const char *error_type, struct bytes message,
              struct bytes body)
{
    const int64_t duration_us = task->began_us > 0 ? clock_now_us() - task->began_us : 0;

    write_report(task, duration_us);
    if (task->caller != NULL)
        answer_caller(task, error_type, body);
    tell(task, error_type, message, duration_us);
    if (task->is_event && error_type != NULL)
        try_later(task);
    else
        task_free(task);
}

void task_fail(struct task *task, const char *error_type, const char *message)
{
    cleanup(buf_done) struct buf body = {0};
    char text[ERROR_BYTES / 4];
    struct write write;

    snprintf(text, sizeof(text), "RequestId: %s Error: %s", task->id, message);
    tail_addf(&task->tail, "%s\n%s\n", text, error_type);
    buf_init(&body, ERROR_BYTES);
    write_init(&write, &body);
    write_object(&write);
    write_member_text(&write, "errorType", error_type);
    write_member_text(&write, "errorMessage", text);
    write_object_end(&write);
    task_end(task, error_type, bytes_str(message), buf_bytes(&body));
}

void task_give_up(struct task *task)
{
    cleanup(buf_done) struct buf body = {0};
    struct invoke_refusal refusal = {0};
    struct server_answer answer = {.status = 502, .content_type = "application/json"};
    size_t n = begin_headers(task, &answer);

    invoke_refuse(&refusal, 502, "ServiceException", "the Lambda host has ended");
    answer.headers[n] = (struct server_header){"X-Amzn-ErrorType", refusal.type};
    buf_init(&body, ERROR_BYTES);
    invoke_write_refusal(&refusal, &body);
    answer.body = buf_bytes(&body);
    if (task->caller != NULL)
        post_answer(take(task->caller), &answer);
    task_free(task);
}
