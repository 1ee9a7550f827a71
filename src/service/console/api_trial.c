/* SPDX-License-Identifier: MIT */

/* POST /api/v1/functions/{name}/check, run and test: what `fn check`, `fn run` and `fn
 * test` do, on what is in an editor or, without a source, in the file. Blocks, so it is
 * done in the workshop. */

#include "base/err.h"
#include "base/mem.h"
#include "service/console/subject.h"
#include "service/console/workshop.h"
#include "service/dialect.h"
#include "service/site.h"
#include "trial/fn_case.h"
#include "trial/fn_code.h"
#include "trial/fn_event.h"
#include "trial/fn_finding.h"
#include "trial/fn_mock.h"
#include "trial/fn_play.h"
#include "trial/fn_verdict.h"
#include "json/json.h"
#include "json/write.h"

enum { ANSWER_BYTES = 64 << 20, PATH_BYTES = 4200, EVENT_BYTES = 1 << 20 };

struct trial {
    struct workshop_job job;
    struct server_request *request;
    struct subject subject;
    struct json *asked;
    bool is_fresh;
    int (*try_fn)(struct trial *trial, struct err *err);
    /* While it is tried. */
    struct workshop *workshop;
    struct fn_code code;
    struct fn_settings settings;
    struct fn_mocks mocks;
    struct buf body;
    struct write json;
};

static bool is_live(const struct trial *trial)
{
    return json_bool(json_get(trial->asked, "live"));
}

/* --- the code -------------------------------------------------------------------------
 */

static struct fn_code_wish wish_of(const struct trial *trial)
{
    const struct config_subscription *config = trial->subject.config;
    struct fn_code_wish wish = {
        .given = config->function,
        .generation = dialect_generation(config),
        .allow_eval = dialect_eval(config),
        .is_fresh = trial->is_fresh,
        .timeout_ms = config->function_timeout_ms,
        .slice_ms = config->slice_ms,
    };

    workshop_runners(trial->workshop, trial->subject.snapshot->config, &wish.runners);
    return wish;
}

static int open_code(struct trial *trial, struct err *err)
{
    const struct fn_code_wish wish = wish_of(trial);
    const struct json *source = json_get(trial->asked, "source");

    fn_code_open(&trial->code, &wish);
    trial->code.configured = trial->subject.config->settings_json;
    if (json_kind(source) != JSON_STRING) {
        if (subject_read(&trial->subject, &trial->code.source, err) < 0)
            return -1;
    } else if (buf_add(&trial->code.source, json_string(source)) != 0) {
        return err_code(err, "PA7033", ERR_USAGE, "`source` is larger than 1 MiB");
    }
    fn_code_strip(&trial->code);
    return 0;
}

static int read_surroundings(struct trial *trial, struct err *err)
{
    const struct json *given = json_get(trial->asked, "settings");
    const char *folder = fn_code_folder(&trial->code);

    if (fn_settings_read(&trial->settings, &trial->code, err) < 0 ||
        fn_mocks_read(&trial->mocks, arena_printf(&trial->code.arena, "%s/mocks", folder),
                      err) < 0)
        return -1;
    trial->settings.is_unsent = !is_live(trial);
    if (json_kind(given) == JSON_OBJECT) {
        trial->settings.given = json_object();
        json_merge(trial->settings.given, given);
    }
    return 0;
}

/* --- check ----------------------------------------------------------------------------
 */

static void write_place(struct write *json, const char *key, int number)
{
    write_key(json, key);
    if (number > 0)
        write_i64(json, number);
    else
        write_null(json);
}

static void write_finding(struct write *json, const struct fn_finding *finding)
{
    write_object(json);
    write_place(json, "line", finding->line);
    write_place(json, "column", finding->column);
    write_place(json, "width", finding->width);
    write_member_text(json, "code", finding->code);
    write_member_text(json, "message", finding->message);
    write_member_text(json, "help", finding->help);
    write_member_text(json, "severity", finding->is_note ? "note" : "error");
    write_object_end(json);
}

