/* SPDX-License-Identifier: MIT */

/* emulator exec: a command with a local Segment of its own, which is gone afterwards. */

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "cli/api.h"
#include "cli/call.h"
#include "cli/commands.h"
#include "cli/diagnostic.h"
#include "cli/emulator_child.h"
#include "cli/emulator_link.h"
#include "cli/emulator_settings.h"
#include "cli/signals.h"
#include "json/json.h"

enum { PATH_BYTES = 1024, SIGNALLED = 128 };

/* --- the environment of the command ------------------------------------------------- */

static bool is_name(const char *variable, const char *name)
{
    const size_t len = strlen(name);

    return strncmp(variable, name, len) == 0 && variable[len] == '=';
}

/* "NAME=value", instead of one that is there already. */
static void set(struct arena *arena, const char **variables, const char *name,
                const char *value)
{
    size_t i = 0;

    while (variables[i] != NULL && !is_name(variables[i], name))
        i++;
    variables[i] = arena_printf(arena, "%s=%s", name, value);
}

static const char **make_environment(struct call *call,
                                     const struct emulator_child *child)
{
    size_t n = json_count(child->environment) + 2;
    const char **variables;
    const struct json *value;
    const char *name;
    void *cursor = NULL;
    size_t i;

    for (i = 0; environ[i] != NULL; i++)
        n++;
    variables = arena_zero(&call->arena, n * sizeof(*variables));
    for (i = 0; environ[i] != NULL; i++)
        variables[i] = environ[i];
    while (json_next(child->environment, &cursor, &name, &value))
        set(&call->arena, variables, name, emulator_child_text(child, name));
    /* So that `partnerapp emulator fault …` inside means this one. */
    set(&call->arena, variables, "PARTNERAPP_EMULATOR_URL",
        emulator_child_text(child, "SEGMENT_API_URL"));
    return variables;
}

/* --- the command -------------------------------------------------------------------- */

static int begin_scenario(const struct call *call, const struct emulator_child *child,
                          struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;
    cleanup(buf_done) struct buf path = {0};
    const char *scenario = call_given(call, "scenario");
    struct emulator_link link;

    if (scenario == NULL)
        return 0;
    buf_init(&path, PATH_BYTES);
    buf_add_text(&path, "/_emulator/scenarios/");
    api_add_segment(&path, bytes_str(scenario));
    snprintf(link.base, sizeof(link.base), "%s",
             emulator_child_text(child, "SEGMENT_API_URL"));
    return emulator_link_ask(&link, "POST", buf_text(&path), BYTES(""), &json, err);
}

static int spawn(struct call *call, const struct emulator_child *child,
                 struct child *ret_command, struct err *err)
{
    const struct child_options options = {
        .program = call->args[0],
        .arguments = call->args,
        .environment = make_environment(call, child),
        .is_command = true,
    };

    if (child_start(&options, ret_command, err) == 0)
        return 0;
    err->exit_code = ERR_NOT_FOUND;
    snprintf(err->code, sizeof(err->code), "PA8003");
    return -1;
}

/* A terminal has sent its Ctrl-C to the command as well, and twice would be once too
 * often: many programs give up their cleaning up at the second. */
static void pass_on(const struct child *command, int signal_fd)
{
    bool is_by_terminal;
    const int number = signals_read_source(signal_fd, &is_by_terminal);

    if (number != 0 && !is_by_terminal)
        child_kill(command, number);
}

static void say_end(const struct call *call, struct emulator_child *child)
{
    struct err err = {0};

    emulator_child_ended(child, &err);
    diagnostic_warn(&call->err, &err);
}

/* The exit code that a shell would give it. */
static int wait_for_command(const struct call *call, struct emulator_child *child,
                            struct child *command, int signal_fd)
{
    int status = 0;

    for (;;) {
        struct pollfd fds[] = {{.fd = command->pidfd, .events = POLLIN},
                               {.fd = signal_fd, .events = POLLIN},
                               {.fd = child->log_fd, .events = POLLIN},
                               {.fd = child->process.pidfd, .events = POLLIN}};

        if (poll(fds, COUNT(fds), -1) < 0)
            continue;
        if (fds[1].revents != 0)
            pass_on(command, signal_fd);
        if (fds[2].revents != 0)
            emulator_child_relay(child, &call->err);
        if (fds[3].revents != 0)
            say_end(call, child);
        if (fds[0].revents != 0)
            break;
    }
    child_reap(command, &status);
    return WIFSIGNALED(status) ? SIGNALLED + WTERMSIG(status) : WEXITSTATUS(status);
}

static int run(struct call *call, struct emulator_child *child, int signal_fd,
               struct err *err)
{
    struct child command;

    if (begin_scenario(call, child, err) < 0 || spawn(call, child, &command, err) < 0)
        return -1;
    return wait_for_command(call, child, &command, signal_fd);
}

int emulator_exec_run(struct call *call, struct err *err)
{
    struct emulator_child child;
    struct emulator_flags flags;
    int signal_fd = -1;
    int answer;

    if (signals_open(&signal_fd, err) < 0)
        return -1;
    emulator_settings_pass(call, call_number(call, "port"), &flags);
    if (!call_has(call, "public-api-port"))
        emulator_flags_add(&flags, "public-api-port", "0");
    answer = emulator_child_start(&child, &flags,
                                  "without --port it takes one that is free", err);
    if (answer == 0) {
        answer = run(call, &child, signal_fd, err);
        emulator_child_stop(&child);
    }
    close(signal_fd);
    return answer;
}
