/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * emulator_child - the local Segment (partnerapp-emulator) as a process of ours.
 *
 * Its code is not in this program: it is started, says on a pipe that it listens and all
 * that a client needs (one line of JSON), and is spoken to over HTTP from then on. It
 * dies with the thread that started it, on SIGKILL too. What it writes on its standard
 * error comes to us, so that a start that fails is told in our words, once.
 */

#include "base/buf.h"
#include "sys/child.h"

struct arena;
struct err;
struct json;
struct print;

/* Its command line, piece by piece; texts are copied. */
struct emulator_flags {
    struct arena *arena;
    const char **argv; /* NULL-terminated */
    size_t n, capacity;
};
/* Room for @n_flags pairs at least. */
void emulator_flags_init(struct emulator_flags *flags, struct arena *arena,
                         size_t n_flags);
/* "--name", and a value unless it is NULL. */
void emulator_flags_add(struct emulator_flags *flags, const char *name,
                        const char *value);
printf_like(3, 4) void emulator_flags_addf(struct emulator_flags *flags, const char *name,
                                           const char *format, ...);

struct emulator_child {
    struct child process; /* pidfd is -1 when it does not run */
    int log_fd;           /* its standard error, not blocking; -1: at its end */
    struct buf said;      /* the end of what came from there */
    struct json *environment;
};

/* Returns when it listens; @port_help is what to type when its port is taken. -1: why it
 * ended, with its exit code, or it did not listen in time. */
must_check
int emulator_child_start(struct emulator_child *child, const struct emulator_flags *flags,
                         const char *port_help, struct err *err);
/* SIGTERM, then SIGKILL; twice is fine, also after a start that failed. */
void emulator_child_stop(struct emulator_child *child);
static inline bool emulator_child_runs(const struct emulator_child *child)
{
    return child->process.pidfd >= 0;
}
/* After pidfd has become readable: reaps it and says in @err how it ended. */
void emulator_child_ended(struct emulator_child *child, struct err *err);
/* After log_fd has become readable: shows what it said. */
void emulator_child_relay(struct emulator_child *child, const struct print *print);
/* "CLIENT_ID" of what it told us, or "". Lives as long as @child. */
const char *emulator_child_text(const struct emulator_child *child, const char *name);