static void write_findings(struct write *json, const struct fn_findings *found)
{
    write_member_bool(json, "ok", fn_findings_are_good(found));
    write_member_text(json, "generation", found->generation);
    write_key(json, "handlers");
    write_array(json);
    for (size_t i = 0; i < found->n_handlers; i++)
        write_text(json, found->handlers[i]);
    write_array_end(json);
    write_key(json, "problems");
    write_array(json);
    for (size_t i = 0; i < found->n; i++)
        write_finding(json, &found->list[i]);
    write_array_end(json);
}

static int try_check(struct trial *trial, struct err *err)
{
    struct fn_findings found;
    int result = fn_findings_read(&found, &trial->code, err);

    if (result == 0)
        write_findings(&trial->json, &found);
    fn_findings_done(&found);
    return result;
}

/* --- run ------------------------------------------------------------------------------
 */

/* A source function gets what is given as its request. */
static int make_event(struct trial *trial, struct fn_event *event, struct err *err)
{
    const struct json *given = json_get(trial->asked, "event");
    cleanup(buf_done) struct buf text = {0};

    *event = (struct fn_event){0};
    if (fn_code_is_source(&trial->code))
        return fn_event_make(event, POOL_REQUEST, given, NULL, &trial->settings, err);
    buf_init(&text, EVENT_BYTES);
    if (json_print(given, /* indented= */ false, &text) != 0)
        return err_code(err, "PA7033", ERR_USAGE, "`event` is larger than 1 MiB");
    return fn_event_split(event, buf_bytes(&text), "`event`", &trial->settings, err);
}

static int play(struct trial *trial, const struct fn_event *event, struct err *err)
{
    const struct fn_play_wish how = {.is_live = is_live(trial),
                                     .egress = trial->subject.snapshot->egress,
                                     .mocks = {&trial->mocks}};
    struct fn_play play;
    int result = fn_play(&play, &trial->code, event, &how, err);

    if (result == 0)
        fn_play_write(&play, &trial->json);
    fn_play_done(&play);
    return result;
}

static int try_run(struct trial *trial, struct err *err)
{
    struct fn_event event = {0};
    int result = -1;

    if (json_kind(json_get(trial->asked, "event")) == JSON_MISSING)
        return err_code(err, "PA7033", ERR_USAGE, "`event` is wanted");
    if (read_surroundings(trial, err) == 0 && fn_code_load(&trial->code, err) == 0) {
        result = make_event(trial, &event, err);
        if (result < 0)
            err->exit_code =
                ERR_USAGE; /* whatever is wrong is wrong with what was sent */
    }
    if (result == 0)
        result = play(trial, &event, err);
    fn_event_done(&event);
    return result;
}

/* --- test -----------------------------------------------------------------------------
 */

struct tally_of_cases {
    int64_t by_color[FN_GREEN + 1];
};

static int try_case(struct trial *trial, const struct fn_case *of,
                    struct tally_of_cases *tally, struct err *err)
{
    const struct fn_verdict_wish wish = {.settings = &trial->settings,
                                         .mocks = &trial->mocks,
                                         .egress = trial->subject.snapshot->egress,
                                         .is_live = is_live(trial)};
    struct fn_verdict verdict;
    int result = fn_verdict_reach(&verdict, of, &trial->code, &wish, err);

    if (result == 0) {
        tally->by_color[verdict.color]++;
        fn_verdict_write(&verdict, &trial->json);
    }
    fn_verdict_done(&verdict);
    return result;
}

static int try_cases(struct trial *trial, const struct fn_cases *cases,
                     struct tally_of_cases *tally, struct err *err)
{
    write_key(&trial->json, "cases");
    write_array(&trial->json);
    for (size_t i = 0; i < cases->n; i++) {
        if (workshop_is_stopping(trial->workshop))
            return err_code(err, "PA7031", ERR_TRY_LATER, "the service is stopping");
        if (try_case(trial, &cases->list[i], tally, err) < 0)
            return -1;
    }
    write_array_end(&trial->json);
    return 0;
}

