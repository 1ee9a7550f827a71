/* SPDX-License-Identifier: MIT */

#include "lambda/host/invocation.h"

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

void invocation_make_id(char ret_id[UUID_LEN + 1])
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

static void make_trace(struct invocation *invocation)
{
    const struct bytes given = post_field(invocation->caller, "x-amzn-trace-id");
    uint8_t bytes[20];
    char hex[2 * sizeof(bytes) + 1];

    if (given.len > 0 && given.len < sizeof(invocation->trace)) {
        snprintf(invocation->trace, sizeof(invocation->trace), "%.*s", BYTES_FMT(given));
        return;
    }
    rand_bytes(bytes, sizeof(bytes));
    hex_encode(bytes, sizeof(bytes), hex);
    snprintf(invocation->trace, sizeof(invocation->trace),
             "Root=1-%08llx-%.24s;Parent=%.16s;Sampled=0",
             (unsigned long long)(clock_wall_ms() / 1000) & 0xffffffff, hex, hex + 24);
}

static void make_arn(struct invocation *invocation, const struct invoke_call *call)
{
    snprintf(invocation->arn, sizeof(invocation->arn),
             "arn:aws:lambda:%s:" ACCOUNT ":function:%.*s%s%.*s",
             invocation->host->region, BYTES_FMT(call->name),
             call->qualifier.len > 0 ? ":" : "", BYTES_FMT(call->qualifier));
}

/* The headers that every answer of Invoke begins with; returns how many. */
static size_t begin_headers(const struct invocation *invocation,
                            struct server_answer *answer)
{
    answer->headers[0] = (struct server_header){"x-amzn-RequestId", invocation->id};
    answer->headers[1] = (struct server_header){"X-Amzn-Trace-Id", invocation->trace};
    return 2;
}

static void on_again(void *arg)
{
    struct invocation *invocation = arg;
    struct host *host = invocation->host;

    list_remove(&host->later, &invocation->link);
    list_push(&host->events, &invocation->link);
    host_dispatch(host);
}

/* The caller does not wait, so its request ends here, and its body with it. */
static void accept(struct invocation *invocation)
{
    struct server_answer answer = {.status = 202};

    begin_headers(invocation, &answer);
    buf_init(&invocation->kept, INVOKE_ASYNC_BYTES);
    (void)buf_add(&invocation->kept, invocation->payload);
    invocation->payload = buf_bytes(&invocation->kept);
    post_answer(take(invocation->caller), &answer);
}

struct invocation *invocation_new(struct host *host, struct post *post,
                                  const struct invoke_call *call)
{
    struct invocation *invocation = mem_new(struct invocation);

    invocation->host = host;
    invocation->caller = post;
    invocation->wants_tail = call->wants_tail;
    invocation->is_event = call->type == INVOKE_EVENT;
    invocation->payload = post->body.len > 0 ? post->body : BYTES("{}");
    loop_timer_init(&invocation->again, host->loop, on_again, invocation);
    buf_init(&invocation->context, INVOKE_CONTEXT_BYTES);
    if (call->context.len > 0)
        (void)compact_print(call->context, &invocation->context);
    invocation_make_id(invocation->id);
    make_trace(invocation);
    make_arn(invocation, call);
    if (invocation->is_event)
        accept(invocation);
    return invocation;
}

void invocation_free(struct invocation *invocation)
{
    loop_timer_done(&invocation->again);
    buf_done(&invocation->kept);
    buf_done(&invocation->context);
    free(invocation);
}

/* --- its way to the function -------------------------------------------------------- */

static void answer_next(struct invocation *invocation, struct environment *environment)
{
    char deadline[32];
    struct server_answer answer = {
        .status = 200,
        .content_type = "application/json",
        .headers = {{"Lambda-Runtime-Aws-Request-Id", invocation->id},
                    {"Lambda-Runtime-Deadline-Ms", deadline},
                    {"Lambda-Runtime-Invoked-Function-Arn", invocation->arn},
                    {"Lambda-Runtime-Trace-Id", invocation->trace}},
        .body = invocation->payload,
    };

    snprintf(deadline, sizeof(deadline), "%lld",
             (long long)(clock_wall_ms() + invocation->host->options.timeout_ms));
    if (invocation->context.len > 0)
        answer.headers[4] = (struct server_header){"Lambda-Runtime-Client-Context",
                                                   buf_text(&invocation->context)};
    post_answer(take(environment->next), &answer);
}

void invocation_deliver(struct invocation *invocation, struct environment *environment)
{
    invocation->n_attempts++;
    invocation->environment = environment->number;
    invocation->init_us = environment->init_us;
    invocation->began_us = clock_now_us();
    invocation->tail.len = 0;
    tail_addf(&invocation->tail, "START RequestId: %s Version: $LATEST\n",
              invocation->id);
    environment->init_us = 0;
    answer_next(invocation, environment);
}

/* --- its end ------------------------------------------------------------------------ */

