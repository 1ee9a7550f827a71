/* SPDX-License-Identifier: MIT */

#include "trial/fn_code.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/err.h"
#include "sys/loop.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

static bool is_file(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && !S_ISDIR(status.st_mode);
}

/* "hello" means functions/hello/index.js when there is no file of that name, and a
 * folder's path the index.js in it. */
static void find_path(struct fn_code *code, const char *given)
{
    const char *const places[] = {
        given,
        arena_printf(&code->arena, "functions/%s/index.js", given),
        arena_printf(&code->arena, "functions/%s.js", given),
        arena_printf(&code->arena, "%s%sindex.js", given,
                     bytes_ends(bytes_str(given), BYTES("/")) ? "" : "/"),
    };

    snprintf(code->path, sizeof(code->path), "%s", given);
    for (size_t i = 0; strcmp(given, "-") != 0 && i < COUNT(places); i++) {
        if (is_file(places[i])) {
            snprintf(code->path, sizeof(code->path), "%s", places[i]);
            return;
        }
    }
}

/* The path without "/index.js", or without ".js". */
static struct bytes folder_of(const struct fn_code *code)
{
    struct bytes path = bytes_str(code->path);

    if (bytes_ends(path, BYTES("/index.js")))
        path.len -= strlen("/index.js");
    else if (bytes_ends(path, BYTES(".js")))
        path.len -= strlen(".js");
    return bytes_eq(path, BYTES("index")) ? BYTES(".") : path;
}

/* "index.js" alone stands in a folder that has a name all the same. */
static const char *find_name(struct fn_code *code)
{
    struct bytes folder = folder_of(code);
    char whole[PATH_MAX];

    if (bytes_eq(folder, BYTES(".")) && realpath(".", whole) != NULL)
        folder = bytes_str(whole);
    for (size_t i = folder.len; i > 0; i--) {
        if (folder.ptr[i - 1] == '/')
            return arena_copy(&code->arena, bytes_slice(folder, i, folder.len));
    }
    return arena_copy(&code->arena, folder);
}

void fn_code_open(struct fn_code *code, const struct fn_code_wish *wish)
{
    *code = (struct fn_code){.wish = *wish};
    arena_init(&code->arena);
    buf_init(&code->source, POOL_SOURCE_BYTES);
    find_path(code, wish->given);
    code->name = find_name(code);
}

void fn_code_strip(struct fn_code *code)
{
    if (bytes_starts(buf_bytes(&code->source), BYTES(BYTE_ORDER_MARK)))
        buf_drop_front(&code->source, strlen(BYTE_ORDER_MARK));
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

int fn_code_no_runner(const char *reason, struct err *err)
{
    err_code(err, "PA2030", ERR_FAILED, "no sandbox to run code in: %s",
             reason != NULL ? reason : "no reason given");
    return err_help(err,
                    "is partnerapp-runner beside partnerapp? (PARTNERAPP_RUNNER=PATH "
                    "names another)");
}

int fn_code_load(struct fn_code *code, struct err *err)
{
    struct pool_code text = {
        .name = bytes_str(code->path),
        .source = buf_bytes(&code->source),
        .timeout_ms = code->wish.timeout_ms,
        .slice_ms = code->wish.slice_ms,
        .in_flight = 1,
        .generation = code->wish.generation,
        .allow_eval = code->wish.allow_eval,
        .is_fresh = code->wish.is_fresh,
    };

    code->loop = loop_new();
    code->pool = pool_new(code->loop, &code->wish.runners);
    code->function = pool_load(code->pool, &text, on_loaded, code);
    loop_run(code->loop);
    if (!code->is_ok && code->error_name != NULL &&
        strcmp(code->error_name, "Runner") == 0)
        return fn_code_no_runner(code->error_message, err);
    return 0;
}

void fn_code_close(struct fn_code *code)
{
    if (code->pool != NULL)
        pool_free(code->pool);
    if (code->loop != NULL)
        loop_free(code->loop);
    buf_done(&code->source);
    arena_done(&code->arena);
    code->pool = NULL;
    code->loop = NULL;
}

struct bytes fn_code_name(const struct fn_code *code)
{
    return bytes_str(code->name);
}

const char *fn_code_folder(struct fn_code *code)
{
    return arena_copy(&code->arena, folder_of(code));
}

bool fn_code_has_handler(const struct fn_code *code, const char *name)
{
    for (size_t i = 0; code->handlers[i] != NULL; i++) {
        if (strcmp(code->handlers[i], name) == 0)
            return true;
    }
    return false;
}

bool fn_code_is_source(const struct fn_code *code)
{
    return code->is_ok && code->handlers[0] != NULL && code->handlers[1] == NULL &&
           strcmp(code->handlers[0], "onRequest") == 0;
}