static void write_sums(struct write *json, const struct fn_code *code,
                       const struct tally_of_cases *tally)
{
    bool is_good = code->is_ok && tally->by_color[FN_RED] == 0;

    write_member_i64(json, "passed", tally->by_color[FN_GREEN]);
    write_member_i64(json, "unsupported", tally->by_color[FN_YELLOW]);
    write_member_i64(json, "failed", tally->by_color[FN_RED]);
    write_member_text(json, "verdict",
                      fn_color_text(!is_good                          ? FN_RED
                                    : tally->by_color[FN_YELLOW] != 0 ? FN_YELLOW
                                                                      : FN_GREEN));
    write_member_text(json, "error",
                      !code->is_ok && code->error_message != NULL ? code->error_message
                                                                  : NULL);
}

static int try_test(struct trial *trial, struct err *err)
{
    struct fn_cases cases = {0};
    struct tally_of_cases tally = {0};
    int result = -1;

    if (read_surroundings(trial, err) < 0 || fn_code_load(&trial->code, err) < 0)
        return -1;
    if (trial->code.is_ok)
        result = fn_cases_read(&cases, &trial->code, err);
    else
        result = 0;
    if (result == 0)
        result = try_cases(trial, &cases, &tally, err);
    if (result == 0)
        write_sums(&trial->json, &trial->code, &tally);
    fn_cases_done(&cases);
    return result;
}

/* --- the request ----------------------------------------------------------------------
 */

static void trial_free(struct trial *trial)
{
    buf_done(&trial->body);
    json_free(trial->asked);
    free(trial);
}

static void run_trial(struct workshop *workshop, struct workshop_job *job)
{
    struct trial *trial = container_of(job, struct trial, job);
    struct err err = {0};
    int result;

    if (workshop_is_stopping(workshop)) {
        site_problem(trial->request, 503, NULL, "the service is stopping");
        trial_free(trial);
        return;
    }
    trial->workshop = workshop;
    buf_init(&trial->body, ANSWER_BYTES);
    write_init(&trial->json, &trial->body);
    write_object(&trial->json);
    result = open_code(trial, &err);
    if (result == 0)
        result = trial->try_fn(trial, &err);
    write_object_end(&trial->json);
    if (result < 0)
        site_problem_err(trial->request, &err);
    else
        site_json(trial->request, 200, &trial->body);
    fn_mocks_done(&trial->mocks);
    fn_settings_done(&trial->settings);
    fn_code_close(&trial->code);
    trial_free(trial);
}

/* Takes @trial. */
static void ask(struct site *site, struct trial *trial)
{
    trial->job.run_fn = run_trial;
    server_keep_open(trial->request);
    if (workshop_ask(site->workshop, &trial->job))
        return;
    site_problem(trial->request, 503, NULL, "too much is tried at once");
    trial_free(trial);
}

static void start(const struct site_call *call, const struct site_field *fields,
                  size_t n_fields, int (*try_fn)(struct trial *trial, struct err *err))
{
    struct trial *trial = mem_new(struct trial);
    struct err err = {0};

    trial->request = call->request;
    trial->try_fn = try_fn;
    if (!subject_find(call, &trial->subject)) {
        trial_free(trial);
    } else if (site_read(call->request, fields, n_fields, &trial->asked, &err) < 0) {
        site_problem_err(call->request, &err);
        trial_free(trial);
    } else {
        trial->is_fresh = try_fn == try_test; /* nothing of one case reaches the next */
        ask(call->site, trial);
    }
}

void api_functions_check(const struct site_call *call)
{
    static const struct site_field fields[] = {{"source", JSON_STRING}};

    start(call, fields, COUNT(fields), try_check);
}

void api_functions_run(const struct site_call *call)
{
    static const struct site_field fields[] = {{"source", JSON_STRING},
                                               {"event", JSON_MISSING},
                                               {"settings", JSON_OBJECT},
                                               {"live", JSON_BOOL}};

    start(call, fields, COUNT(fields), try_run);
}

void api_functions_test(const struct site_call *call)
{
    static const struct site_field fields[] = {
        {"source", JSON_STRING}, {"settings", JSON_OBJECT}, {"live", JSON_BOOL}};

    start(call, fields, COUNT(fields), try_test);
}
