/* SPDX-License-Identifier: MIT */

#include "emulator/delivery/attempt_inside.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "emulator/frame/emulator.h"
#include "emulator/world/world.h"
#include "sys/clock.h"
#include "json/json.h"
#include "json/write.h"

enum { PAYLOAD_BYTES = 8 << 20 };

/* --- life --------------------------------------------------------------------------- */

static void begin(void *arg)
{
    struct attempt *attempt = arg;

    attempt->began_us = clock_now_us();
    switch (attempt->target.kind) {
    case TARGET_FUNCTION:
        attempt_function_begin(attempt);
        return;
    case TARGET_LAMBDA:
        attempt_lambda_begin(attempt);
        return;
    case TARGET_NONE:
    case TARGET_WEBHOOK:
    case TARGET_CLASSIC:
    case TARGET_ACTIONS:
        attempt_http_begin(attempt);
    }
}

struct attempt *attempt_start(struct world *world, const struct target *target,
                              struct bytes event, attempt_done_fn *fn, void *arg)
{
    struct attempt *attempt = mem_new(struct attempt);

    attempt->emulator = world->emulator;
    attempt->world = world;
    arena_init(&attempt->arena);
    attempt->target = target_copy(target, &attempt->arena);
    attempt->event = attempt_keep(attempt, event);
    attempt->fn = fn;
    attempt->arg = arg;
    list_push(&emulator_parts(world->emulator)->attempts, &attempt->link);
    alarm_set_in(attempt->emulator, &attempt->alarm, 0, begin, attempt);
    return attempt;
}

/* In the loop's thread, or when there is none. */
static void free_attempt(struct attempt *attempt)
{
    alarm_stop(&attempt->alarm);
    attempt_post_cancel_all(attempt, /* forgets= */ false);
    attempt_function_done(attempt);
    redact_done(&attempt->redact);
    arena_done(&attempt->arena);
    free(attempt);
}

static void release(void *arg)
{
    struct attempt *attempt = arg;

    list_remove(&emulator_parts(attempt->emulator)->attempts, &attempt->link);
    attempt_role_done(attempt);
    free_attempt(attempt);
}

void attempt_cancel(struct attempt *attempt)
{
    attempt->fn = NULL;
    if (emulator_is_in_loop(attempt->emulator))
        release(attempt);
    else
        alarm_set_in(attempt->emulator, &attempt->alarm, 0, release, attempt);
}

void attempts_end(struct emulator *emulator)
{
    struct list *attempts = &emulator_parts(emulator)->attempts;
    struct list_link *link;

    /* Whose turn comes because another has ended must not call anybody either. */
    for (link = attempts->first; link != NULL; link = link->next)
        list_entry(link, struct attempt, link)->fn = NULL;
    while ((link = list_pop(attempts)) != NULL)
        free_attempt(list_entry(link, struct attempt, link));
}

void attempt_end(struct attempt *attempt)
{
    attempt_done_fn *fn = attempt->fn;

    attempt->result.calls = attempt->calls;
    attempt->result.duration_us = clock_now_us() - attempt->began_us;
    attempt->fn = NULL;
    if (fn != NULL)
        fn(attempt->arg, &attempt->result);
    release(attempt);
}

void attempt_refuse(struct attempt *attempt, struct retry_reading reading,
                    struct bytes message)
{
    attempt->result.reading = reading;
    attempt->result.message = message;
    attempt_end(attempt);
}

/* --- pieces ------------------------------------------------------------------------- */

struct bytes attempt_keep(struct attempt *attempt, struct bytes bytes)
{
    return bytes_of(arena_copy(&attempt->arena, bytes), bytes.len);
}

struct bytes attempt_settings(struct attempt *attempt)
{
    const struct target *target = &attempt->target;
    struct bytes others = target->settings; /* "{…}" with at least one member, or empty */
    cleanup(buf_done) struct buf text = {0};
    struct write write;

    buf_init(&text, PAYLOAD_BYTES);
    write_init(&write, &text);
    write_object(&write);
    if (target->api_key.ptr != NULL)
        write_member_string(&write, "apiKey", target->api_key);
    if (others.len > 2) {
        if (target->api_key.ptr != NULL)
            buf_add_char(&text, ',');
        buf_add(&text, bytes_slice(others, 1, others.len - 2));
    }
    write_object_end(&write);
    return attempt_keep(attempt, buf_bytes(&text));
}

struct bytes attempt_envelope(struct attempt *attempt)
{
    cleanup(buf_done) struct buf text = {0};
    struct write write;

    buf_init(&text, PAYLOAD_BYTES);
    write_init(&write, &text);
    write_object(&write);
    write_member_raw(&write, "event", attempt->event);
    write_member_raw(&write, "settings", attempt_settings(attempt));
    write_member_text(&write, "version", "1.0");
    write_object_end(&write);
    return attempt_keep(attempt, buf_bytes(&text));
}

/* --- JSON --------------------------------------------------------------------------- */

static const char *class_text(enum retry_class class)
{
    static const char *const texts[] = {
        [RETRY_NONE] = "retry",          [RETRY_DELIVERED] = "delivered",
        [RETRY_AGAIN] = "retry",         [RETRY_UNSUPPORTED] = "unsupported",
        [RETRY_DISCARDED] = "discarded",
    };

    return texts[class];
}

static void write_milliseconds(struct write *write, const char *key, int64_t us)
{
    write_key(write, key);
    write_double(write, (double)us / 1000);
}

static void write_text_or_null(struct write *write, const char *key, struct bytes text)
{
    write_key(write, key);
    if (text.len > 0)
        write_string(write, text);
    else
        write_null(write);
}

static void write_call(struct write *write, const struct attempt_call *call)
{
    write_object(write);
    write_member_string(write, "method", call->method);
    write_member_string(write, "url", call->url);
    write_member_raw(write, "headers", call->headers);
    write_member_string(write, "body", call->body);
    write_member_i64(write, "status", call->status);
    write_member_raw(write, "response_headers", call->response_headers);
    write_member_string(write, "response_body", call->response_body);
    write_text_or_null(write, "error", call->trouble);
    write_milliseconds(write, "duration_ms", call->duration_us);
    write_object_end(write);
}

void attempt_write(const struct attempt_result *result, struct write *write)
{
    write_member_text(write, "class", class_text(result->reading.class));
    write_member_text(write, "counter", result->reading.counter);
    write_member_text(write, "code", result->reading.code);
    write_text_or_null(write, "message", result->message);
    write_member_i64(write, "retry_after_ms", result->retry_after_ms);
    write_milliseconds(write, "duration_ms", result->duration_us);
    write_key(write, "calls");
    write_array(write);
    for (size_t i = 0; i < result->n_calls; i++)
        write_call(write, &result->calls[i]);
    write_array_end(write);
    write_member_raw(write, "returned", result->returned);
    write_member_raw(write, "error", result->error);
    write_key(write, "logs");
    write_array(write);
    for (size_t i = 0; i < result->n_logs; i++)
        write_string(write, result->logs[i]);
    write_array_end(write);
}
