/* SPDX-License-Identifier: MIT */

#include "cli/lambda_host.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "cli/call.h"
#include "cli/fn_given.h"
#include "sys/loop.h"
#include "json/json.h"

#define SETTINGS "PARTNERAPP_SETTINGS"

/* Of one variable the kernel takes 128 KiB. */
enum { SETTINGS_BYTES = 100000 };

static int find_self(struct lambda_host *host, struct err *err)
{
    const ssize_t len =
        readlink("/proc/self/exe", host->program, sizeof(host->program) - 1);

    if (len < 0)
        return err_sys(err, "find this program");
    host->program[len] = '\0';
    return 0;
}

/* What `fn run` would give it, so that a function that works there works here. */
static int use_settings(struct lambda_host *host, const struct call *call,
                        struct host_options *options, struct err *err)
{
    cleanup(json_freep) struct json *nothing = NULL;
    struct fn_settings settings = {0};
    struct fn_event event = {0};
    int answer;

    if (getenv(SETTINGS) != NULL)
        return 0;
    answer = json_parse(BYTES("[]"), &nothing, err);
    if (answer == 0)
        answer = fn_given_settings(&settings, call, &host->code, err);
    if (answer == 0)
        answer = fn_event_make(&event, POOL_BATCH, nothing, NULL, &settings, err);
    if (answer == 0 && event.settings.len < SETTINGS_BYTES) {
        host->environment[0] =
            arena_printf(&host->code.arena, SETTINGS "=%s", buf_text(&event.settings));
        options->environment = host->environment;
    }
    fn_event_done(&event);
    fn_settings_done(&settings);
    return answer;
}

/* A function of ours runs as `partnerapp lambda run` does, but may reach this machine:
 * it is one that is being tried. */
static int use_function(struct lambda_host *host, const struct call *call,
                        const char *function, struct host_options *options,
                        struct err *err)
{
    const struct fn_code_wish wish = {.given = function};

    if (fn_given_code(&host->code, &wish, err) < 0 || find_self(host, err) < 0)
        return -1;
    if (realpath(host->code.path, host->path) == NULL)
        return err_sys(err, "%s", host->code.path);
    host->command[0] = host->program;
    host->command[1] = "lambda";
    host->command[2] = "run";
    host->command[3] = "--allow-loopback";
    host->command[4] = host->path;
    host->shown = host->code.path;
    options->command = host->command;
    if (options->function_name == NULL)
        options->function_name = arena_copy(&host->code.arena, fn_code_name(&host->code));
    return use_settings(host, call, options, err);
}

static int use_folder(struct lambda_host *host, const struct call *call,
                      struct host_options *options, struct err *err)
{
    const char *folder = call_given(call, "task-root");
    struct stat status;

    if (folder == NULL)
        folder = ".";
    if (realpath(folder, host->task_root) == NULL) {
        err_sys(err, "--task-root %s", folder);
        err->exit_code = ERR_NOT_FOUND;
        return -1;
    }
    if (stat(host->task_root, &status) < 0 || !S_ISDIR(status.st_mode))
        return err_code(err, "PA7003", ERR_USAGE, "--task-root %s is no folder", folder);
    options->task_root = host->task_root;
    return 0;
}

static void read_flags(const struct call *call, struct host_options *options)
{
    options->function_name = call_given(call, "name");
    options->handler = call_text(call, "handler");
    options->timeout_ms = call_duration_ms(call, "timeout");
    options->event_retry_ms = call_duration_ms(call, "event-retry");
    options->max_environments = (unsigned)call_number(call, "concurrency");
    options->memory_mb = (unsigned)call_number(call, "memory");
    options->role = call_given(call, "role");
    options->external_id = call_given(call, "external-id");
}

int lambda_host_start(struct lambda_host *host, struct call *call, const char *function,
                      const char *command, struct host_options *options, struct err *err)
{
    *host = (struct lambda_host){.shown = command};
    read_flags(call, options);
    if (use_folder(host, call, options, err) < 0 ||
        (function != NULL && use_function(host, call, function, options, err) < 0))
        return -1;
    if (function == NULL)
        options->shell_command = command;
    host->loop = loop_new();
    return host_new(host->loop, options, &host->host, err);
}

void lambda_host_stop(struct lambda_host *host)
{
    host_free(take(host->host));
    if (host->loop != NULL)
        loop_free(take(host->loop));
    if (host->code.wish.given != NULL)
        fn_code_close(&host->code);
}
