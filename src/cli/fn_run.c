/* SPDX-License-Identifier: MIT */

/* fn run: one event through one function, once, with everything shown (interface §8). */

#include "base/err.h"
#include "cli/call.h"
#include "cli/commands.h"
#include "cli/diagnostic.h"
#include "cli/fn_again.h"
#include "cli/fn_given.h"
#include "cli/fn_project.h"
#include "trial/fn_code.h"
#include "trial/fn_event.h"
#include "trial/fn_fault.h"
#include "trial/fn_load.h"
#include "trial/fn_mock.h"
#include "trial/fn_play.h"
#include "json/write.h"

enum { JSON_BYTES = 16 << 20 };

struct run {
    const struct call *call;
    struct fn_code code;
    struct fn_settings settings;
    struct fn_event event;
    struct fn_mocks mocks;
    struct fn_play play;
};

static void print_json(const struct run *run)
{
    struct buf json;
    struct write write;

    buf_init(&json, JSON_BYTES);
    write_init(&write, &json);
    write_object(&write);
    fn_play_write(&run->play, &write);
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

static const char *how_answered(const struct fn_fetch_line *line, bool is_live)
{
    if (is_live)
        return "";
    return line->is_mocked ? "     (a mock; for real: --live)"
                           : "     (answered here; for real: --live)";
}

static void say_requests(const struct run *run)
{
    const struct fn_fetch *fetch = &run->play.fetch;
    struct fn_fetch_line line;

    if (fetch->n_requests > 0)
        call_say(run->call, "Requests (%zu)", fetch->n_requests);
    for (size_t i = 0; fn_fetch_line(fetch, i, &line); i++) {
        struct buf text;

        buf_init(&text, JSON_BYTES);
        buf_addf(&text, "%.*s %.*s → ", BYTES_FMT(line.method), BYTES_FMT(line.url));
        if (line.status != 0)
            buf_addf(&text, "%d", line.status);
        else
            buf_add_text(&text, line.error);
        if (fetch->is_live) {
            buf_add_text(&text, " in ");
            print_duration(line.duration_us, &text);
        }
        buf_add_text(&text, how_answered(&line, fetch->is_live));
        say_clean(run->call, "  ", buf_bytes(&text));
        buf_done(&text);
    }
}

static void say_headline(const struct run *run)
{
    const struct fn_play *play = &run->play;
    bool is_good = play->outcome == OUTCOME_DELIVERED;
    cleanup(buf_done) struct buf line = {0};

    buf_init(&line, JSON_BYTES);
    buf_addf(&line, "%s function %.*s", is_good ? "Successfully executed" : "Executed",
             BYTES_FMT(fn_code_name(&run->code)));
    if (play->handler != NULL && play->handler[0] != '\0')
        buf_addf(&line, " (%s)", play->handler);
    buf_add_text(&line, " in ");
    print_duration(play->duration_us, &line);
    if (!is_good)
        buf_addf(&line, ": %s", fn_play_outcome_text(play->outcome));
    call_say(run->call, "%s", buf_text(&line));
}

static void show_error(const struct run *run)
{
    cleanup(buf_done) struct buf again = {0};
    struct err err = {0};
    struct fn_fault fault;
    bool can_again;

    buf_init(&again, sizeof(err.help) - 64);
    can_again = fn_again_call(run->call, &again) && !again.full;
    fault = fn_play_fault(&run->play, can_again ? buf_text(&again) : NULL);
    if (run->play.is_load)
        fn_load_describe(&run->code, &err);
    else
        fn_fault_describe(&fault, run->code.path, buf_bytes(&run->code.source), &err);
    diagnostic_print(&run->call->err, &err);
}

/* The story on stderr, the return value on stdout: a pipe gets just that. */
static void print_human(const struct run *run)
{
    const struct fn_play *play = &run->play;

    if (!play->is_load)
        say_headline(run);
    if (play->error_message != NULL)
        show_error(run);
    if (play->logs != NULL && play->logs[0] != NULL)
        call_say(run->call, "Log output");
    for (const char **log = play->logs; log != NULL && *log != NULL; log++)
        say_clean(run->call, "  ", bytes_str(*log));
    if (play->n_logs_dropped > 0)
        call_say(run->call, "  … %u more lines were not kept", play->n_logs_dropped);
    say_requests(run);
    if (play->value.len > 0) {
        call_say(run->call, "Callback return");
        fflush(run->call->err.file);
        print_record(&run->call->out, play->value);
    }
}

/* A source function waits for requests, so an event would only find nobody at home. */
static int check_entry(const struct run *run, struct err *err)
{
    if (!fn_code_is_source(&run->code) || run->event.entry == POOL_REQUEST)
        return 0;
    err_code(err, "PA7003", ERR_USAGE, "%s is a source function: it wants a request",
             run->code.path);
    return err_help(err, "partnerapp fn run %s --request FILE", run->code.wish.given);
}

static int run_all(struct run *run, struct err *err)
{
    struct fn_code_wish wish;
    struct fn_play_wish how = {.is_live = call_has(run->call, "live"),
                               .mocks = {&run->mocks}};
    char mocks[FN_CODE_PATH + 8];

    fn_given_wish(run->call, &wish);
    if (fn_given_code(&run->code, &wish, err) < 0 ||
        fn_project_read(&run->code, run->call, err) < 0)
        return -1;
    snprintf(mocks, sizeof(mocks), "%s/mocks", fn_code_folder(&run->code));
    if (fn_given_settings(&run->settings, run->call, &run->code, err) < 0 ||
        fn_given_event(&run->event, &run->settings, run->call, err) < 0 ||
        fn_mocks_read(&run->mocks, mocks, err) < 0 || fn_code_load(&run->code, err) < 0 ||
        check_entry(run, err) < 0 ||
        fn_play(&run->play, &run->code, &run->event, &how, err) < 0)
        return -1;
    if (run->call->wants_json)
        print_json(run);
    else
        print_human(run);
    return run->play.outcome == OUTCOME_DELIVERED ? 0 : ERR_CHECKS_FAILED;
}

int fn_run_run(struct call *call, struct err *err)
{
    struct run run = {.call = call};
    int answer = run_all(&run, err);

    fn_play_done(&run.play);
    fn_mocks_done(&run.mocks);
    fn_event_done(&run.event);
    fn_settings_done(&run.settings);
    fn_code_close(&run.code);
    return answer;
}
