/* SPDX-License-Identifier: MIT */

#include "cli/make_way.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "store/master_key.h"
#include "sys/child.h"
#include "sys/clock.h"
#include "sys/disk.h"
#include "sys/inherit.h"
#include "sys/log.h"

enum {
    CHECK_MS = 30000,
    ARGUMENTS_MAX = 64,
    ARGUMENTS_BYTES = 64 << 10,
    SAID_BYTES = 2048,
    SHOWN_BYTES = 400
};

static char *master_key; /* for the environment of the next program; NULL: has none */

void make_way_prepare(void)
{
    const char *value = getenv(MASTER_KEY_VARIABLE);

    if (value != NULL && value[0] != '\0')
        master_key = strdup(value);
}

/* --- the arguments ------------------------------------------------------------------ */

struct arguments {
    struct buf text; /* as the kernel has them */
    char *list[ARGUMENTS_MAX + 2];
    size_t n;
};

static void arguments_done(struct arguments *arguments)
{
    buf_done(&arguments->text);
}

/* With @extra (may be NULL) behind the program's name, where flags may stand. */
static int read_arguments(struct arguments *arguments, char *extra, struct err *err)
{
    char *next;
    char *end;

    buf_init(&arguments->text, ARGUMENTS_BYTES);
    if (disk_read("/proc/self/cmdline", &arguments->text, err) < 0)
        return -1;
    next = arguments->text.ptr;
    end = next + arguments->text.len;
    while (next < end && arguments->n < ARGUMENTS_MAX) {
        arguments->list[arguments->n++] = next;
        next += strlen(next) + 1;
        if (arguments->n == 1 && extra != NULL)
            arguments->list[arguments->n++] = extra;
    }
    if (next < end || arguments->n == 0)
        return err_set(err, "our own arguments cannot be read");
    return 0;
}

/* --- the check ---------------------------------------------------------------------- */

static void closep(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

/* All that it says, or as much as fits; false when it has not ended in time. */
static bool listen_to(int fd, struct buf *said)
{
    int64_t until_ms = clock_now_ms() + CHECK_MS;
    char block[1024];

    for (;;) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        int64_t left_ms = until_ms - clock_now_ms();
        ssize_t n;

        if (left_ms <= 0 || poll(&wait, 1, (int)left_ms) == 0)
            return false;
        n = read(fd, block, sizeof(block));
        if (n <= 0)
            return n == 0;
        (void)buf_add(said, bytes_of(block, (size_t)n));
    }
}

/* One line of it, for the log. */
static int refuse(const struct buf *said, struct err *err)
{
    char line[SHOWN_BYTES];
    struct bytes text = bytes_trim(bytes_slice(buf_bytes(said), 0, sizeof(line) - 1));

    snprintf(line, sizeof(line), "%.*s", BYTES_FMT(text));
    for (char *c = line; *c != '\0'; c++) {
        if (*c == '\n')
            *c = ' ';
    }
    return err_set(err, "the new program would not start: %s",
                   line[0] != '\0' ? line : "it says nothing");
}

static int judge(struct child *child, bool has_ended, const struct buf *said,
                 struct err *err)
{
    int status = 0;

    if (!has_ended)
        child_kill(child, 9);
    child_reap(child, &status);
    if (!has_ended)
        return err_set(err, "the check of the new program does not end");
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : refuse(said, err);
}

int make_way_check(struct err *err)
{
    static char flag[] = "--check";
    cleanup(arguments_done) struct arguments arguments = {0};
    cleanup(buf_done) struct buf said = {0};
    cleanup(closep) int from = -1;
    int pipe_fds[2];
    struct child child;
    int started;

    if (read_arguments(&arguments, flag, err) < 0)
        return -1;
    if (pipe2(pipe_fds, O_CLOEXEC) < 0)
        return err_sys(err, "pipe");
    from = pipe_fds[0];
    const struct child_options options = {
        .program = arguments.list[0],
        .arguments = (const char *const *)arguments.list,
        .environment = (const char *const *)environ,
        .output_fd = &pipe_fds[1],
        .is_in_path = true,
    };
    started = child_start(&options, &child, err);
    close(pipe_fds[1]);
    if (started < 0)
        return -1;
    buf_init(&said, SAID_BYTES);
    bool has_ended = listen_to(from, &said);
    return judge(&child, has_ended, &said, err);
}

/* --- the end of this program -------------------------------------------------------- */

void make_way_exec(const struct inherit *inherit, struct err *err)
{
    cleanup(arguments_done) struct arguments arguments = {0};

    if (read_arguments(&arguments, NULL, err) < 0 || inherit_leave(inherit, err) < 0)
        return;
    if (master_key != NULL)
        (void)setenv(MASTER_KEY_VARIABLE, master_key, 1);
    execvp(arguments.list[0], arguments.list);
    err_sys(err, "start %s", arguments.list[0]);
    log_line(LOG_ERROR, "the new program is not there any more; the old one goes on",
             LOG_TEXT("why", err->text));
    execv("/proc/self/exe", arguments.list);
    err_sys(err, "start this program again");
}
