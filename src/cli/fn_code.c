/* SPDX-License-Identifier: MIT */

#include "cli/fn_code.h"

#include <stdio.h>

#include "base/err.h"
#include "base/excerpt.h"
#include "cli/call.h"
#include "cli/diagnostic.h"
#include "cli/input.h"
#include "cli/setup.h"
#include "js/pool.h"
#include "sys/disk.h"
#include "sys/loop.h"

enum {
    RUNNER_MEMORY = 128 << 20,
    SLICE_MS = 1000,
};

/* "hello" means functions/hello/index.js, when there is no file of that name. */
static void find_path(struct fn_code *code, const char *given)
{
    bool is_name = strchr(given, '/') == NULL && !disk_exists(given);

    snprintf(code->path, sizeof(code->path), "%s", given);
    if (!is_name)
        return;
    snprintf(code->path, sizeof(code->path), "functions/%s/index.js", given);
    if (!disk_exists(code->path))
        snprintf(code->path, sizeof(code->path), "%s", given);
}

static void on_loaded(void *arg, struct pool_function *function,
                      const struct pool_loaded *loaded)
{
    struct fn_code *code = arg;

    (void)function;
    code->is_ok = loaded->ok;
    code->line = loaded->line;
    code->column = loaded->column;
    if (loaded->generation != NULL)
        code->generation = arena_text(&code->arena, loaded->generation);
    if (loaded->error_name != NULL)
        code->error_name = arena_text(&code->arena, loaded->error_name);
    if (loaded->error_message != NULL)
        code->error_message = arena_text(&code->arena, loaded->error_message);
    for (size_t i = 0;
         loaded->handlers != NULL && loaded->handlers[i] != NULL && i < FN_CODE_HANDLERS;
         i++)
        code->handlers[i] = arena_text(&code->arena, loaded->handlers[i]);
    loop_stop(code->loop);
}

static int load(struct fn_code *code, bool allow_eval, struct err *err)
{
    char runner[FN_CODE_PATH];
    struct pool_options options = {
        .runner = runner,
        .count = 1,
        .memory_bytes = RUNNER_MEMORY,
        .minimum = SANDBOX_LEVEL_LAMBDA,
    };
    struct pool_code text = {
        .name = bytes_str(code->path),
        .source = buf_bytes(&code->source),
        .slice_ms = SLICE_MS,
        .in_flight = 1,
        .allow_eval = allow_eval ? POOL_EVAL_ON : POOL_EVAL_BY_GENERATION,
    };

    if (setup_runner(runner, sizeof(runner), err) < 0)
        return -1;
    code->loop = loop_new();
    code->pool = pool_new(code->loop, &options);
    code->function = pool_load(code->pool, &text, on_loaded, code);
    loop_run(code->loop);
    if (!code->is_ok && code->error_name != NULL &&
        strcmp(code->error_name, "Runner") == 0) {
        err_code(err, "PA2030", ERR_FAILED, "no sandbox to run code in: %s",
                 code->error_message != NULL ? code->error_message : "no reason given");
        return err_help(err,
                        "is partnerapp-runner beside partnerapp? (PARTNERAPP_RUNNER=PATH "
                        "names another)");
    }
    return 0;
}

int fn_code_open(struct fn_code *code, const struct call *call, struct err *err)
{
    *code = (struct fn_code){0};
    arena_init(&code->arena);
    buf_init(&code->source, POOL_SOURCE_BYTES);
    find_path(code, call_arg(call, 0));
    if (input_read(code->path, &code->source, err) < 0)
        return -1;
    return load(code, call_has(call, "allow-eval"), err);
}

void fn_code_close(struct fn_code *code)
{
    if (code->pool != NULL)
        pool_free(code->pool);
    if (code->loop != NULL)
        loop_free(code->loop);
    buf_done(&code->source);
    arena_done(&code->arena);
}

void fn_code_describe(const struct fn_code *code, const struct fn_code_fault *fault,
                      struct err *err)
{
    bool has_name = fault->name != NULL && fault->name[0] != '\0';
    bool is_syntax = has_name && strcmp(fault->name, "SyntaxError") == 0;
    const struct excerpt where = {
        .file = code->path,
        .source = buf_bytes(&code->source),
        .line = fault->line,
        .column = fault->column,
    };
    struct buf message;

    buf_init(&message, sizeof(err->text));
    print_clean(bytes_slice(bytes_str(fault->message), 0, sizeof(err->text) / 2),
                &message);
    err_code(err, is_syntax ? "PA2001" : "PA2010", ERR_CHECKS_FAILED, "%s%s%s",
             has_name ? fault->name : "", has_name ? ": " : "", buf_text(&message));
    buf_done(&message);
    excerpt_place(&where, err);
}
