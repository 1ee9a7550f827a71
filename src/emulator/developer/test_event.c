/* SPDX-License-Identifier: MIT */

#include "emulator/developer/test_event.h"

#include "base/err.h"
#include "emulator/control/control_routes.h"
#include "emulator/developer/trial.h"
#include "json/indent.h"
#include "json/json.h"
#include "json/write.h"

enum { TEXT_BYTES = 1 << 20, N_SPACES = 2 };

/* --- showing ------------------------------------------------------------------------ */

/* Members sorted, the body always a text (dossier §3.10). */
static void write_response(const struct attempt_call *call, struct write *write)
{
    write_object(write);
    write_member_string(write, "body", call->response_body);
    write_key(write, "header");
    if (call->response_headers.len > 0)
        write_raw(write, call->response_headers);
    else
        write_raw(write, BYTES("{}"));
    write_member_i64(write, "status", call->status);
    write_object_end(write);
}

void test_event_print_response(const struct attempt_call *call, struct buf *ret_text)
{
    cleanup(buf_done) struct buf text = {0};
    struct write write;

    if (call == NULL || call->status == 0) {
        buf_add_text(ret_text, "null");
        return;
    }
    buf_init(&text, TEXT_BYTES);
    write_init(&write, &text);
    write_response(call, &write);
    indent_print(buf_bytes(&text), N_SPACES, ret_text);
}

/* --- the control -------------------------------------------------------------------- */

static void write_request(const struct attempt_call *call, struct write *write)
{
    write_object(write);
    write_member_string(write, "method", call->method);
    write_member_string(write, "url", call->url);
    write_member_raw(write, "header", call->headers);
    write_member_string(write, "body", call->body);
    write_object_end(write);
}

static void write_error(struct bytes error, struct write *write)
{
    write_key(write, "error");
    if (error.len > 0)
        write_string(write, error);
    else
        write_null(write);
}

static void write_call(const struct attempt_result *result, struct write *write)
{
    const struct attempt_call *call =
        result->n_calls > 0 ? &result->calls[result->n_calls - 1] : NULL;
    const bool is_answered = call != NULL && call->status != 0;

    write_key(write, "request");
    if (call != NULL)
        write_request(call, write);
    else
        write_null(write);
    write_key(write, "response");
    if (is_answered)
        write_response(call, write);
    else
        write_null(write);
    write_error(is_answered || call == NULL ? BYTES("") : call->trouble, write);
}

static void write_run(const struct attempt_result *result, struct write *write)
{
    write_member_raw(write, "callbackReturn", result->returned);
    write_key(write, "logs");
    write_array(write);
    for (size_t i = 0; i < result->n_logs; i++)
        write_string(write, result->logs[i]);
    write_array_end(write);
    write_member_raw(write, "error", result->error);
}

static void answer(struct exchange *exchange, void *arg,
                   const struct attempt_result *result)
{
    const struct target *target = arg;
    struct write write;

    write_init(&write, &exchange->out);
    write_object(&write);
    if (target->kind == TARGET_FUNCTION)
        write_run(result, &write);
    else
        write_call(result, &write);
    write_object_end(&write);
    exchange_answer(exchange, 200, "application/json");
}

static struct bytes print_event(struct exchange *exchange, const struct json *event)
{
    cleanup(buf_done) struct buf text = {0};

    buf_init(&text, 2 * exchange->body.len + 64);
    json_print(event, /* indented= */ false, &text);
    return bytes_of(arena_copy(&exchange->arena, buf_bytes(&text)), text.len);
}

void test_event_post(struct exchange *exchange)
{
    cleanup(json_freep) struct json *wish = exchange_read_object(exchange);
    struct target *target = arena_new(&exchange->arena, struct target);
    const struct json *event;
    struct err err = {0};

    if (wish == NULL)
        return;
    if (trial_target(exchange, /* app= */ 1, wish, target, &err) < 0) {
        exchange_refuse(exchange, 400, "%s", err.text);
        return;
    }
    event = json_get(wish, "event");
    if (event != NULL && json_kind(event) != JSON_OBJECT) {
        exchange_refuse(exchange, 400, "event is a JSON object");
        return;
    }
    trial_start(exchange, target,
                event != NULL ? print_event(exchange, event)
                              : trial_default_event(target->kind),
                answer, target);
}
