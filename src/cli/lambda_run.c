/* SPDX-License-Identifier: MIT */

/*
 * lambda run: a function behind Lambda's Runtime API. With FUNCTION it is a developer's
 * process under a host on this machine; without it is what `bootstrap` in a package is,
 * and everything lies below LAMBDA_TASK_ROOT (lambda/package/package.h).
 */

#include <stdio.h>
#include <unistd.h>

#include "base/err.h"
#include "cli/call.h"
#include "cli/commands.h"
#include "cli/fn_given.h"
#include "cli/fn_project.h"
#include "cli/input.h"
#include "cli/setup.h"
#include "lambda/runtime/function.h"
#include "lambda/runtime/manifest.h"
#include "json/json.h"

enum {
    RUNNER_MEMORY = 128 << 20,
    LEAST_MEMORY = 64 << 20,
    OWN_MEMORY_MB = 32, /* what this process wants of the machine's */
    SLICE_MS = 1000,
    MAX_ALLOWED = 64,
    SETTINGS_BYTES = 1 << 20,
    MAX_AT_ONCE = 64,
};

struct lambda_run {
    const struct call *call;
    struct arena arena;
    struct fn_code code; /* of FUNCTION */
    struct buf source;   /* of a package */
    struct buf settings;
    const char *allow[MAX_ALLOWED];
    char runner[FN_CODE_PATH];
    struct function_options options;
};

/* Empty counts as unset: a template's variables are there with nothing in them. */
static const char *environment(const char *name)
{
    const char *text = getenv(name);

    return text != NULL && text[0] != '\0' ? text : NULL;
}

static int64_t environment_number(const char *name)
{
    int64_t number = 0;

    return bytes_to_i64(bytes_str(environment(name)), &number) ? number : 0;
}

static int find_api(struct lambda_run *run, struct err *err)
{
    const char *api = environment("AWS_LAMBDA_RUNTIME_API");

    if (api != NULL) {
        run->options.api = bytes_str(api);
        return 0;
    }
    err_code(
        err, "PA9010", ERR_USAGE,
        "AWS_LAMBDA_RUNTIME_API is not set: `lambda run` is started by Lambda, or by "
        "a host that plays it");
    return err_help(err, "partnerapp lambda serve --function %s",
                    run->call->n_args > 0 ? call_arg(run->call, 0) : "FUNCTION");
}

/* --- FUNCTION ----------------------------------------------------------------------- */

static int merge(struct json *settings, const char *text, const char *what,
                 struct err *err)
{
    cleanup(json_freep) struct json *over = NULL;

    if (text == NULL)
        return 0;
    if (json_parse(bytes_str(text), &over, err) < 0)
        return err_wrap(err, "%s", what);
    if (json_kind(over) != JSON_OBJECT)
        return err_code(err, "PA7003", ERR_USAGE, "%s wants a JSON object", what);
    json_merge(settings, over);
    return 0;
}

/* The same layers as in the service: the subscription's settings with its endpoint among
 * them, over those of the environment. */
static int read_settings(struct lambda_run *run, struct err *err)
{
    cleanup(json_freep) struct json *settings = json_object();
    const struct fn_code *code = &run->code;

    if (merge(settings, environment("PARTNERAPP_SETTINGS"), "PARTNERAPP_SETTINGS", err) <
        0)
        return -1;
    if (code->endpoint != NULL)
        json_set_string(settings, "endpoint", bytes_str(code->endpoint));
    if (merge(settings, code->configured, "the subscription's settings", err) < 0)
        return -1;
    if (json_print(settings, /* indented= */ false, &run->settings) != 0)
        return err_set(err, "the settings are larger than %d bytes", SETTINGS_BYTES);
    run->options.settings = buf_bytes(&run->settings);
    return 0;
}

static int read_function(struct lambda_run *run, struct err *err)
{
    struct fn_code *code = &run->code;
    struct fn_code_wish wish;

    fn_given_wish(run->call, &wish);
    if (fn_given_code(code, &wish, err) < 0 || fn_project_read(code, run->call, err) < 0)
        return -1;
    run->options.code = (struct pool_code){
        .name = bytes_str(code->path),
        .source = buf_bytes(&code->source),
        .timeout_ms = code->wish.timeout_ms,
        .slice_ms = code->wish.slice_ms,
        .generation = code->wish.generation,
        .allow_eval = code->wish.allow_eval,
        .is_fresh = code->wish.is_fresh,
    };
    return setup_runner(run->runner, sizeof(run->runner), err);
}

/* --- a package ---------------------------------------------------------------------- */

static const char *in_root(struct lambda_run *run, const char *path)
{
    const char *root = environment("LAMBDA_TASK_ROOT");

    return arena_printf(&run->arena, "%s/%s", root != NULL ? root : ".", path);
}

