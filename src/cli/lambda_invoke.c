/* SPDX-License-Identifier: MIT */

/* lambda invoke: one invocation, of a function here or of an Invoke API (interface §8).
 */

#include "base/err.h"
#include "cli/call.h"
#include "cli/commands.h"
#include "cli/diagnostic.h"
#include "cli/fixture.h"
#include "cli/input.h"
#include "cli/lambda_call.h"
#include "cli/lambda_host.h"
#include "lambda/host/output.h"
#include "segment/invoke.h"
#include "sys/loop.h"
#include "json/json.h"
#include "json/scan.h"
#include "json/write.h"

enum {
    URL_BYTES = 128,
    JSON_BYTES = 32 << 20,
    TEXT_BYTES = 16 << 10,
    SLACK_MS = 15000, /* for its start */
};

struct run {
    struct call *call;
    struct lambda_host host;
    struct loop *loop;
    struct lambda_call answer;
    struct buf payload;
    struct tail early; /* what was written before it asked for work */
    bool is_answered;
    bool is_waited_for; /* an Event here: until it has run */
    bool has_failed;    /* that one */
};

/* --- what is sent ------------------------------------------------------------------- */

static int read_payload(struct run *run, struct err *err)
{
    const char *event = call_given(run->call, "event");
    struct scan_span root;
    struct scan_fault fault;

    buf_init(&run->payload, INVOKE_SYNC_BYTES);
    if (event == NULL)
        return fixture_make(BYTES("track"), NULL, 0, &run->payload, err);
    if (event[0] == '{' || event[0] == '[')
        (void)buf_add_text(&run->payload, event);
    else if (input_read(event, &run->payload, err) < 0)
        return -1;
    if (run->payload.len == 0 || scan_json(buf_bytes(&run->payload), NULL, &root, &fault))
        return 0;
    return err_code(err, "PA7029", ERR_FAILED, "--event is no JSON: %s at byte %zu",
                    fault.why, fault.offset);
}

static int check_context(const struct run *run, struct err *err)
{
    const char *text = call_given(run->call, "client-context");
    cleanup(json_freep) struct json *json = NULL;

    if (text == NULL)
        return 0;
    if (json_parse(bytes_str(text), &json, err) == 0 && json_kind(json) == JSON_OBJECT)
        return 0;
    return err_code(err, "PA7003", ERR_USAGE, "--client-context wants a JSON object");
}

/* --- a host of its own -------------------------------------------------------------- */

static void look_done(struct run *run)
{
    if (run->is_answered && !run->is_waited_for)
        loop_stop(run->loop);
}

static void on_notice(void *arg, const struct host_notice *notice)
{
    struct run *run = arg;

    switch (notice->kind) {
    case HOST_LOG:
        if (notice->id == NULL)
            tail_addf(&run->early, "%s\n", notice->text);
        return;
    case HOST_NOTE:
        return;
    case HOST_INVOCATION:
        run->is_waited_for = false;
        run->has_failed = notice->error_type != NULL;
        look_done(run);
        return;
    }
}

static int start_host(struct run *run, char url[URL_BYTES], struct err *err)
{
    struct host_options options = {
        .listen_host = "127.0.0.1", .notice_fn = on_notice, .arg = run};

    if (lambda_host_start(&run->host, run->call, call_arg(run->call, 0), NULL, &options,
                          err) < 0)
        return -1;
    run->loop = run->host.loop;
    snprintf(url, URL_BYTES, "http://127.0.0.1:%d", host_port(run->host.host));
    return 0;
}

/* --- its answer --------------------------------------------------------------------- */

static void add_lines(struct write *write, struct bytes log)
{
    while (log.len > 0) {
        const struct bytes line = bytes_take_until(&log, '\n');

        if (line.len > 0)
            write_string(write, line);
    }
}

static void write_error(struct write *write, const struct json *error)
{
    write_object(write);
    write_member_string(write, "type", json_string(json_get(error, "errorType")));
    write_member_string(write, "message", json_string(json_get(error, "errorMessage")));
    write_object_end(write);
}

static void print_json(const struct run *run, const struct json *error)
{
    const struct lambda_call *answer = &run->answer;
    cleanup(buf_done) struct buf json = {0};
    struct scan_span root;
    struct scan_fault fault;
    struct write write;

    buf_init(&json, JSON_BYTES);
    write_init(&write, &json);
    write_object(&write);
    write_member_i64(&write, "status", answer->status);
    write_member_string(&write, "request_id", answer->request_id);
    write_key(&write, "result");
    if (answer->body.len == 0 || answer->function_error.len > 0)
        write_null(&write);
    else if (scan_json(answer->body, NULL, &root, &fault))
        write_compact(&write, answer->body);
    else
        write_string(&write, answer->body);
    write_key(&write, "error");
    if (answer->function_error.len > 0)
        write_error(&write, error);
    else
        write_null(&write);
    write_key(&write, "logs");
    write_array(&write);
    add_lines(&write, tail_bytes(&run->early));
    add_lines(&write, buf_bytes(&answer->log));
    write_array_end(&write);
    write_key(&write, "duration_ms");
    write_double(&write, (double)answer->duration_us / 1000);
    write_object_end(&write);
    print_record(&run->call->out, buf_bytes(&json));
}

static void say_lines(const struct call *call, struct bytes log)
{
    while (log.len > 0) {
        cleanup(buf_done) struct buf clean = {0};

        buf_init(&clean, TEXT_BYTES);
        print_clean(bytes_take_until(&log, '\n'), &clean);
        if (clean.len > 0)
            call_say(call, "  %s", buf_text(&clean));
    }
}