static void write_report(struct invocation *invocation, int64_t duration_us)
{
    const double duration_ms = (double)duration_us / 1000;
    const long long billed_ms = (long long)((duration_us + 999) / 1000);

    tail_addf(&invocation->tail, "END RequestId: %s\n", invocation->id);
    tail_addf(&invocation->tail,
              "REPORT RequestId: %s\tDuration: %.2f ms\tBilled Duration: %lld ms\t"
              "Memory Size: %u MB\tMax Memory Used: %lld MB\t",
              invocation->id, duration_ms, billed_ms, invocation->host->options.memory_mb,
              (long long)((invocation->memory_bytes + (1 << 20) - 1) >> 20));
    if (invocation->init_us > 0)
        tail_addf(&invocation->tail, "Init Duration: %.2f ms\t",
                  (double)invocation->init_us / 1000);
    tail_addf(&invocation->tail, "\n");
}

static void answer_caller(struct invocation *invocation, const char *error_type,
                          struct bytes body)
{
    cleanup(buf_done) struct buf log = {0};
    struct server_answer answer = {
        .status = 200, .content_type = "application/json", .body = body};
    size_t n = begin_headers(invocation, &answer);

    answer.headers[n++] = (struct server_header){"X-Amz-Executed-Version", "$LATEST"};
    if (error_type != NULL)
        answer.headers[n++] = (struct server_header){"X-Amz-Function-Error", "Unhandled"};
    buf_init(&log, TAIL_TEXT_BYTES);
    (void)base64_encode(tail_bytes(&invocation->tail), &log);
    if (invocation->wants_tail)
        answer.headers[n] = (struct server_header){"X-Amz-Log-Result", buf_text(&log)};
    post_answer(take(invocation->caller), &answer);
}

static void tell(const struct invocation *invocation, const char *error_type,
                 struct bytes message, int64_t duration_us)
{
    char text[MESSAGE_SHOWN];

    snprintf(text, sizeof(text), "%.*s", BYTES_FMT(message));
    host_tell(invocation->host, &(struct host_notice){
                                    .kind = HOST_INVOCATION,
                                    .text = text,
                                    .environment = invocation->environment,
                                    .id = invocation->id,
                                    .is_event = invocation->is_event,
                                    .duration_us = duration_us,
                                    .init_us = invocation->init_us,
                                    .error_type = error_type,
                                });
}

/* An Event that has failed: 60 s and then 120 s, as AWS waits. */
static void try_later(struct invocation *invocation)
{
    struct host *host = invocation->host;
    const int64_t wait_ms = host->options.event_retry_ms * invocation->n_attempts;

    if (invocation->n_attempts >= HOST_EVENT_ATTEMPTS) {
        host_note(host, invocation->environment,
                  "event %.8s failed for the third time and is dropped", invocation->id);
        invocation_free(invocation);
        return;
    }
    host_note(host, invocation->environment, "event %.8s is tried again in %lld s",
              invocation->id, (long long)((wait_ms + 999) / 1000));
    invocation->began_us = 0;
    invocation->environment = 0;
    list_push(&host->later, &invocation->link);
    loop_timer_set(&invocation->again, wait_ms);
}

void invocation_end(struct invocation *invocation, const char *error_type,
                    struct bytes message, struct bytes body)
{
    const int64_t duration_us =
        invocation->began_us > 0 ? clock_now_us() - invocation->began_us : 0;

    write_report(invocation, duration_us);
    if (invocation->caller != NULL)
        answer_caller(invocation, error_type, body);
    tell(invocation, error_type, message, duration_us);
    if (invocation->is_event && error_type != NULL)
        try_later(invocation);
    else
        invocation_free(invocation);
}

void invocation_fail(struct invocation *invocation, const char *error_type,
                     const char *message)
{
    cleanup(buf_done) struct buf body = {0};
    char text[ERROR_BYTES / 4];
    struct write write;

    snprintf(text, sizeof(text), "RequestId: %s Error: %s", invocation->id, message);
    tail_addf(&invocation->tail, "%s\n%s\n", text, error_type);
    buf_init(&body, ERROR_BYTES);
    write_init(&write, &body);
    write_object(&write);
    write_member_text(&write, "errorType", error_type);
    write_member_text(&write, "errorMessage", text);
    write_object_end(&write);
    invocation_end(invocation, error_type, bytes_str(message), buf_bytes(&body));
}

void invocation_give_up(struct invocation *invocation)
{
    cleanup(buf_done) struct buf body = {0};
    struct invoke_refusal refusal = {0};
    struct server_answer answer = {.status = 502, .content_type = "application/json"};
    size_t n = begin_headers(invocation, &answer);

    invoke_refuse(&refusal, 502, "ServiceException", "the Lambda host has ended");
    answer.headers[n] = (struct server_header){"X-Amzn-ErrorType", refusal.type};
    buf_init(&body, ERROR_BYTES);
    invoke_write_refusal(&refusal, &body);
    answer.body = buf_bytes(&body);
    if (invocation->caller != NULL)
        post_answer(take(invocation->caller), &answer);
    invocation_free(invocation);
}
