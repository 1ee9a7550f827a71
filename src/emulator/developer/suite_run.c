/* SPDX-License-Identifier: MIT */

#include "emulator/developer/suite_run.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/time_text.h"
#include "emulator/control/control_routes.h"
#include "emulator/developer/trial.h"
#include "emulator/world/invent.h"
#include "emulator/world/world.h"
#include "json/json.h"
#include "json/write.h"

enum { EVENT_BYTES = 8192, ID_LETTERS = 5 };

struct runner {
    struct suite_run run;
    struct exchange *exchange;
    struct attempt *attempt; /* the one under way */
    suite_run_fn *fn;
    void *arg;
};

static void send_next(struct runner *runner);

const char *suite_color_text(enum suite_color color)
{
    static const char *const texts[] = {"red", "yellow", "green"};

    return texts[color];
}

/* --- the events --------------------------------------------------------------------- */

static void add_project_id(struct world *world, struct json *event)
{
    struct sql_statement *row = world_use(world, "SELECT id FROM source LIMIT 1");

    if (world_step(world, row))
        json_set_string(event, "projectId", sql_bytes(row, 0));
    sql_reset(row);
}

/* Exactly the suite's members and what Segment would have added on the way. */
static void stamp(struct world *world, struct json *event)
{
    char letters[INVENT_BYTES], now[TIME_TEXT_LEN + 1];
    char message_id[INVENT_BYTES + 16];

    invent_alphanumeric(world, ID_LETTERS, letters);
    snprintf(message_id, sizeof(message_id), "test-message-%s", letters);
    time_text_format(world_now_ms(world), now);
    json_set_string(event, "messageId", bytes_str(message_id));
    json_set_string(event, "receivedAt", bytes_str(now));
    add_project_id(world, event);
}

static struct bytes make_event(struct exchange *exchange, size_t index,
                               const char **ret_type)
{
    cleanup(json_freep) struct json *fixture = NULL;
    cleanup(json_freep) struct json *event = json_object();
    cleanup(buf_done) struct buf text = {0};
    struct err err = {0};

    if (json_parse(suite_event(index).fixture, &fixture, &err) < 0)
        abort(); /* it is ours */
    buf_init(&text, EVENT_BYTES);
    json_merge(event, json_get(fixture, "event"));
    stamp(exchange->world, event);
    json_print(event, /* indented= */ false, &text);
    *ret_type = arena_copy(&exchange->arena, json_string(json_get(event, "type")));
    return bytes_of(arena_copy(&exchange->arena, buf_bytes(&text)), text.len);
}

/* --- the run ------------------------------------------------------------------------ */

static enum suite_color color_of(const struct attempt_result *result)
{
    switch (result->reading.class) {
    case RETRY_DELIVERED:
        return SUITE_GREEN;
    case RETRY_UNSUPPORTED:
        return SUITE_YELLOW;
    case RETRY_NONE:
    case RETRY_AGAIN:
    case RETRY_DISCARDED:
        break;
    }
    return SUITE_RED;
}

static const char *message_of(struct exchange *exchange,
                              const struct attempt_result *result, enum suite_color color)
{
    if (color == SUITE_YELLOW)
        return "event not supported";
    if (result->message.len > 0)
        return arena_copy(&exchange->arena, result->message);
    return arena_text(&exchange->arena, result->reading.code);
}

static void on_done(void *arg, const struct attempt_result *result)
{
    struct runner *runner = arg;
    struct suite_run *run = &runner->run;
    struct suite_result *one = &run->results[run->n_results++];

    one->color = color_of(result);
    one->message = message_of(runner->exchange, result, one->color);
    if (result->n_calls > 0)
        one->status = result->calls[result->n_calls - 1].status;
    one->duration_us = result->duration_us;
    run->n_green += one->color == SUITE_GREEN;
    run->n_red += one->color == SUITE_RED;
    if (run->n_results < SUITE_EVENTS) {
        send_next(runner);
        return;
    }
    runner->fn(runner->exchange, runner->arg, run);
    exchange_finish(runner->exchange);
}

static void send_next(struct runner *runner)
{
    struct exchange *exchange = runner->exchange;
    struct suite_run *run = &runner->run;
    const struct bytes event =
        make_event(exchange, run->n_results, &run->results[run->n_results].type);

    runner->attempt =
        attempt_start(exchange->world, &run->target, event, on_done, runner);
}

static void on_abandoned(struct exchange *exchange)
{
    const struct runner *runner = exchange->area_data;

    attempt_cancel(runner->attempt);
}

void suite_run_start(struct exchange *exchange, const struct target *target,
                     suite_run_fn *fn, void *arg)
{
    struct runner *runner = arena_new(&exchange->arena, struct runner);

    runner->run.target = *target;
    runner->exchange = exchange;
    runner->fn = fn;
    runner->arg = arg;
    exchange->area_data = runner;
    exchange->abandoned_fn = on_abandoned;
    exchange_defer(exchange);
    send_next(runner);
}

/* --- the control -------------------------------------------------------------------- */

static void write_result(const struct suite_run *run, size_t i, struct write *write)
{
    const struct suite_result *one = &run->results[i];

    write_object(write);
    write_member_i64(write, "index", (int64_t)i + 1);
    write_member_text(write, "type", one->type);
    write_member_text(write, "name", suite_event(i).name);
    write_member_text(write, "color", suite_color_text(one->color));
    write_member_i64(write, "status", one->status);
    write_member_i64(write, "durationMs", one->duration_us / 1000);
    write_member_text(write, "message", one->message);
    write_object_end(write);
}

static void answer(struct exchange *exchange, void *arg, const struct suite_run *run)
{
    struct write write;

    (void)arg;
    write_init(&write, &exchange->out);
    write_object(&write);
    write_key(&write, "results");
    write_array(&write);
    for (size_t i = 0; i < run->n_results; i++)
        write_result(run, i, &write);
    write_array_end(&write);
    write_member_i64(&write, "success", run->n_green);
    write_member_bool(&write, "passed", run->n_red == 0);
    write_object_end(&write);
    exchange_answer(exchange, 200, "application/json");
}

void suite_run_post(struct exchange *exchange)
{
    cleanup(json_freep) struct json *wish =
        exchange->body.len > 0 ? exchange_read_object(exchange) : json_object();
    struct target target;
    struct err err = {0};

    if (wish == NULL)
        return;
    if (trial_target(exchange, /* app= */ 1, wish, &target, &err) < 0)
        exchange_refuse(exchange, 400, "%s", err.text);
    else
        suite_run_start(exchange, &target, answer, NULL);
}
