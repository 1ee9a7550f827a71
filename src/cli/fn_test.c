/* SPDX-License-Identifier: MIT */

/* fn test: the Developer Center's suite and the function's own tests (ux §1.3, §2.3). */

#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "cli/call.h"
#include "cli/commands.h"
#include "cli/diagnostic.h"
#include "cli/fn_given.h"
#include "cli/fn_project.h"
#include "cli/fn_record.h"
#include "cli/fn_report.h"
#include "cli/fn_watch.h"
#include "cli/signals.h"
#include "sys/clock.h"
#include "trial/fn_case.h"
#include "trial/fn_code.h"
#include "trial/fn_load.h"
#include "trial/fn_mock.h"
#include "trial/fn_verdict.h"
#include "json/json.h"

struct round {
    const struct call *call;
    struct fn_code code;
    struct fn_settings settings;
    struct fn_mocks mocks;
    struct fn_cases cases;
    struct fn_verdict *verdicts;
    size_t n_verdicts;
    struct fn_report report;
};

static void count(struct fn_report *report, enum fn_color color)
{
    report->n_passed += color == FN_GREEN;
    report->n_unsupported += color == FN_YELLOW;
    report->n_failed += color == FN_RED;
}

/* One after the other, as the Developer Center sends them. */
static int run_cases(struct round *round, struct err *err)
{
    const struct fn_verdict_wish wish = {
        .settings = &round->settings,
        .mocks = &round->mocks,
        .is_live = call_has(round->call, "live"),
        .is_strict = call_has(round->call, "strict"),
    };

    for (size_t i = 0; i < round->cases.n; i++) {
        struct fn_verdict *verdict = &round->verdicts[i];

        round->n_verdicts++;
        if (fn_verdict_reach(verdict, &round->cases.list[i], &round->code, &wish, err) <
            0)
            return -1;
        count(&round->report, verdict->color);
        if (!round->call->wants_json)
            fn_report_line(&round->report, verdict);
    }
    return 0;
}

/* What a person would not want to be repeated for ever: a type without a handler. */
static int record(struct round *round, struct err *err)
{
    for (size_t i = 0; i < round->n_verdicts; i++) {
        if (round->verdicts[i].color != FN_YELLOW &&
            fn_record_write(round->call, &round->code, &round->verdicts[i], err) < 0)
            return -1;
    }
    return 0;
}

static int report(struct round *round, struct err *err)
{
    const char *junit = call_given(round->call, "junit");

    if (round->call->wants_json)
        fn_report_json(&round->report);
    else
        fn_report_end(&round->report);
    round->settings.is_unsent = !call_has(round->call, "live");
    if (call_has(round->call, "record") && record(round, err) < 0)
        return -1;
    if (junit != NULL && fn_report_junit(&round->report, junit, err) < 0)
        return -1;
    return round->report.n_failed > 0 ? ERR_CHECKS_FAILED : 0;
}

static int want_cases(struct round *round, struct err *err)
{
    const char *only = call_given(round->call, "only");

    if (round->cases.n > 0)
        return 0;
    if (only != NULL)
        return err_code(err, "PA7003", ERR_USAGE, "no test is `%s`", only);
    err_code(err, "PA2043", ERR_CHECKS_FAILED,
             "nothing to test: a source function has only tests of its own");
    return err_help(err, "write one into %s/tests: partnerapp explain PA2041",
                    fn_code_folder(&round->code));
}

static int start(struct round *round, const char *folder, struct err *err)
{
    const char *mocks = arena_printf(&round->code.arena, "%s/mocks", folder);

    if (fn_given_settings(&round->settings, round->call, &round->code, err) < 0 ||
        fn_mocks_read(&round->mocks, mocks, err) < 0)
        return -1;
    round->settings.is_unsent = !call_has(round->call, "live");
    if (call_has(round->call, "record") && !call_has(round->call, "live"))
        round->settings.mask = fn_record_mask;
    return fn_code_load(&round->code, err);
}

static int run_round(struct round *round, struct err *err)
{
    int64_t started_us = clock_now_us();

    if (start(round, fn_code_folder(&round->code), err) < 0)
        return -1;
    if (!round->code.is_ok) {
        fn_load_describe(&round->code, err);
        return -1;
    }
    if (fn_cases_read(&round->cases, &round->code, err) < 0)
        return -1;
    fn_cases_choose(&round->cases, call_given(round->call, "only"));
    if (want_cases(round, err) < 0)
        return -1;
    round->verdicts = mem_zero((round->cases.n + 1) * sizeof(*round->verdicts));
    round->report = (struct fn_report){.call = round->call,
                                       .code = &round->code,
                                       .cases = &round->cases,
                                       .verdicts = round->verdicts};
    if (!round->call->wants_json)
        fn_report_head(&round->report);
    if (run_cases(round, err) < 0)
        return -1;
    round->report.duration_ms = (double)(clock_now_us() - started_us) / 1000;
    return report(round, err);
}

static void end_round(struct round *round)
{
    for (size_t i = 0; i < round->n_verdicts; i++)
        fn_verdict_done(&round->verdicts[i]);
    free(round->verdicts);
    fn_cases_done(&round->cases);
    fn_mocks_done(&round->mocks);
    fn_settings_done(&round->settings);
    fn_code_close(&round->code);
}

static int read_code(struct round *round, struct err *err)
{
    struct fn_code_wish wish;

    fn_given_wish(round->call, &wish);
    wish.is_fresh = true; /* as the tester does: nothing of one event reaches the next */
    if (fn_given_code(&round->code, &wish, err) < 0)
        return -1;
    return fn_project_read(&round->code, round->call, err);
}

/* One round, after which a watch says whether there is another: FN_WATCH_SAVED. */
static int watch_once(const struct call *call, int signals, struct err *err)
{
    struct round round = {.call = call};
    struct fn_watch *saves = NULL;
    int answer = read_code(&round, err);

    if (answer == 0)
        answer = fn_watch_open(round.code.path, fn_code_folder(&round.code), &saves, err);
    if (answer == 0) {
        struct err failure = {0};

        if (run_round(&round, &failure) < 0)
            diagnostic_print(&call->err, &failure);
        call_say(call, "Waiting for a save; Ctrl-C ends it.");
        answer = fn_watch_wait(saves, signals);
    }
    end_round(&round);
    fn_watch_close(saves);
    return answer;
}

static int watch(const struct call *call, struct err *err)
{
    int signals;
    int answer;

    if (signals_open(&signals, err) < 0)
        return -1;
    do
        answer = watch_once(call, signals, err);
    while (answer == FN_WATCH_SAVED);
    close(signals);
    return answer;
}

int fn_test_run(struct call *call, struct err *err)
{
    struct round round = {.call = call};
    int answer;

    if (call_has(call, "watch"))
        return watch(call, err);
    answer = read_code(&round, err);
    if (answer == 0)
        answer = run_round(&round, err);
    end_round(&round);
    return answer;
}
