/* SPDX-License-Identifier: MIT */

/*
 * A slot asks for an invocation, waits for its owner's answer, posts it and asks again.
 * Whatever the API says that is not foreseen ends everything: a runtime that is not sure
 * of its state must not go on (dossier §5.5).
 */

#include "lambda/runtime/runtime.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "lambda/runtime/api_base.h"
#include "lambda/runtime/error_body.h"
#include "net/client.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/loop.h"

enum {
    MAX_AT_ONCE = 64,
    LOOK_MS = 500, /* how long the timer is trusted without a look at the wall clock */
    ID_BYTES = 128,
    KEPT_BYTES = 64 << 10,
    REFUSE_MS = 5000,
};

#define LATEST_MS                                                                        \
    (INT64_MAX / 4) /* of a deadline: so that sums with it do not overflow */

enum slot_state { SLOT_IDLE = 0, SLOT_ASKING, SLOT_RUNNING, SLOT_ANSWERING };

struct runtime_invocation {
    struct runtime *runtime;
    enum slot_state state;
    struct client_call *call; /* NULL: none under way */
    struct arena arena;       /* of what next said, and of the answer's parts */
    struct buf body;          /* of the answer */
    struct client_header headers[2];
    struct bytes id;
    int64_t deadline_ms; /* wall; 0: none */
    int64_t ends_ms;     /* monotonic, of the same */
    struct loop_timer timer;
    void *data;
};

struct runtime {
    struct loop *loop;
    struct runtime_options options;
    struct client *client;
    struct api_base base;
    struct buf next_url;
    struct runtime_invocation *slots;
    unsigned n_slots;
    bool is_lost;
    char why[400];
};

static void ask(struct runtime_invocation *slot);

printf_like(2, 3) static void lose(struct runtime *runtime, const char *format, ...)
{
    va_list args;

    if (!runtime->is_lost) {
        va_start(args, format);
        (void)vsnprintf(runtime->why, sizeof(runtime->why), format, args);
        va_end(args);
    }
    runtime->is_lost = true;
    loop_stop(runtime->loop);
}

static void lose_answer(struct runtime *runtime, const char *call,
                        const struct client_response *response)
{
    if (response->transport != TRANSPORT_OK)
        lose(runtime, "%s: %s", call, response->error);
    else
        lose(runtime, "%s: it answered %d", call, response->status);
}

/* --- the deadline ------------------------------------------------------------------- */

/* By the clock that says less: a machine that was frozen has lost time that only the wall
 * clock knows of, and the wall clock may be set back. */
static int64_t left_ms(const struct runtime_invocation *slot)
{
    const int64_t wall_ms = slot->deadline_ms - clock_wall_ms();
    const int64_t real_ms = slot->ends_ms - clock_now_ms();

    if (slot->deadline_ms == 0)
        return INT64_MAX;
    return wall_ms < real_ms ? wall_ms : real_ms;
}

static void expire(struct runtime_invocation *slot)
{
    const struct runtime_options *options = &slot->runtime->options;
    static const struct runtime_failure failure = {
        .type = BYTES("RetryError"),
        .message = BYTES("the function did not end before the deadline"),
    };

    if (options->deadline_fn != NULL)
        options->deadline_fn(options->arg, slot);
    if (slot->state == SLOT_RUNNING)
        runtime_fail(slot, &failure);
}

static void watch_deadline(void *arg)
{
    struct runtime_invocation *slot = arg;
    const int64_t spare_ms = left_ms(slot) - RUNTIME_MARGIN_MS;

    if (slot->deadline_ms == 0)
        return;
    if (spare_ms <= 0)
        expire(slot);
    else
        loop_timer_set(&slot->timer, spare_ms < LOOK_MS ? spare_ms : LOOK_MS);
}

/* --- what next said ----------------------------------------------------------------- */

static struct bytes header(const struct client_response *response, struct bytes name)
{
    for (size_t i = 0; i < response->n_headers; i++) {
        if (bytes_eq_nocase(response->headers[i].name, name))
            return response->headers[i].value;
    }
    return bytes_of(NULL, 0);
}

static struct bytes keep(struct runtime_invocation *slot, struct bytes text)
{
    return bytes_of(arena_copy(&slot->arena, text), text.len);
}

/* It becomes a part of a path. */
static bool is_id(struct bytes id)
{
    for (size_t i = 0; i < id.len; i++) {
        const char c = id.ptr[i];
        const char lower = (char)(c | 0x20);

        if (!(c >= '0' && c <= '9') && !(lower >= 'a' && lower <= 'z') && c != '-' &&
            c != '_')
            return false;
    }
    return id.len > 0 && id.len <= ID_BYTES;
}

