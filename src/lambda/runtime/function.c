/* SPDX-License-Identifier: MIT */

#include "lambda/runtime/function.h"

#include "base/err.h"
#include "lambda/runtime/function_run.h"
#include "net/client.h"
#include "net/egress.h"
#include "sys/loop.h"

enum { CONNECTIONS_PER_HOST = 32, TEXT_BYTES = 8192 };

static void on_loaded(void *arg, struct pool_function *code,
                      const struct pool_loaded *loaded)
{
    struct function *function = arg;

    (void)code;
    function->is_loaded = loaded->ok;
    loop_stop(function->loop);
    if (loaded->ok)
        return;
    (void)buf_add_text(&function->type,
                       loaded->error_name != NULL ? loaded->error_name : "Error");
    (void)buf_add_text(&function->message, loaded->error_message != NULL
                                               ? loaded->error_message
                                               : "the code does not load");
    if (loaded->line > 0)
        (void)buf_addf(&function->message, " (%.*s:%d)",
                       BYTES_FMT(function->options->code.name), loaded->line);
}

static int refuse(struct function *function, struct err *err)
{
    const struct runtime_failure failure = {
        .type = buf_bytes(&function->type),
        .message = buf_bytes(&function->message),
    };
    struct err lost = {0};

    (void)err_set(err, "%s: %s", buf_text(&function->type), buf_text(&function->message));
    if (runtime_refuse_init(function->options->api, &failure, &lost) < 0)
        (void)err_help(err, "it could not be told to Lambda: %s", lost.text);
    return -1;
}

static int serve(struct function *function, struct err *err)
{
    const struct runtime_options options = {
        .api = function->options->api,
        .n_at_once = function->options->n_at_once,
        .begin_fn = function_run_begin,
        .deadline_fn = function_run_expire,
        .arg = function,
    };
    struct runtime *runtime = runtime_new(function->loop, &options);
    int answer = runtime_run(runtime, err);

    runtime_free(runtime);
    return answer;
}

static int load_and_serve(struct function *function, struct err *err)
{
    const struct function_options *options = function->options;
    const struct pool_options runners = {
        .runner = options->runner,
        .count = 1,
        .memory_bytes = options->memory_bytes,
        .minimum = SANDBOX_LEVEL_LAMBDA,
    };
    struct pool_code code = options->code;

    code.in_flight = options->n_at_once;
    function->loop = loop_new();
    function->pool = pool_new(function->loop, &runners);
    function->code = pool_load(function->pool, &code, on_loaded, function);
    function->client = client_new(function->loop, CONNECTIONS_PER_HOST);
    loop_run(function->loop);
    return function->is_loaded ? serve(function, err) : refuse(function, err);
}

int function_serve(const struct function_options *options, struct err *err)
{
    struct function function = {.options = options};
    int answer;

    if (egress_new(options->egress_allow, options->n_egress_allow,
                   options->may_reach_loopback, &function.egress, err) < 0)
        return -1;
    buf_init(&function.type, TEXT_BYTES);
    buf_init(&function.message, TEXT_BYTES);
    answer = load_and_serve(&function, err);
    pool_free(function.pool);
    function_run_drop_all(&function);
    client_free(function.client);
    loop_free(function.loop);
    egress_free(function.egress);
    buf_done(&function.type);
    buf_done(&function.message);
    return answer;
}
