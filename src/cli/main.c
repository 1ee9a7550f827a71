/* SPDX-License-Identifier: MIT */

/* The program: parse, run, and say what went wrong, once and here. */

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "cli/call.h"
#include "cli/diagnostic.h"
#include "cli/help.h"
#include "sys/null_device.h"

enum { MESSAGE_MAX = 16384 };

static void show(const struct call *call, const struct err *err)
{
    struct buf json;

    fflush(stdout);
    if (!call->wants_json) {
        diagnostic_print(&call->err, err);
        return;
    }
    buf_init(&json, MESSAGE_MAX);
    diagnostic_json(err, &json);
    print_record(&call->err, buf_bytes(&json));
    buf_done(&json);
}

static int refuse_planned(const struct command *command, struct err *err)
{
    err_code(err, "PA7022", ERR_FAILED,
             "`partnerapp %s` is not built yet (planned with %s)", command->name,
             command->planned);
    return err_help(err, "partnerapp help");
}

static int run(struct call *call, struct err *err)
{
    if (call->family != NULL) {
        help_print_family(&call->out, call->family);
        return 0;
    }
    if (call->command == NULL) {
        if (call->wants_json)
            help_print_json(&call->out);
        else
            help_print_short(&call->out);
        return 0;
    }
    if (call->wants_help) {
        help_print_command(&call->out, call->command);
        return 0;
    }
    if (call->command->planned != NULL)
        return refuse_planned(call->command, err);
    return call->command->run(call, err);
}

/* A full disk under stdout is a failure too: the result is not whole. A reader who has
 * seen enough ("| head") is not. */
static int finish_output(int answer, struct err *err)
{
    bool is_whole = fflush(stdout) == 0 && ferror(stdout) == 0;

    if (answer >= 0 && !is_whole && errno != EPIPE)
        return err_sys(err, "standard output");
    return answer;
}

/* Whoever starts us may have closed them; the next file opened would be taken for one. */
static void open_missing_streams(void)
{
    int null;

    do {
        null = null_device_open();
    } while (null >= 0 && null <= STDERR_FILENO);
    if (null >= 0)
        close(null);
}

/* The name by which Lambda starts a package's program; it gives no arguments. */
static bool is_bootstrap(const char *name)
{
    const char *slash = name != NULL ? strrchr(name, '/') : NULL;

    return name != NULL && strcmp(slash != NULL ? slash + 1 : name, "bootstrap") == 0;
}

int main(int argc, char **argv)
{
    static char lambda_word[] = "lambda";
    static char run_word[] = "run";
    char *as_bootstrap[] = {argv[0], lambda_word, run_word, NULL};
    struct call call;
    struct err err = {0};
    int answer;

    open_missing_streams();
    setlocale(LC_CTYPE, "");
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a limit on file sizes is a failed write, like any */
    if (is_bootstrap(argv[0])) {
        argv = as_bootstrap;
        argc = COUNT(as_bootstrap) - 1;
    }
    answer = call_parse(&call, argc, argv, &err);
    if (answer == 0)
        answer = finish_output(run(&call, &err), &err);
    if (answer < 0) {
        show(&call, &err);
        answer = diagnostic_exit(&err);
    }
    call_done(&call);
    return answer;
}
