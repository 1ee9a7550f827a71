/* SPDX-License-Identifier: MIT */

#include "cli/emulator_child.h"

#include <assert.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "cli/print.h"
#include "sys/clock.h"
#include "json/json.h"

enum {
    START_MS = 20000,
    STOP_MS = 5000,
    LINE_BYTES = 65536,
    SAID_BYTES = 8192,
    PIECE_BYTES = 2048,
    PATH_BYTES = 4096,
    CODE_LEN = 6,
};

/* --- its command line --------------------------------------------------------------- */

void emulator_flags_init(struct emulator_flags *flags, struct arena *arena,
                         size_t n_flags)
{
    *flags = (struct emulator_flags){.arena = arena, .capacity = 2 * n_flags + 2};
    flags->argv = arena_zero(arena, flags->capacity * sizeof(*flags->argv));
    flags->argv[flags->n++] = "partnerapp-emulator";
}

void emulator_flags_add(struct emulator_flags *flags, const char *name, const char *value)
{
    assert(flags->n + 3 <= flags->capacity);
    flags->argv[flags->n++] = arena_printf(flags->arena, "--%s", name);
    if (value != NULL)
        flags->argv[flags->n++] = arena_text(flags->arena, value);
}

void emulator_flags_addf(struct emulator_flags *flags, const char *name,
                         const char *format, ...)
{
    char value[PATH_BYTES];
    va_list args;

    va_start(args, format);
    vsnprintf(value, sizeof(value), format, args);
    va_end(args);
    emulator_flags_add(flags, name, value);
}

/* --- what it says ------------------------------------------------------------------- */

