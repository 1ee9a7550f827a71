/* SPDX-License-Identifier: MIT */

/* fn run: one event through one function, once, with everything shown (interface §8). */

#include "base/err.h"
#include "cli/call.h"
#include "cli/commands.h"
#include "cli/diagnostic.h"
#include "cli/fn_code.h"
#include "cli/fn_event.h"
#include "cli/fn_fetch.h"
#include "js/pool.h"
#include "sys/loop.h"
#include "json/write.h"

enum { JSON_BYTES = 16 << 20 };

struct run {
    const struct call *call;
    struct fn_code code;
    struct fn_event event;
    struct fn_fetch fetch;
    struct pool_invocation *invocation;
    /* How it ended; texts in the code's arena. */
    enum outcome outcome;
    const char *error_name, *error_message; /* NULL message: no error */
    int line, column;
    const char *handler;
    struct bytes value;
    const char **logs; /* NULL-terminated */
    int64_t duration_us;
};

/* A fetch() of the code that waits for its answer. */
struct waiting {
    struct run *run;
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
    pool_answer(waiting->run->invocation, waiting->fetch, &said);
}

static void on_fetch(void *arg, struct pool_invocation *invocation, uint32_t fetch,
                     const struct pool_request *request)
{
    struct run *run = arg;
    struct waiting *waiting = arena_new(&run->fetch.arena, struct waiting);
    struct fn_fetch_wanted wanted = {.method = request->method,
                                     .url = request->url,
                                     .body = request->body,
                                     .has_body = request->has_body};

    run->invocation = invocation;
    *waiting = (struct waiting){run, fetch};
    for (size_t i = 0; i < request->n_headers && i < CLIENT_MAX_HEADERS; i++)
        wanted.headers[wanted.n_headers++] =
            (struct client_header){request->headers[i].name, request->headers[i].value};
    fn_fetch_start(&run->fetch, &wanted, on_answer, waiting);
}

static void on_restart(void *arg)
{
    struct run *run = arg;

    fn_fetch_restart(&run->fetch);
}

static const char *keep(struct run *run, struct bytes text)
{
    return arena_copy(&run->code.arena, text);
}

/* What transformEvent returned has been posted: HTTP decides. */
static void on_posted(void *arg, const struct client_response *response)
{
    struct run *run = arg;
    char text[64];

    run->outcome = outcome_of_http(response->transport, response->status);
    if (run->outcome != OUTCOME_DELIVERED) {
        snprintf(text, sizeof(text), "the endpoint answered %d", response->status);
        run->error_name = "RequestFailed";
        run->error_message = keep(
            run, bytes_str(response->transport == TRANSPORT_OK ? text : response->error));
    }
    loop_stop(run->code.loop);
}

static void post_transformed(struct run *run)
{
    struct fn_fetch_wanted wanted = {
        .method = BYTES("POST"),
        .url = buf_bytes(&run->event.endpoint),
        .body = run->value,
        .has_body = true,
        .headers = {{BYTES("content-type"), BYTES("application/json")}},
        .n_headers = 1,
    };

    fn_fetch_start(&run->fetch, &wanted, on_posted, run);
}

static const char *run_name(enum outcome_run run)
{
    static const char *const names[] = {
        [RUN_NONE] = "Error",
        [RUN_RETURNED] = "",
        [RUN_THREW] = "Error",
        [RUN_TIMEOUT] = "Timeout",
        [RUN_MEMORY] = "OutOfMemory",
        [RUN_CRASHED] = "Crash",
        [RUN_NO_HANDLER] = "EventNotSupported",
        [RUN_NOT_LOADED] = "InvalidSettings",
    };

    return names[run];
}

static void keep_error(struct run *run, const struct pool_result *result)
{
    if (result->run == RUN_RETURNED)
        return;
    run->error_name = result->error_name.len > 0 ? keep(run, result->error_name)
                                                 : run_name(result->run);
    run->error_message = keep(run, result->error_message);
    run->line = result->line;
    run->column = result->column;
}

static void on_done(void *arg, const struct pool_result *result)
{
    struct run *run = arg;

    run->outcome = outcome_of_run(result->run, result->error_name);
    run->handler = keep(run, result->handler);
    run->duration_us = result->duration_us;
    run->value = bytes_of(keep(run, result->value), result->value.len);
    run->logs = arena_zero(&run->code.arena, (result->n_logs + 1) * sizeof(char *));
    for (size_t i = 0; i < result->n_logs; i++)
        run->logs[i] = keep(run, result->logs[i]);
    keep_error(run, result);
    run->invocation = NULL;
    if (result->run == RUN_RETURNED && result->is_transform && result->value.len > 0)
        post_transformed(run);
    else
        loop_stop(run->code.loop);
}

static void end_unloaded(struct run *run)
{
    run->outcome = outcome_of_run(RUN_NOT_LOADED, BYTES(""));
    run->error_name = run->code.error_name;
    run->error_message = run->code.error_message != NULL ? run->code.error_message : "";
    run->line = run->code.line;
    run->column = run->code.column;
}

static void end_unsupported(struct run *run)
{
    run->outcome = OUTCOME_DISCARDED;
    run->error_name = "EventNotSupported";
    run->error_message = arena_printf(&run->code.arena, "%.*s not supported",
                                      BYTES_FMT(run->event.judged.type));
}

static int invoke(struct run *run, struct err *err)
{
    struct pool_run wanted = {
        .event = buf_bytes(&run->event.event),
        .settings = buf_bytes(&run->event.settings),
        .kind = run->event.judged.kind,
        .is_folded = run->event.judged.is_folded,
        .fetch_fn = on_fetch,
        .restart_fn = on_restart,
        .done_fn = on_done,
        .arg = run,
    };

    run->invocation = pool_invoke(run->code.function, &wanted);
    if (run->invocation == NULL)
        return err_set(err, "the runner takes no event");
    loop_run(run->code.loop);
    return 0;
}