static bool read_next(struct runtime_invocation *slot,
                      const struct client_response *response, struct runtime_next *next)
{
    const struct bytes deadline = header(response, BYTES("Lambda-Runtime-Deadline-Ms"));

    *next = (struct runtime_next){
        .request_id =
            keep(slot, header(response, BYTES("Lambda-Runtime-Aws-Request-Id"))),
        .payload = keep(slot, response->body),
        .client_context =
            keep(slot, header(response, BYTES("Lambda-Runtime-Client-Context"))),
        .function_arn =
            keep(slot, header(response, BYTES("Lambda-Runtime-Invoked-Function-Arn"))),
        .trace_id = keep(slot, header(response, BYTES("Lambda-Runtime-Trace-Id"))),
    };
    if (deadline.len > 0 && (!bytes_to_i64(deadline, &next->deadline_ms) ||
                             next->deadline_ms < 0 || next->deadline_ms > LATEST_MS))
        return false;
    slot->id = next->request_id;
    slot->deadline_ms = next->deadline_ms;
    slot->ends_ms = clock_now_ms() + next->deadline_ms - clock_wall_ms();
    return is_id(slot->id);
}

/* The variable belongs to the process, so it can speak of one invocation only. */
static void set_trace(const struct runtime *runtime, const struct runtime_next *next)
{
    if (runtime->n_slots > 1)
        return;
    if (next->trace_id.len > 0)
        (void)setenv("_X_AMZN_TRACE_ID", next->trace_id.ptr, 1);
    else
        (void)unsetenv("_X_AMZN_TRACE_ID");
}

static void begin(struct runtime_invocation *slot, const struct runtime_next *next)
{
    const struct runtime_options *options = &slot->runtime->options;

    set_trace(slot->runtime, next);
    slot->state = SLOT_RUNNING;
    slot->data = NULL;
    if (left_ms(slot) > RUNTIME_MARGIN_MS) {
        options->begin_fn(options->arg, slot, next);
        if (slot->state == SLOT_RUNNING)
            watch_deadline(slot);
        return;
    }
    const struct runtime_failure failure = {
        .type = BYTES("RetryError"),
        .message = BYTES("no time was left before the deadline"),
    };
    runtime_fail(slot, &failure);
}

static void on_next(void *arg, const struct client_response *response)
{
    struct runtime_invocation *slot = arg;
    struct runtime_next next;

    slot->call = NULL;
    slot->state = SLOT_IDLE;
    if (response->transport != TRANSPORT_OK || response->status != 200)
        lose_answer(slot->runtime, "next", response);
    else if (!read_next(slot, response, &next))
        lose(slot->runtime, "next: it named no request, or a deadline that is none");
    else
        begin(slot, &next);
}

static void ask(struct runtime_invocation *slot)
{
    struct runtime *runtime = slot->runtime;
    const struct client_request request = {
        .method = BYTES("GET"),
        .url = buf_bytes(&runtime->next_url),
        .keeps_redirects = true,
        .max_response_bytes = RUNTIME_PAYLOAD_BYTES,
        .egress = runtime->base.egress,
    };

    slot->state = SLOT_ASKING;
    slot->call = client_start(runtime->client, &request, on_next, slot);
}

/* --- answers ------------------------------------------------------------------------ */

/* The invocation is over; its memory goes, but for a small answer's. */
static void go_on(struct runtime_invocation *slot)
{
    arena_done(&slot->arena);
    if (slot->body.capacity > KEPT_BYTES)
        buf_done(&slot->body);
    buf_clear(&slot->body);
    ask(slot);
}

static void on_answered(void *arg, const struct client_response *response)
{
    struct runtime_invocation *slot = arg;
    const int status = response->transport == TRANSPORT_OK ? response->status : 0;

    slot->call = NULL;
    slot->state = SLOT_IDLE;
    if (status / 100 != 2 && status / 100 != 4) {
        lose_answer(slot->runtime, "an answer", response);
        return;
    }
    if (status / 100 != 2)
        log_line(LOG_WARN, "the Runtime API did not take an answer",
                 LOG_TEXT("request", slot->id.ptr), LOG_I64("status", status));
    go_on(slot);
}

/* An answer after the deadline is nobody's: the caller has been told already. */
static bool is_late(struct runtime_invocation *slot)
{
    if (left_ms(slot) > 0)
        return false;
    log_line(LOG_WARN, "an answer came after its deadline and is not given",
             LOG_TEXT("request", slot->id.ptr));
    return true;
}

/* Posts what is in the slot's body. */
static void post(struct runtime_invocation *slot, const char *what, size_t n_headers)
{
    struct runtime *runtime = slot->runtime;
    const char *url = arena_printf(&slot->arena, "%s/runtime/invocation/%s/%s",
                                   buf_text(&runtime->base.url), slot->id.ptr, what);
    const struct client_request request = {
        .method = BYTES("POST"),
        .url = bytes_str(url),
        .headers = slot->headers,
        .n_headers = n_headers,
        .body = buf_bytes(&slot->body),
        .has_body = true,
        .keeps_redirects = true,
        .egress = runtime->base.egress,
    };

    loop_timer_stop(&slot->timer);
    if (is_late(slot)) {
        go_on(slot);
        return;
    }
    slot->state = SLOT_ANSWERING;
    slot->call = client_start(runtime->client, &request, on_answered, slot);
}