static int read_manifest(struct lambda_run *run, struct err *err)
{
    const char *path = in_root(run, "function/function.json");
    cleanup(buf_done) struct buf text = {0};
    struct manifest manifest;

    buf_init(&text, MANIFEST_BYTES);
    if (input_read(path, &text, err) < 0)
        return -1;
    if (manifest_read(buf_bytes(&text), &run->arena, &manifest, err) < 0)
        return err_wrap(err, "%s", path);
    run->options.code = (struct pool_code){
        .name = manifest.name.len > 0 ? manifest.name : BYTES("function/index.js"),
        .timeout_ms = manifest.timeout_ms,
        .slice_ms = manifest.slice_ms > 0 ? manifest.slice_ms : SLICE_MS,
        .generation = manifest.generation,
        .allow_eval = manifest.allow_eval,
        .is_fresh = manifest.is_fresh,
    };
    return 0;
}

static int read_package(struct lambda_run *run, struct err *err)
{
    const char *path = in_root(run, "function/index.js");
    const char *ca_file = in_root(run, "lib/ca-certificates.crt");
    const char *runner = in_root(run, "lib/partnerapp-runner");

    if (read_manifest(run, err) < 0 || input_read(path, &run->source, err) < 0)
        return -1;
    run->options.code.source = buf_bytes(&run->source);
    if (environment("SSL_CERT_FILE") == NULL && access(ca_file, R_OK) == 0)
        (void)setenv("SSL_CERT_FILE", ca_file, 1);
    if (access(runner, X_OK) != 0)
        return setup_runner(run->runner, sizeof(run->runner), err);
    if ((size_t)snprintf(run->runner, sizeof(run->runner), "%s", runner) >=
        sizeof(run->runner))
        return err_set(err, "LAMBDA_TASK_ROOT is too long");
    return 0;
}

/* --- both --------------------------------------------------------------------------- */

static int read_allowed(struct lambda_run *run, struct err *err)
{
    struct bytes left = bytes_str(environment("PARTNERAPP_EGRESS_ALLOW"));

    while (left.len > 0) {
        struct bytes words = bytes_take_until(&left, ',');

        while (words.len > 0) {
            const struct bytes word = bytes_take_until(&words, ' ');

            if (word.len == 0)
                continue;
            if (run->options.n_egress_allow == MAX_ALLOWED)
                return err_set(err, "PARTNERAPP_EGRESS_ALLOW has more than %d entries",
                               MAX_ALLOWED);
            run->allow[run->options.n_egress_allow++] = arena_copy(&run->arena, word);
        }
    }
    return 0;
}

/* A runner that swells must be ended by us, not with the whole machine by Lambda: only
 * then is the event tried again. */
static int64_t runner_memory(void)
{
    const int64_t whole_mb = environment_number("AWS_LAMBDA_FUNCTION_MEMORY_SIZE");
    const int64_t left_bytes = (whole_mb - OWN_MEMORY_MB) * (1 << 20);

    if (whole_mb <= 0 || whole_mb > INT32_MAX || left_bytes >= RUNNER_MEMORY)
        return RUNNER_MEMORY;
    return left_bytes > LEAST_MEMORY ? left_bytes : LEAST_MEMORY;
}

static void read_limits(struct lambda_run *run)
{
    const int64_t n_at_once = environment_number("AWS_LAMBDA_MAX_CONCURRENCY");
    struct pool_code *code = &run->options.code;

    run->options.memory_bytes = runner_memory();
    if (n_at_once > 0)
        run->options.n_at_once =
            n_at_once < MAX_AT_ONCE ? (unsigned)n_at_once : MAX_AT_ONCE;
    if (code->timeout_ms > 0 && code->slice_ms > code->timeout_ms)
        code->slice_ms = code->timeout_ms;
}

static int run_all(struct lambda_run *run, struct err *err)
{
    const bool is_package = run->call->n_args == 0;

    if (find_api(run, err) < 0 || read_allowed(run, err) < 0 ||
        (is_package ? read_package(run, err) : read_function(run, err)) < 0 ||
        read_settings(run, err) < 0)
        return -1;
    read_limits(run);
    run->options.egress_allow = run->allow;
    run->options.runner = run->runner;
    run->options.may_reach_loopback = call_has(run->call, "allow-loopback");
    return function_serve(&run->options, err);
}

int lambda_run_run(struct call *call, struct err *err)
{
    struct lambda_run run = {.call = call};
    int answer;

    arena_init(&run.arena);
    buf_init(&run.source, POOL_SOURCE_BYTES);
    buf_init(&run.settings, SETTINGS_BYTES);
    answer = run_all(&run, err);
    fn_code_close(&run.code);
    buf_done(&run.settings);
    buf_done(&run.source);
    arena_done(&run.arena);
    return answer;
}
