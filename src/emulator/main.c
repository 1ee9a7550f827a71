/* SPDX-License-Identifier: MIT */

/* partnerapp-emulator: the local Segment as a program. `partnerapp emulator start` and
 * `partnerapp dev` start it; its flags are theirs. */

#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "emulator/control/control.h"
#include "emulator/delivery/target.h"
#include "emulator/frame/emulator.h"
#include "emulator/world/world.h"
#include "segment/name.h"
#include "segment/redirect_uri.h"
#include "segment/scope.h"
#include "sys/child.h"
#include "sys/disk.h"
#include "sys/log.h"
#include "json/write.h"

enum { MAX_URIS = 5, PORT_LAST = 65535, ENVIRONMENT_BYTES = 8192, PATH_BYTES = 4096 };

struct wish {
    struct emulator_options options;
    const char *redirect_uris[MAX_URIS];
    int ready_fd; /* a pipe; -1: nobody waits */
    bool is_public_fine;
};

static const struct option flags[] = {
    {"port", required_argument, NULL, 'p'},
    {"host", required_argument, NULL, 'h'},
    {"public-api-port", required_argument, NULL, 'P'},
    {"data", required_argument, NULL, 'd'},
    {"seed", required_argument, NULL, 's'},
    {"clock-rate", required_argument, NULL, 'r'},
    {"scope", required_argument, NULL, 'S'},
    {"slug", required_argument, NULL, 'l'},
    {"redirect-uri", required_argument, NULL, 'u'},
    {"subscription-url", required_argument, NULL, 'U'},
    {"ready-fd", required_argument, NULL, 'f'},
    {"insecure", no_argument, NULL, 'k'},
    {"strict", no_argument, NULL, 't'},
    {"redact", no_argument, NULL, 'R'},
    {"i-know", no_argument, NULL, 'i'},
    {NULL, 0, NULL, 0},
};

static int read_number(const char *text, const char *flag, int64_t last, int64_t *ret,
                       struct err *err)
{
    if (bytes_to_i64(bytes_str(text), ret) && *ret >= 0 && *ret <= last)
        return 0;
    return err_code(err, "PA7003", ERR_USAGE, "--%s is a number from 0 to %lld", flag,
                    (long long)last);
}

static int read_rate(const char *text, double *ret_rate, struct err *err)
{
    char *end;

    *ret_rate = strtod(text, &end);
    if (end != text && *end == '\0' && *ret_rate >= 0 && *ret_rate <= 1e6)
        return 0;
    return err_code(err, "PA7003", ERR_USAGE,
                    "--clock-rate is a number from 0 (frozen) to 1000000");
}

static int add_redirect_uri(struct wish *wish, const char *uri, struct err *err)
{
    if (wish->options.n_redirect_uris == MAX_URIS)
        return err_code(err, "PA7003", ERR_USAGE, "an app has at most %d redirect URIs",
                        (int)MAX_URIS);
    wish->redirect_uris[wish->options.n_redirect_uris++] = uri;
    return 0;
}

static int take_number(struct wish *wish, int letter, struct err *err)
{
    struct emulator_options *options = &wish->options;
    const bool is_seed = letter == 's';
    int64_t number = 0;

    if (read_number(optarg,
                    is_seed         ? "seed"
                    : letter == 'f' ? "ready-fd"
                    : letter == 'P' ? "public-api-port"
                                    : "port",
                    is_seed ? INT64_MAX : PORT_LAST, &number, err) < 0)
        return -1;
    switch (letter) {
    case 's':
        options->seed = (uint64_t)number;
        break;
    case 'f':
        wish->ready_fd = (int)number;
        break;
    case 'P':
        options->public_port = (int)number;
        break;
    default:
        options->port = (int)number;
    }
    return 0;
}

static int take_flag(struct wish *wish, int letter, struct err *err)
{
    struct emulator_options *options = &wish->options;

    switch (letter) {
    case 'h':
        options->host = optarg;
        return 0;
    case 'd':
        options->data = optarg;
        return 0;
    case 'r':
        return read_rate(optarg, &options->clock_rate, err);
    case 'S':
        options->scope = optarg;
        return 0;
    case 'l':
        options->slug = optarg;
        return 0;
    case 'u':
        return add_redirect_uri(wish, optarg, err);
    case 'U':
        options->subscription_url = optarg;
        return 0;
    case 'k':
        options->may_skip_tls = true;
        return 0;
    case 't':
        options->is_strict = true;
        return 0;
    case 'R':
        options->redacts = true;
        return 0;
    case 'i':
        wish->is_public_fine = true;
        return 0;
    case '?':
        return err_code(err, "PA7003", ERR_USAGE,
                        "partnerapp-emulator does not know that flag");
    default:
        return take_number(wish, letter, err);
    }
}

static bool is_loopback(const char *host)
{
    return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0 ||
           strcmp(host, "localhost") == 0;
}

static int wrong(const char *flag, const char *value, const char *what, struct err *err)
{
    return err_code(err, "PA7003", ERR_USAGE, "--%s wants %s; not `%s`", flag, what,
                    value);
}

