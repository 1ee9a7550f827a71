/* SPDX-License-Identifier: MIT */

#include "trial/fn_play.h"

#include <stdio.h>

#include "base/err.h"
#include "sys/loop.h"
#include "trial/fn_code.h"
#include "trial/fn_event.h"
#include "trial/fn_fault.h"
#include "json/write.h"

/* A fetch() of the code that waits for its answer. */
struct waiting {
    struct fn_play *play;
    uint32_t fetch;
};

static void on_answer(void *arg, const struct client_response *response)
{
    const struct waiting *waiting = arg;
    struct pool_header headers[POOL_HEADERS];
    size_t n = response->n_headers < POOL_HEADERS ? response->n_headers : POOL_HEADERS;

    for (size_t i = 0; i < n; i++)
        headers[i] =
            (struct pool_header){response->headers[i].name, response->headers[i].value};
    const struct pool_response said = {
        .transport = response->transport,
        .error = response->error,
        .status = response->status,
        .headers = headers,
        .n_headers = n,
        .body = response->body,
    };
    pool_answer(waiting->play->invocation, waiting->fetch, &said);
}

static void on_fetch(void *arg, struct pool_invocation *invocation, uint32_t fetch,
                     const struct pool_request *request)
{
    struct fn_play *play = arg;
    struct waiting *waiting = arena_new(&play->fetch.arena, struct waiting);
    struct fn_fetch_wanted wanted = {.method = request->method,
                                     .url = request->url,
                                     .body = request->body,
                                     .has_body = request->has_body};

    play->invocation = invocation;
    *waiting = (struct waiting){play, fetch};
    for (size_t i = 0; i < request->n_headers && i < CLIENT_MAX_HEADERS; i++)
        wanted.headers[wanted.n_headers++] =
            (struct client_header){request->headers[i].name, request->headers[i].value};
    fn_fetch_start(&play->fetch, &wanted, on_answer, waiting);
}

static void on_restart(void *arg)
{
    struct fn_play *play = arg;

    fn_fetch_restart(&play->fetch);
}

static const char *keep(struct fn_play *play, struct bytes text)
{
    return arena_copy(&play->arena, text);
}

/* What transformEvent returned has been posted: HTTP decides. */
static void on_posted(void *arg, const struct client_response *response)
{
    struct fn_play *play = arg;

    play->outcome = outcome_of_http(response->transport, response->status);
    if (play->outcome != OUTCOME_DELIVERED) {
        play->error_name = "RequestFailed";
        play->error_message =
            response->transport == TRANSPORT_OK
                ? arena_printf(&play->arena, "the endpoint answered %d", response->status)
                : arena_text(&play->arena, response->error);
    }
    loop_stop(play->code->loop);
}

static void post_transformed(struct fn_play *play)
{
    struct fn_fetch_wanted wanted = {
        .method = BYTES("POST"),
        .url = buf_bytes(&play->event->endpoint),
        .body = play->value,
        .has_body = true,
        .headers = {{BYTES("content-type"), BYTES("application/json")}},
        .n_headers = 1,
    };

    fn_fetch_start(&play->fetch, &wanted, on_posted, play);
}

static const char *run_name(enum outcome_run run)
{
    static const char *const names[] = {
        [RUN_NONE] = "Error",
        [RUN_RETURNED] = "",
        [RUN_THREW] = "",
        [RUN_TIMEOUT] = "Timeout",
        [RUN_MEMORY] = "OutOfMemory",
        [RUN_CRASHED] = "Crash",
        [RUN_NO_HANDLER] = "EventNotSupported",
        [RUN_NOT_LOADED] = "InvalidSettings",
    };

    return names[run];
}

static void keep_error(struct fn_play *play, const struct pool_result *result)
{
    if (result->run == RUN_RETURNED)
        return;
    play->error_name = result->error_name.len > 0 ? keep(play, result->error_name)
                                                  : run_name(result->run);
    play->error_message = keep(play, result->error_message);
    play->line = result->line;
    play->column = result->column;
    if (result->error_note.len > 0)
        play->note = keep(play, result->error_note);
}

static void on_done(void *arg, const struct pool_result *result)
{
    struct fn_play *play = arg;

    play->run = result->run;
    play->outcome = outcome_of_run(result->run, result->error_name);
    play->handler = keep(play, result->handler);
    play->duration_us = result->duration_us;
    play->value = bytes_of(keep(play, result->value), result->value.len);
    play->has_statuses = result->has_statuses;
    play->logs = arena_zero(&play->arena, (result->n_logs + 1) * sizeof(char *));
    for (size_t i = 0; i < result->n_logs; i++)
        play->logs[i] = keep(play, result->logs[i]);
    play->n_logs_dropped = result->n_logs_dropped;
    keep_error(play, result);
    play->invocation = NULL;
    if (result->run == RUN_RETURNED && result->is_transform && result->value.len > 0)
        post_transformed(play);
    else
        loop_stop(play->code->loop);
}