static const char *outcome_text(enum outcome outcome)
{
    static const char *const texts[] = {
        [OUTCOME_NONE] = "retry",          [OUTCOME_DELIVERED] = "delivered",
        [OUTCOME_DISCARDED] = "discarded", [OUTCOME_RETRY] = "retry",
        [OUTCOME_DEAD] = "dead",
    };

    return texts[outcome];
}

static void write_error(struct write *write, const struct run *run)
{
    write_key(write, "error");
    if (run->error_message == NULL) {
        write_null(write);
        return;
    }
    write_object(write);
    write_member_text(write, "name", run->error_name);
    write_member_text(write, "message", run->error_message);
    write_key(write, "line");
    if (run->line > 0)
        write_i64(write, run->line);
    else
        write_null(write);
    write_key(write, "column");
    if (run->column > 0)
        write_i64(write, run->column);
    else
        write_null(write);
    write_object_end(write);
}

static void print_json(const struct run *run)
{
    struct buf json;
    struct write write;

    buf_init(&json, JSON_BYTES);
    write_init(&write, &json);
    write_object(&write);
    write_member_text(&write, "outcome", outcome_text(run->outcome));
    write_member_raw(&write, "result", run->value);
    write_error(&write, run);
    write_key(&write, "logs");
    write_array(&write);
    for (const char **log = run->logs; log != NULL && *log != NULL; log++)
        write_text(&write, *log);
    write_array_end(&write);
    write_key(&write, "requests");
    fn_fetch_write(&run->fetch, &write);
    write_key(&write, "duration_ms");
    write_double(&write, (double)run->duration_us / 1000);
    write_object_end(&write);
    print_record(&run->call->out, buf_bytes(&json));
    buf_done(&json);
}

static void say_clean(const struct call *call, const char *before, struct bytes text)
{
    struct buf clean;

    buf_init(&clean, JSON_BYTES);
    print_clean(text, &clean);
    call_say(call, "%s%s", before, buf_text(&clean));
    buf_done(&clean);
}

static void say_requests(const struct run *run)
{
    struct fn_fetch_line line;

    if (run->fetch.n_requests > 0)
        call_say(run->call, "Requests (%zu)%s", run->fetch.n_requests,
                 run->fetch.is_live ? "" : "   answered 200 {} here; for real: --live");
    for (size_t i = 0; fn_fetch_line(&run->fetch, i, &line); i++) {
        struct buf text;

        buf_init(&text, JSON_BYTES);
        buf_addf(&text, "%.*s %.*s → ", BYTES_FMT(line.method), BYTES_FMT(line.url));
        if (line.status != 0)
            buf_addf(&text, "%d", line.status);
        else
            buf_add_text(&text, line.error);
        if (run->fetch.is_live) {
            buf_add_text(&text, " in ");
            print_duration(line.duration_us, &text);
        }
        say_clean(run->call, "  ", buf_bytes(&text));
        buf_done(&text);
    }
}

static void say_headline(const struct run *run)
{
    bool is_good = run->outcome == OUTCOME_DELIVERED;
    cleanup(buf_done) struct buf line = {0};

    buf_init(&line, JSON_BYTES);
    buf_addf(&line, "%s %s", is_good ? "Successfully executed" : "Executed",
             run->code.path);
    if (run->handler != NULL && run->handler[0] != '\0')
        buf_addf(&line, " (%s)", run->handler);
    buf_add_text(&line, " in ");
    print_duration(run->duration_us, &line);
    if (!is_good)
        buf_addf(&line, ": %s", outcome_text(run->outcome));
    call_say(run->call, "%s", buf_text(&line));
}

static void say_verdict(const struct run *run)
{
    struct fn_code_fault fault = {run->error_name, run->error_message, run->line,
                                  run->column};
    struct err err = {0};

    say_headline(run);
    if (run->error_message == NULL)
        return;
    fn_code_describe(&run->code, &fault, &err);
    diagnostic_print(&run->call->err, &err);
}

/* The story on stderr, the return value on stdout: a pipe gets just that. */
static void print_human(const struct run *run)
{
    say_verdict(run);
    if (run->logs != NULL && run->logs[0] != NULL)
        call_say(run->call, "Log output");
    for (const char **log = run->logs; log != NULL && *log != NULL; log++)
        say_clean(run->call, "  ", bytes_str(*log));
    say_requests(run);
    if (run->value.len > 0) {
        call_say(run->call, "Callback return");
        print_record(&run->call->out, run->value);
    }
}

static int run_all(struct run *run, struct err *err)
{
    if (fn_event_read(&run->event, run->call, err) < 0 ||
        fn_code_open(&run->code, run->call, err) < 0 ||
        fn_fetch_open(&run->fetch, run->code.loop, call_has(run->call, "live"), err) < 0)
        return -1;
    if (!run->code.is_ok)
        end_unloaded(run);
    else if (run->event.judged.kind == EVENT_NONE)
        end_unsupported(run);
    else if (invoke(run, err) < 0)
        return -1;
    if (run->call->wants_json)
        print_json(run);
    else
        print_human(run);
    return run->outcome == OUTCOME_DELIVERED ? 0 : ERR_CHECKS_FAILED;
}

int fn_run_run(struct call *call, struct err *err)
{
    struct run run = {.call = call};
    int answer;

    if (call_has(call, "request"))
        return err_code(
            err, "PA7022", ERR_FAILED,
            "`fn run --request` is not built yet (planned with source functions)");
    answer = run_all(&run, err);
    fn_fetch_close(&run.fetch);
    fn_code_close(&run.code);
    fn_event_done(&run.event);
    return answer;
}