/* What the controls would refuse is not to be had by a flag either. */
static int check_app(const struct emulator_options *options, struct err *err)
{
    struct err why = {0};

    if (options->slug != NULL && !name_is_slug(bytes_str(options->slug)))
        return wrong("slug", options->slug, "letters, digits, - and _", err);
    if (options->scope != NULL &&
        scope_parse(bytes_str(options->scope)).kind == SCOPE_NONE)
        return wrong("scope", options->scope,
                     "destination/<slug>, workspace:read or workspace", err);
    for (size_t i = 0; i < options->n_redirect_uris; i++) {
        if (!redirect_uri_is_allowed(bytes_str(options->redirect_uris[i])))
            return wrong("redirect-uri", options->redirect_uris[i],
                         "https, or http on localhost, and no fragment", err);
    }
    if (options->subscription_url != NULL &&
        target_check_url(bytes_str(options->subscription_url), &why) < 0)
        return err_code(err, "PA7003", ERR_USAGE, "--subscription-url: %s", why.text);
    return 0;
}

static int read_wish(struct wish *wish, int argc, char **argv, struct err *err)
{
    int letter;

    *wish = (struct wish){.ready_fd = -1};
    wish->options = (struct emulator_options){
        .host = "127.0.0.1", .port = 8889, .public_port = -1, .seed = 1, .clock_rate = 1};
    wish->options.redirect_uris = wish->redirect_uris;
    opterr = 0;
    while ((letter = getopt_long(argc, argv, "", flags, NULL)) != -1) {
        if (take_flag(wish, letter, err) < 0)
            return -1;
    }
    if (wish->options.port != 0 && wish->options.port == wish->options.public_port)
        return err_code(err, "PA7003", ERR_USAGE,
                        "--port and --public-api-port are two listeners: give them two "
                        "ports");
    if (!is_loopback(wish->options.host) && !wish->is_public_fine) {
        err_code(err, "PA7003", ERR_USAGE,
                 "the local Segment has no passwords and hands out tokens to anybody, so "
                 "it does not listen on %s",
                 wish->options.host);
        return err_help(err, "--i-know listens there all the same");
    }
    return check_app(&wish->options, err);
}

/* Who started us learns that we listen, and all that a client needs, as one line. */
static void tell(struct emulator *emulator, int fd)
{
    cleanup(buf_done) struct buf line = {0};
    struct write writer;

    buf_init(&line, ENVIRONMENT_BYTES);
    write_init(&writer, &line);
    emulator_enter(emulator);
    control_write_environment(emulator_world(emulator), &writer);
    emulator_leave(emulator);
    buf_add_char(&line, '\n');
    if (fd < 0)
        return;
    /* One line, far below what a pipe takes at once. */
    if (write(fd, line.ptr, line.len) < 0)
        log_line(LOG_WARN, "nobody listens to --ready-fd");
    close(fd);
}

/* The listener's own help names a flag of another program. */
static void name_flag(const struct emulator_options *options, struct err *err)
{
    char public_port[32];

    if (strcmp(err->code, "PA1020") != 0)
        return;
    snprintf(public_port, sizeof(public_port), "port %d ", options->public_port);
    err->help[0] = '\0';
    err_help(err, "%s N listens on another; 0: any free one",
             bytes_starts(bytes_str(err->text), bytes_str(public_port))
                 ? "--public-api-port"
                 : "--port");
}

static void wait_for_signal(const sigset_t *signals)
{
    int number;

    while (sigwait(signals, &number) != 0)
        ;
}

/* The lock is held until the process ends. */
static int take_folder(const char *data, struct err *err)
{
    pid_t holder = 0;
    int fd = -1;
    int answer;

    if (data == NULL)
        return 0;
    if (disk_make_folder(data, err) < 0)
        return -1;
    answer = disk_lock(data, &fd, &holder, err);
    if (answer == DISK_LOCKED)
        return err_code(err, "PA1021", ERR_CONFLICT,
                        "the data folder %s is in use by another process (pid %d)", data,
                        (int)holder);
    return answer;
}

static int run(int argc, char **argv, struct err *err)
{
    struct wish wish;
    char runner[PATH_BYTES];
    struct emulator *emulator = NULL;
    sigset_t signals;

    if (read_wish(&wish, argc, argv, err) < 0)
        return -1;
    if (child_sibling("partnerapp-runner", runner, sizeof(runner), err) == 0)
        wish.options.runner = runner;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    if (take_folder(wish.options.data, err) < 0)
        return -1;
    if (emulator_start(&wish.options, &emulator, err) < 0) {
        name_flag(&wish.options, err);
        return -1;
    }
    tell(emulator, wish.ready_fd);
    wait_for_signal(&signals);
    emulator_stop(emulator);
    return 0;
}

int main(int argc, char **argv)
{
    struct err err = {0};

    setlocale(LC_CTYPE, "C.UTF-8");
    if (run(argc, argv, &err) == 0)
        return 0;
    /* Who started us reads this and says it in its own words (cli/emulator_child.c). */
    fprintf(stderr, "error[%s]: %s\n", err.code[0] != '\0' ? err.code : "PA8001",
            err.text);
    if (err.help[0] != '\0')
        fprintf(stderr, "  %s\n", err.help);
    return err.exit_code != 0 ? (int)err.exit_code : (int)ERR_FAILED;
}