static void end_unloaded(struct fn_play *play)
{
    const struct fn_code *code = play->code;

    play->is_load = true;
    play->run = RUN_NOT_LOADED;
    play->outcome = outcome_of_run(RUN_NOT_LOADED, BYTES(""));
    play->error_name = code->error_name;
    play->error_message = code->error_message != NULL ? code->error_message : "";
    play->line = code->line;
    play->column = code->column;
}

static void end_unsupported(struct fn_play *play)
{
    play->run = RUN_NO_HANDLER;
    play->outcome = OUTCOME_DISCARDED;
    play->error_name = "EventNotSupported";
    play->error_message = arena_printf(&play->arena, "%.*s not supported",
                                       BYTES_FMT(play->event->judged.type));
}

static int invoke(struct fn_play *play, struct err *err)
{
    struct pool_run wanted = {
        .entry = play->event->entry,
        .event = buf_bytes(&play->event->event),
        .settings = buf_bytes(&play->event->settings),
        .kind = play->event->judged.kind,
        .is_folded = play->event->judged.is_folded,
        .fetch_fn = on_fetch,
        .restart_fn = on_restart,
        .done_fn = on_done,
        .arg = play,
    };

    play->invocation = pool_invoke(play->code->function, &wanted);
    if (play->invocation == NULL)
        return err_set(err, "the runner takes no event");
    loop_run(play->code->loop);
    return 0;
}

int fn_play(struct fn_play *play, const struct fn_code *code,
            const struct fn_event *event, const struct fn_play_wish *wish,
            struct err *err)
{
    *play = (struct fn_play){.code = code, .event = event};
    arena_init(&play->arena);
    if (fn_fetch_open(&play->fetch, code->loop, wish->is_live, wish->egress, err) < 0)
        return -1;
    for (size_t i = 0; i < COUNT(play->fetch.mocks); i++)
        play->fetch.mocks[i] = wish->mocks[i];
    if (!code->is_ok)
        end_unloaded(play);
    else if (event->entry == POOL_EVENT && event->judged.kind == EVENT_NONE)
        end_unsupported(play);
    else
        return invoke(play, err);
    return 0;
}

void fn_play_done(struct fn_play *play)
{
    fn_fetch_close(&play->fetch);
    arena_done(&play->arena);
}

bool fn_play_is_unsupported(const struct fn_play *play)
{
    return play->error_message != NULL && play->error_name != NULL &&
           strcmp(play->error_name, "EventNotSupported") == 0;
}

const char *fn_play_outcome_text(enum outcome outcome)
{
    static const char *const texts[] = {
        [OUTCOME_NONE] = "retry",          [OUTCOME_DELIVERED] = "delivered",
        [OUTCOME_DISCARDED] = "discarded", [OUTCOME_RETRY] = "retry",
        [OUTCOME_DEAD] = "dead",
    };

    return texts[outcome];
}

struct fn_fault fn_play_fault(const struct fn_play *play, const char *again)
{
    return (struct fn_fault){
        .name = play->error_name,
        .message = play->error_message,
        .line = play->line,
        .column = play->column,
        .is_load = play->is_load,
        .note = play->note,
        .again = again,
    };
}

static void write_place(struct write *write, const char *key, int number)
{
    write_key(write, key);
    if (number > 0)
        write_i64(write, number);
    else
        write_null(write);
}

static void write_error(struct write *write, const struct fn_play *play)
{
    struct fn_fault fault = fn_play_fault(play, NULL);
    struct fn_fault_mark mark = {0};

    write_key(write, "error");
    if (play->error_message == NULL) {
        write_null(write);
        return;
    }
    fn_fault_mark(&fault, buf_bytes(&play->code->source), &mark);
    write_object(write);
    write_member_text(write, "name", play->error_name);
    write_member_text(write, "message", play->error_message);
    write_place(write, "line", mark.line);
    write_place(write, "column", mark.column);
    if (play->note != NULL)
        write_member_text(write, "note", play->note);
    write_object_end(write);
}

void fn_play_write(const struct fn_play *play, struct write *write)
{
    write_member_text(write, "outcome", fn_play_outcome_text(play->outcome));
    write_member_raw(write, "result", play->value);
    write_error(write, play);
    write_key(write, "logs");
    write_array(write);
    for (const char **log = play->logs; log != NULL && *log != NULL; log++)
        write_text(write, *log);
    write_array_end(write);
    write_key(write, "requests");
    fn_fetch_write(&play->fetch, write);
    write_key(write, "duration_ms");
    write_double(write, (double)play->duration_us / 1000);
}