static void say_log(const struct run *run, bool has_failed)
{
    const struct bytes log = buf_bytes(&run->answer.log);

    if (run->early.len + log.len == 0 || !(has_failed || call_has(run->call, "log")))
        return;
    call_say(run->call, "Log output");
    say_lines(run->call, tail_bytes(&run->early));
    say_lines(run->call, log);
}

static void show_error(const struct run *run, const struct json *error)
{
    cleanup(buf_done) struct buf clean = {0};
    struct err err = {0};

    buf_init(&clean, TEXT_BYTES);
    print_clean(json_string(json_get(error, "errorType")), &clean);
    (void)buf_add_text(&clean, ": ");
    print_clean(json_string(json_get(error, "errorMessage")), &clean);
    err_code(&err, "PA9020", ERR_CHECKS_FAILED, "%s", buf_text(&clean));
    diagnostic_print(&run->call->err, &err);
}

static void print_human(const struct run *run, const struct json *error)
{
    const struct lambda_call *answer = &run->answer;
    const bool has_failed = answer->function_error.len > 0 || run->has_failed;
    cleanup(buf_done) struct buf line = {0};

    buf_init(&line, TEXT_BYTES);
    buf_add_text(&line, has_failed ? "Executed" : "Successfully executed");
    if (answer->status == 202)
        buf_add_text(&line,
                     run->host.host != NULL ? " as an Event" : ", or soon, as an Event");
    else if (answer->status == 204)
        buf_add_text(&line, " nothing: it could be invoked");
    buf_add_text(&line, ": ");
    print_clean(bytes_str(call_arg(run->call, 0)), &line);
    buf_add_text(&line, " in ");
    print_duration(answer->duration_us, &line);
    call_say(run->call, "%s", buf_text(&line));
    if (answer->function_error.len > 0)
        show_error(run, error);
    say_log(run, has_failed);
    if (answer->body.len > 0 && answer->function_error.len == 0) {
        fflush(run->call->err.file);
        print_record(&run->call->out, answer->body);
    }
}

static enum err_exit exit_of(int status)
{
    if (status == 401 || status == 403)
        return ERR_AUTH;
    if (status == 404)
        return ERR_NOT_FOUND;
    return status == 429 || status >= 500 ? ERR_TRY_LATER : ERR_FAILED;
}

static int refused(const struct lambda_call *answer, const struct json *json,
                   struct err *err)
{
    struct bytes message = json_string(json_get(json, "Message"));
    cleanup(buf_done) struct buf clean = {0};

    if (message.len == 0)
        message = json_string(json_get(json, "message"));
    buf_init(&clean, TEXT_BYTES);
    print_clean(answer->refusal, &clean);
    if (message.len > 0)
        (void)buf_add_text(&clean, answer->refusal.len > 0 ? ": " : "");
    print_clean(message, &clean);
    return err_code(err, "PA9022", exit_of(answer->status), "Invoke answered %d %s",
                    answer->status, buf_text(&clean));
}

static int show(const struct run *run, struct err *err)
{
    const struct lambda_call *answer = &run->answer;
    cleanup(json_freep) struct json *json = NULL;

    if (answer->status == 0) {
        err_code(err, "PA9021", ERR_TRY_LATER, "no Lambda service answers: %s",
                 answer->error);
        return err_help(err, "start one: partnerapp lambda serve --function F");
    }
    if (json_parse(answer->body, &json, NULL) < 0)
        json = NULL;
    if (answer->status >= 300)
        return refused(answer, json, err);
    if (run->call->wants_json)
        print_json(run, json);
    else
        print_human(run, json);
    return answer->function_error.len > 0 || run->has_failed ? (int)ERR_CHECKS_FAILED : 0;
}

/* --- all of it ---------------------------------------------------------------------- */

static void on_answered(void *arg)
{
    struct run *run = arg;

    run->is_answered = true;
    if (run->answer.status != 202)
        run->is_waited_for = false;
    look_done(run);
}

static int send(struct run *run, const char *url, struct err *err)
{
    const bool is_here = run->host.host != NULL;
    const char *type = call_text(run->call, "type");
    const bool is_sync = strcmp(type, "RequestResponse") == 0;
    const struct lambda_wish wish = {
        .url = url,
        .function = is_here ? "function" : call_arg(run->call, 0),
        .type = type,
        .payload = buf_bytes(&run->payload),
        .context = bytes_str(call_given(run->call, "client-context")),
        .wants_tail = is_sync && (is_here || call_has(run->call, "log")),
        .timeout_ms = call_duration_ms(run->call, "timeout") + SLACK_MS,
    };

    run->is_waited_for = is_here && strcmp(type, "Event") == 0;
    if (lambda_call_start(&run->answer, run->loop, &wish, on_answered, run, err) < 0)
        return -1;
    loop_run(run->loop);
    return show(run, err);
}

static int run_all(struct run *run, struct err *err)
{
    const char *given = call_given(run->call, "url");
    char url[URL_BYTES] = "";

    if (check_context(run, err) < 0 || read_payload(run, err) < 0)
        return -1;
    if (given == NULL)
        return start_host(run, url, err) < 0 ? -1 : send(run, url, err);
    run->loop = loop_new();
    return send(run, given, err);
}

int lambda_invoke_run(struct call *call, struct err *err)
{
    struct run run = {.call = call};
    int answer = run_all(&run, err);
    const bool is_own_loop = run.host.loop == NULL && run.loop != NULL;

    lambda_call_done(&run.answer);
    lambda_host_stop(&run.host);
    if (is_own_loop)
        loop_free(run.loop);
    buf_done(&run.payload);
    return answer;
}