void runtime_answer(struct runtime_invocation *invocation, struct bytes result)
{
    static const struct runtime_failure too_large = {
        .type = BYTES("Function.ResponseSizeTooLarge"),
        .message = BYTES("the result is larger than the 6291556 bytes that Lambda takes"),
    };

    if (result.len == 0)
        result = BYTES("null");
    if (buf_add(&invocation->body, result) != 0) {
        buf_clear(&invocation->body);
        runtime_fail(invocation, &too_large);
        return;
    }
    invocation->headers[0] =
        (struct client_header){BYTES("Content-Type"), BYTES("application/json")};
    post(invocation, "response", 1);
}

void runtime_fail(struct runtime_invocation *invocation,
                  const struct runtime_failure *failure)
{
    char type[ERROR_BODY_TYPE_BYTES];

    error_body_type(failure->type, type);
    error_body_write(failure, &invocation->body);
    error_body_headers(arena_text(&invocation->arena, type), invocation->headers);
    post(invocation, "error", COUNT(invocation->headers));
}

void runtime_set_data(struct runtime_invocation *invocation, void *data)
{
    invocation->data = data;
}

void *runtime_data(const struct runtime_invocation *invocation)
{
    return invocation->data;
}

/* --- the whole ---------------------------------------------------------------------- */

static unsigned clamp(unsigned n_at_once)
{
    if (n_at_once == 0)
        return 1;
    return n_at_once < MAX_AT_ONCE ? n_at_once : MAX_AT_ONCE;
}

struct runtime *runtime_new(struct loop *loop, const struct runtime_options *options)
{
    struct runtime *runtime = mem_new(struct runtime);

    runtime->loop = loop;
    runtime->options = *options;
    runtime->n_slots = clamp(options->n_at_once);
    runtime->slots = mem_grow(NULL, runtime->n_slots, sizeof(*runtime->slots));
    runtime->client = client_new(loop, runtime->n_slots);
    buf_init(&runtime->next_url, API_BASE_BYTES + 64);
    for (unsigned i = 0; i < runtime->n_slots; i++) {
        struct runtime_invocation *slot = &runtime->slots[i];

        *slot = (struct runtime_invocation){.runtime = runtime};
        arena_init(&slot->arena);
        buf_init(&slot->body, RUNTIME_ANSWER_BYTES);
        loop_timer_init(&slot->timer, loop, watch_deadline, slot);
    }
    return runtime;
}

void runtime_free(struct runtime *runtime)
{
    if (runtime == NULL)
        return;
    client_free(runtime->client);
    for (unsigned i = 0; i < runtime->n_slots; i++) {
        struct runtime_invocation *slot = &runtime->slots[i];

        loop_timer_done(&slot->timer);
        arena_done(&slot->arena);
        buf_done(&slot->body);
    }
    free(runtime->slots);
    buf_done(&runtime->next_url);
    api_base_done(&runtime->base);
    free(runtime);
}

int runtime_run(struct runtime *runtime, struct err *err)
{
    if (api_base_read(&runtime->base, runtime->options.api, err) < 0)
        return -1;
    buf_addf(&runtime->next_url, "%s/runtime/invocation/next",
             buf_text(&runtime->base.url));
    for (unsigned i = 0; i < runtime->n_slots; i++)
        ask(&runtime->slots[i]);
    loop_run(runtime->loop);
    return err_set(err, "the Runtime API is lost: %s", runtime->why);
}

int runtime_refuse_init(struct bytes api, const struct runtime_failure *failure,
                        struct err *err)
{
    cleanup(api_base_done) struct api_base base = {0};
    cleanup(buf_done) struct buf storage = {0};
    cleanup(buf_done) struct buf body = {0};
    cleanup(buf_done) struct buf url = {0};
    struct client_header answered[CLIENT_MAX_HEADERS];
    struct client_header headers[2];
    struct client_response response;
    char type[ERROR_BODY_TYPE_BYTES];

    buf_init(&body, ERROR_BODY_BYTES);
    buf_init(&url, API_BASE_BYTES + 64);
    buf_init(&storage, CLIENT_RESPONSE_BYTES);
    if (api_base_read(&base, api, err) < 0)
        return -1;
    error_body_type(failure->type, type);
    error_body_headers(type, headers);
    error_body_write(failure, &body);
    buf_addf(&url, "%s/runtime/init/error", buf_text(&base.url));
    const struct client_request request = {
        .method = BYTES("POST"),
        .url = buf_bytes(&url),
        .headers = headers,
        .n_headers = COUNT(headers),
        .body = buf_bytes(&body),
        .has_body = true,
        .keeps_redirects = true,
        .timeout_ms = REFUSE_MS,
        .egress = base.egress,
    };
    client_fetch(&request, &storage, answered, &response);
    if (response.transport != TRANSPORT_OK)
        return err_set(err, "the Runtime API: init/error: %s", response.error);
    if (response.status / 100 != 2)
        return err_set(err, "the Runtime API: init/error: it answered %d",
                       response.status);
    return 0;
}
