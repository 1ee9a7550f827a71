/* SPDX-License-Identifier: MIT */

#include "lambda/host/environment.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "lambda/host/task.h"
#include "lambda/host/variables.h"
#include "sys/clock.h"

enum {
    RUNTIME_BYTES = (6 << 20) + 100, /* dossier §5.5 */
    CONNECTIONS = 64,
    GRACE_MS = 200,
    LEAST_FINISH_MS = 1000,
    LAST_WORDS_MS = 500, /* after init/error */
    SIGNALLED = 128,     /* as a shell tells of it */
};

/* The first process of what a person typed: it hears of our death, and takes the group
 * with it. Its own end is that of the command. */
static const char *const warden =
    "trap 'kill -KILL 0' TERM; /bin/sh -c \"$0\" & wait $!; exit $?";

/* --- its limits --------------------------------------------------------------------- */

printf_like(3, 4) static void stop(struct environment *environment, const char *type,
                                   const char *format, ...)
{
    va_list args;

    environment->why_type = type;
    va_start(args, format);
    vsnprintf(environment->why, sizeof(environment->why), format, args);
    va_end(args);
    environment_end(environment);
}

static void stop_timed_out(struct environment *environment, int64_t limit_ms)
{
    stop(environment, "Sandbox.Timedout", "Task timed out after %.2f seconds",
         (double)limit_ms / 1000);
}

static void linger(struct environment *environment)
{
    int64_t left_ms = environment->until_ms - loop_now_ms(environment->host->loop);

    environment->state = ENVIRONMENT_LINGERING;
    loop_timer_set(&environment->limit,
                   left_ms > LEAST_FINISH_MS ? left_ms : LEAST_FINISH_MS);
    host_dispatch(environment->host);
}

static void on_limit(void *arg)
{
    struct environment *environment = arg;

    switch (environment->state) {
    case ENVIRONMENT_STARTING:
        if (environment->init_error.len > 0)
            environment_end(environment);
        else
            stop_timed_out(environment, HOST_INIT_MS);
        return;
    case ENVIRONMENT_BUSY:
        stop_timed_out(environment, environment->host->options.timeout_ms);
        return;
    case ENVIRONMENT_FINISHING:
        linger(environment);
        return;
    case ENVIRONMENT_LINGERING:
        stop(environment, "Sandbox.Timedout", "it did not ask for work again");
        return;
    case ENVIRONMENT_IDLE:
        return;
    }
}

/* --- what it says ------------------------------------------------------------------- */

static void on_line(void *arg, struct bytes line)
{
    struct environment *environment = arg;
    struct task *task = environment->task;
    cleanup(freep) char *text = bytes_copy(line);

    if (task != NULL) {
        tail_add(&task->tail, line);
        tail_add(&task->tail, BYTES("\n"));
    }
    host_tell(environment->host,
              &(struct host_notice){.kind = HOST_LOG,
                                    .text = text,
                                    .environment = environment->number,
                                    .id = task != NULL ? task->id : NULL});
}

void environment_read_output(struct environment *environment)
{
    if (!output_read(&environment->said, environment->output_fd))
        loop_watch_set(&environment->output, 0);
}

static void on_output(void *arg, int events)
{
    (void)events;
    environment_read_output(arg);
}

/* --- its states --------------------------------------------------------------------- */

void environment_take(struct environment *environment, struct task *task)
{
    const int64_t timeout_ms = environment->host->options.timeout_ms;

    environment->state = ENVIRONMENT_BUSY;
    environment->until_ms = loop_now_ms(environment->host->loop) + timeout_ms;
    loop_timer_set(&environment->limit, timeout_ms);
    environment->task = task;
    task_deliver(task, environment);
}

void environment_finish(struct environment *environment)
{
    environment->task = NULL;
    environment->state = ENVIRONMENT_FINISHING;
    loop_timer_set(&environment->limit, GRACE_MS);
}

void environment_wait(struct environment *environment, struct post *post)
{
    if (environment->state == ENVIRONMENT_STARTING) {
        environment->init_us = clock_now_us() - environment->began_us;
        if (environment->host->options.command == NULL)
            child_adopt_largest(&environment->child);
    }
    environment->state = ENVIRONMENT_IDLE;
    environment->next = post;
    loop_timer_stop(&environment->limit);
    host_dispatch(environment->host);
}

void environment_expect_end(struct environment *environment)
{
    loop_timer_set(&environment->limit, LAST_WORDS_MS);
}

/* --- its end ------------------------------------------------------------------------ */

/* As the shell in front of a command tells of a signal. */
static int signal_of(const struct environment *environment, int status)
{
    const bool is_shell = environment->host->options.command == NULL;

    if (WIFSIGNALED(status))
        return WTERMSIG(status);
    if (is_shell && WEXITSTATUS(status) > SIGNALLED &&
        WEXITSTATUS(status) < SIGNALLED + NSIG)
        return WEXITSTATUS(status) - SIGNALLED;
    return 0;
}

