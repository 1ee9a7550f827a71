/* SPDX-License-Identifier: MIT */

#include "cli/fn_given.h"

#include "base/err.h"
#include "cli/call.h"
#include "cli/fixture.h"
#include "cli/input.h"
#include "cli/setup.h"
#include "json/json.h"

enum {
    RUNNER_MEMORY = 128 << 20,
    SLICE_MS = 1000,
    SETTINGS_BYTES = 4 << 20,
};

void fn_given_wish(const struct call *call, struct fn_code_wish *ret_wish)
{
    static const struct {
        const char *word;
        enum pool_generation generation;
    } generations[] = {
        {"custom", POOL_CUSTOM},
        {"subscription", POOL_SUBSCRIPTION},
        {"functions", POOL_FUNCTIONS},
    };
    const char *word = call_text(call, "generation");

    *ret_wish = (struct fn_code_wish){
        .given = call_arg(call, 0),
        .allow_eval =
            call_has(call, "allow-eval") ? POOL_EVAL_ON : POOL_EVAL_BY_GENERATION,
        .slice_ms = SLICE_MS,
    };
    for (size_t i = 0; word != NULL && i < COUNT(generations); i++) {
        if (strcmp(word, generations[i].word) == 0)
            ret_wish->generation = generations[i].generation;
    }
}

static int find_runners(struct fn_code *code, struct err *err)
{
    char runner[FN_CODE_PATH];

    if (setup_runner(runner, sizeof(runner), err) < 0)
        return -1;
    code->wish.runners = (struct pool_options){
        .runner = arena_text(&code->arena, runner),
        .count = 1,
        .memory_bytes = RUNNER_MEMORY,
        .minimum = SANDBOX_LEVEL_LAMBDA,
    };
    return 0;
}

int fn_given_code(struct fn_code *code, const struct fn_code_wish *wish, struct err *err)
{
    fn_code_open(code, wish);
    if (input_read(code->path, &code->source, err) < 0)
        return -1;
    fn_code_strip(code);
    return find_runners(code, err);
}

static int read_settings(struct fn_settings *settings, const char *text, struct err *err)
{
    cleanup(buf_done) struct buf file = {0};
    bool is_file = text[0] == '@';

    buf_init(&file, SETTINGS_BYTES);
    if (is_file && input_read(text + 1, &file, err) < 0)
        return -1;
    if (json_parse(is_file ? buf_bytes(&file) : bytes_str(text), &settings->given, err) <
        0) {
        err->exit_code = is_file ? err->exit_code : ERR_USAGE;
        return err_wrap(err, "%s", is_file ? text + 1 : "--settings");
    }
    return fn_settings_want(settings->given, "--settings", err);
}

int fn_given_settings(struct fn_settings *settings, const struct call *call,
                      struct fn_code *code, struct err *err)
{
    const char *text = call_given(call, "settings");

    if (fn_settings_read(settings, code, err) < 0)
        return -1;
    return text != NULL ? read_settings(settings, text, err) : 0;
}

static int read_event(struct fn_event *event, const struct fn_settings *settings,
                      const char *file, struct err *err)
{
    cleanup(buf_done) struct buf text = {0};

    buf_init(&text, POOL_VALUE_BYTES);
    if (file != NULL ? input_read(file, &text, err) < 0
                     : fixture_make(BYTES("track"), NULL, 0, &text, err) < 0)
        return -1;
    return fn_event_split(event, buf_bytes(&text), file != NULL ? file : "the event",
                          settings, err);
}

/* What is no JSON is the body as it came, as a form would be. */
static int read_request(struct fn_event *event, const struct fn_settings *settings,
                        const char *file, struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;
    cleanup(buf_done) struct buf text = {0};

    buf_init(&text, POOL_VALUE_BYTES);
    if (input_read(file, &text, err) < 0)
        return -1;
    if (json_parse(buf_bytes(&text), &json, NULL) < 0) {
        json = json_object();
        json_set_string(json, "body", buf_bytes(&text));
    }
    return fn_event_make(event, POOL_REQUEST, json, NULL, settings, err);
}

int fn_given_event(struct fn_event *event, const struct fn_settings *settings,
                   const struct call *call, struct err *err)
{
    const char *request = call_given(call, "request");
    const char *file = call_given(call, "event");

    *event = (struct fn_event){0};
    if (request != NULL && file != NULL)
        return err_code(err, "PA7003", ERR_USAGE,
                        "--event and --request: one of them is what the code is given");
    return request != NULL ? read_request(event, settings, request, err)
                           : read_event(event, settings, file, err);
}
