/* SPDX-License-Identifier: MIT */

#include "emulator/invoke/invoke_answer.h"

#include <stdio.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/time_text.h"
#include "emulator/delivery/attempt.h"
#include "emulator/frame/exchange.h"
#include "emulator/world/invent.h"
#include "emulator/world/world.h"
#include "segment/invoke.h"
#include "json/json.h"
#include "json/write.h"

enum {
    LOG_BYTES = 1 << 20,
    ENCODED_BYTES = 8192,
};

void invoke_answer_refusal(struct exchange *exchange,
                           const struct invoke_refusal *refusal)
{
    exchange_restart(exchange);
    exchange_answer(exchange, refusal->status, "application/json");
    exchange_set_header(exchange, "X-Amzn-ErrorType", refusal->type);
    invoke_write_refusal(refusal, &exchange->out);
}

/* --- the log ------------------------------------------------------------------------ */

static void print_log(struct exchange *exchange, const struct attempt_result *result,
                      struct buf *log)
{
    char id[INVENT_BYTES], now[TIME_TEXT_LEN + 1];
    const double ms = (double)result->duration_us / 1000;

    invent_uuid(exchange->world, id);
    time_text_format(world_now_ms(exchange->world), now);
    buf_addf(log, "START RequestId: %s Version: $LATEST\n", id);
    for (size_t i = 0; i < result->n_logs; i++)
        buf_addf(log, "%s\t%s\tINFO\t%.*s\n", now, id, BYTES_FMT(result->logs[i]));
    buf_addf(log, "END RequestId: %s\n", id);
    buf_addf(log, "REPORT RequestId: %s\tDuration: %.2f ms\tBilled Duration: %.0f ms\n",
             id, ms, ms + 0.5);
}

static void set_log(struct exchange *exchange, const struct attempt_result *result)
{
    cleanup(buf_done) struct buf log = {0};
    cleanup(buf_done) struct buf encoded = {0};
    struct bytes tail;

    buf_init(&log, LOG_BYTES);
    buf_init(&encoded, ENCODED_BYTES);
    print_log(exchange, result, &log);
    tail = buf_bytes(&log);
    if (tail.len > INVOKE_TAIL_BYTES)
        tail = bytes_slice(tail, tail.len - INVOKE_TAIL_BYTES, INVOKE_TAIL_BYTES);
    (void)base64_encode(tail, &encoded);
    exchange_set_header(exchange, "X-Amz-Log-Result", buf_text(&encoded));
}

/* --- what came of it ---------------------------------------------------------------- */

static void write_trace(struct write *write, struct bytes stack)
{
    write_key(write, "trace");
    write_array(write);
    while (stack.len > 0)
        write_string(write, bytes_take_until(&stack, '\n'));
    write_array_end(write);
}

static void write_error(struct exchange *exchange, const struct json *error)
{
    const struct bytes name = json_string(json_get(error, "name"));
    struct write write;

    write_init(&write, &exchange->out);
    write_object(&write);
    if (bytes_eq(name, BYTES("Timeout"))) {
        write_member_text(&write, "errorType", "Sandbox.Timedout");
        write_member_text(&write, "errorMessage", "Task timed out after 5.00 seconds");
    } else {
        write_member_string(&write, "errorType", name);
        write_member_string(&write, "errorMessage",
                            json_string(json_get(error, "message")));
        write_trace(&write, json_string(json_get(error, "stack")));
    }
    write_object_end(&write);
}

void invoke_answer(struct exchange *exchange, const struct attempt_result *result,
                   bool wants_log)
{
    cleanup(json_freep) struct json *error = NULL;
    struct err err = {0};

    exchange_answer(exchange, 200, "application/json");
    exchange_set_header(exchange, "X-Amz-Executed-Version", "$LATEST");
    if (wants_log)
        set_log(exchange, result);
    if (result->error.len > 0 && json_parse(result->error, &error, &err) == 0) {
        exchange_set_header(exchange, "X-Amz-Function-Error", "Unhandled");
        write_error(exchange, error);
        return;
    }
    buf_add(&exchange->out, result->returned.len > 0 ? result->returned : BYTES("null"));
}