static void describe_end(struct environment *environment, int status)
{
    const int number = signal_of(environment, status);
    const char *name = number != 0 ? sigdescr_np(number) : NULL;
    char *why = environment->why;
    const size_t size = sizeof(environment->why);

    if (environment->why_type != NULL)
        return;
    environment->why_type = "Runtime.ExitError";
    if (name != NULL)
        snprintf(why, size, "Runtime exited with error: signal: %c%s",
                 name[0] >= 'A' && name[0] <= 'Z' ? name[0] | 0x20 : name[0], name + 1);
    else if (number != 0)
        snprintf(why, size, "Runtime exited with error: signal: %d", number);
    else if (WEXITSTATUS(status) != 0)
        snprintf(why, size, "Runtime exited with error: exit status %d",
                 WEXITSTATUS(status));
    else
        snprintf(why, size, "Runtime exited without providing a reason");
}

static const char *when_it_ended(const struct environment *environment)
{
    switch (environment->state) {
    case ENVIRONMENT_STARTING:
        return "before it asked for work";
    case ENVIRONMENT_IDLE:
        return "while it waited for work";
    case ENVIRONMENT_BUSY:
        return "in an invocation";
    case ENVIRONMENT_FINISHING:
    case ENVIRONMENT_LINGERING:
        break;
    }
    return "after an invocation";
}

static void tell_end(const struct environment *environment, int status)
{
    const bool is_missing = environment->state == ENVIRONMENT_STARTING &&
                            WIFEXITED(status) && WEXITSTATUS(status) == 127;

    host_note(environment->host, environment->number, "environment %u ended %s: %s%s",
              environment->number, when_it_ended(environment), environment->why,
              is_missing ? " (is the command there?)" : "");
}

static void free_it(struct environment *environment)
{
    loop_watch_done(&environment->end);
    loop_watch_done(&environment->output);
    loop_timer_done(&environment->limit);
    listener_close(&environment->api);
    post_free(environment->next);
    output_done(&environment->said);
    buf_done(&environment->init_error);
    if (environment->output_fd >= 0)
        close(environment->output_fd);
    free(environment);
}

void environment_end(struct environment *environment)
{
    struct host *host = environment->host;
    struct task *task;
    int status = 0;

    loop_watch_done(&environment->end);
    if (environment->task != NULL)
        environment->task->memory_bytes = child_peak_bytes(&environment->child);
    child_kill_group(&environment->child, SIGKILL);
    child_reap(&environment->child, &status);
    environment_read_output(environment);
    output_end(&environment->said);
    describe_end(environment, status);
    tell_end(environment, status);

    list_remove(&host->environments, &environment->link);
    task = take(environment->task);
    if (task != NULL)
        task_fail(task, environment->why_type, environment->why);
    else if (environment->state == ENVIRONMENT_STARTING)
        host_fail_first(host, environment);
    free_it(environment);
    host_dispatch(host);
}

static void on_end(void *arg, int events)
{
    (void)events;
    environment_end(arg);
}

/* --- its start ---------------------------------------------------------------------- */

static int spawn(struct environment *environment, int output_fd, struct arena *arena,
                 struct err *err)
{
    const struct host_options *options = &environment->host->options;
    const char *const shell[] = {"sh", "-c", warden, options->shell_command, NULL};
    const bool is_shell = options->command == NULL;
    const struct child_options child = {
        .program = is_shell ? "/bin/sh" : options->command[0],
        .arguments = is_shell ? shell : options->command,
        .environment = variables_make(environment, arena),
        .output_fd = &output_fd,
        .folder = options->task_root,
        .death_signal = is_shell ? SIGTERM : SIGKILL,
        .is_in_path = true,
    };

    return child_start(&child, &environment->child, err);
}

static int run(struct environment *environment, struct err *err)
{
    struct arena arena;
    int ends[2];
    int answer;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_sys(err, "pipe");
    environment->output_fd = ends[0];
    (void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
    arena_init(&arena);
    answer = spawn(environment, ends[1], &arena, err);
    arena_done(&arena);
    close(ends[1]);
    return answer;
}

static void watch(struct environment *environment)
{
    struct loop *loop = environment->host->loop;

    loop_watch_init(&environment->output, loop, environment->output_fd, on_output,
                    environment);
    loop_watch_set(&environment->output, LOOP_READABLE);
    loop_watch_init(&environment->end, loop, environment->child.pidfd, on_end,
                    environment);
    loop_watch_set(&environment->end, LOOP_READABLE);
    loop_timer_set(&environment->limit, HOST_INIT_MS);
}

int environment_start(struct host *host, struct err *err)
{
    const struct listener_options api = {
        .host = "127.0.0.1",
        .max_connections = CONNECTIONS,
        .max_bytes = RUNTIME_BYTES,
        .too_large = runtime_too_large,
        .fn = runtime_front,
    };
    struct environment *environment = mem_new(struct environment);
    struct listener_options own = api;

    own.arg = environment;
    environment->host = host;
    environment->number = ++host->n_started;
    environment->output_fd = -1;
    environment->began_us = clock_now_us();
    output_init(&environment->said, on_line, environment);
    loop_timer_init(&environment->limit, host->loop, on_limit, environment);
    buf_init(&environment->init_error, RUNTIME_BYTES);
    if (listener_open(&environment->api, host->loop, &own, err) < 0 ||
        run(environment, err) < 0) {
        free_it(environment);
        return -1;
    }
    watch(environment);
    list_push(&host->environments, &environment->link);
    return 0;
}