static void closep(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* Keeps the end only: a child that talks for days must not fill us. */
static void keep(struct buf *said, struct bytes piece)
{
    if (said->len + piece.len > SAID_BYTES)
        buf_drop_front(said, said->len + piece.len - SAID_BYTES);
    buf_add(said, piece);
}

/* The next piece, which lies in @storage until the next call; empty when there is none
 * now. */
static struct bytes read_log(struct emulator_child *child, char *storage)
{
    ssize_t len = child->log_fd >= 0 ? read(child->log_fd, storage, PIECE_BYTES) : -1;
    struct bytes piece = bytes_of(storage, len > 0 ? (size_t)len : 0);

    if (len == 0)
        closep(&child->log_fd);
    keep(&child->said, piece);
    return piece;
}

static void drain_log(struct emulator_child *child)
{
    char storage[PIECE_BYTES];

    while (read_log(child, storage).len > 0)
        ;
}

void emulator_child_relay(struct emulator_child *child, const struct print *print)
{
    char storage[PIECE_BYTES];
    struct bytes piece = read_log(child, storage);
    struct bytes line;

    while (piece.len > 0) {
        cleanup(buf_done) struct buf clean = {0};

        buf_init(&clean, (size_t)4 * PIECE_BYTES);
        line = bytes_take_until(&piece, '\n');
        print_clean(line, &clean);
        print_text(print, "emulator: %s\n", buf_text(&clean));
    }
    fflush(print->file);
}

/* --- its end ------------------------------------------------------------------------ */

/* "error[PA1020]: text" and a line of help, as its main writes them. */
static bool find_error(struct bytes said, struct bytes *ret_code, struct bytes *ret_text,
                       struct bytes *ret_help)
{
    const struct bytes mark = BYTES("error[");

    while (said.len > 0) {
        struct bytes line = bytes_take_until(&said, '\n');

        if (!bytes_starts(line, mark) || bytes_find(line, BYTES("]: ")) >= line.len)
            continue;
        *ret_code = bytes_slice(line, mark.len, mark.len + CODE_LEN);
        *ret_text = bytes_slice(line, mark.len + CODE_LEN + strlen("]: "), line.len);
        *ret_help = bytes_trim(bytes_take_until(&said, '\n'));
        return true;
    }
    return false;
}

static enum err_exit exit_of(int status)
{
    static const enum err_exit known[] = {ERR_USAGE, ERR_CONFIG, ERR_CONFLICT};

    for (size_t i = 0; i < COUNT(known); i++) {
        if (WIFEXITED(status) && WEXITSTATUS(status) == (int)known[i])
            return known[i];
    }
    return ERR_FAILED;
}

static void describe_end(const struct emulator_child *child, int status, struct err *err)
{
    struct bytes code;
    struct bytes text;
    struct bytes help;
    char code_text[CODE_LEN + 1];

    if (find_error(buf_bytes(&child->said), &code, &text, &help)) {
        snprintf(code_text, sizeof(code_text), "%.*s", BYTES_FMT(code));
        err_code(err, code_text, exit_of(status), "%s%.*s",
                 bytes_starts(text, BYTES("the ")) ? "" : "the local Segment: ",
                 BYTES_FMT(text));
        if (help.len > 0)
            err_help(err, "%.*s", BYTES_FMT(help));
    } else if (WIFSIGNALED(status)) {
        err_code(err, "PA8001", ERR_FAILED, "the local Segment was ended by signal %d",
                 WTERMSIG(status));
    } else {
        err_code(err, "PA8001", ERR_FAILED, "the local Segment ended (exit code %d)",
                 WEXITSTATUS(status));
    }
}

void emulator_child_ended(struct emulator_child *child, struct err *err)
{
    int status = 0;

    child_reap(&child->process, &status);
    drain_log(child);
    describe_end(child, status, err);
}

static bool ends_within(const struct emulator_child *child, int wait_ms)
{
    struct pollfd fd = {.fd = child->process.pidfd, .events = POLLIN};

    return poll(&fd, 1, wait_ms) > 0;
}

void emulator_child_stop(struct emulator_child *child)
{
    int status;

    if (emulator_child_runs(child)) {
        child_kill(&child->process, SIGTERM);
        if (!ends_within(child, STOP_MS))
            child_kill(&child->process, SIGKILL);
        child_reap(&child->process, &status);
    }
    closep(&child->log_fd);
    buf_done(&child->said);
    json_free(child->environment);
    child->environment = NULL;
}

/* --- its start ---------------------------------------------------------------------- */

static int spawn(struct emulator_child *child, const struct emulator_flags *flags,
                 const int ready[2], struct err *err)
{
    char program[PATH_BYTES];
    int log[2];
    struct child_options options = {
        .program = program,
        .arguments = flags->argv,
        .environment = (const char *const *)environ,
        .pass_fds = &ready[1],
        .n_pass_fds = 1,
        .stderr_fd = &log[1],
    };
    int answer;

    if (child_sibling("partnerapp-emulator", program, sizeof(program), err) < 0)
        return -1;
    if (pipe2(log, O_CLOEXEC) < 0)
        return err_sys(err, "pipe");
    answer = child_start(&options, &child->process, err);
    close(log[1]);
    child->log_fd = log[0];
    (void)fcntl(child->log_fd, F_SETFL, O_NONBLOCK);
    if (answer < 0)
        err_help(err, "it lies beside partnerapp; `make build` and `make install` put it "
                      "there");
    return answer;
}

/* False: the other end is closed, so it has ended or is about to. */
static bool read_some(int fd, struct buf *line)
{
    char *room = buf_room(line, PIECE_BYTES);
    ssize_t len = room != NULL ? read(fd, room, PIECE_BYTES) : 0;

    if (len > 0)
        buf_grew(line, (size_t)len);
    return len > 0;
}

/* The line that says it listens. */
static int await_line(struct emulator_child *child, int fd, struct buf *line,
                      struct err *err)
{
    const int64_t deadline_ms = clock_now_ms() + START_MS;
    int64_t left_ms = START_MS;

    for (; left_ms > 0; left_ms = deadline_ms - clock_now_ms()) {
        struct pollfd fds[] = {{.fd = fd, .events = POLLIN},
                               {.fd = child->log_fd, .events = POLLIN}};

        if (poll(fds, COUNT(fds), (int)left_ms) <= 0)
            continue;
        if (fds[1].revents != 0)
            drain_log(child);
        if (fds[0].revents != 0 && !read_some(fd, line)) {
            emulator_child_ended(child, err);
            return -1;
        }
        if (bytes_index(buf_bytes(line), '\n') < line->len)
            return 0;
    }
    return err_code(err, "PA8002", ERR_TIMEOUT,
                    "the local Segment does not listen after %d s", START_MS / 1000);
}

static int start(struct emulator_child *child, const struct emulator_flags *flags,
                 struct err *err)
{
    cleanup(closep) int ready = -1;
    cleanup(buf_done) struct buf line = {0};
    int ends[2];
    int answer;

    buf_init(&line, LINE_BYTES);
    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_sys(err, "pipe");
    ready = ends[0];
    answer = spawn(child, flags, ends, err);
    close(ends[1]);
    if (answer < 0 || await_line(child, ready, &line, err) < 0)
        return -1;
    return json_parse(buf_bytes(&line), &child->environment, err);
}

int emulator_child_start(struct emulator_child *child, const struct emulator_flags *flags,
                         const char *port_help, struct err *err)
{
    struct emulator_flags all = *flags;

    *child = (struct emulator_child){.process = {.pidfd = -1}, .log_fd = -1};
    buf_init(&child->said, SAID_BYTES);
    emulator_flags_add(&all, "ready-fd", "3");
    if (start(child, &all, err) == 0)
        return 0;
    /* --port is another flag here; --public-api-port is the same. */
    if (strcmp(err->code, "PA1020") == 0 && strncmp(err->help, "--port ", 7) == 0) {
        err->help[0] = '\0';
        err_help(err, "%s", port_help);
    }
    emulator_child_stop(child);
    return -1;
}

const char *emulator_child_text(const struct emulator_child *child, const char *name)
{
    struct bytes text = json_string(json_get(child->environment, name));

    return text.ptr != NULL ? text.ptr : "";
}
