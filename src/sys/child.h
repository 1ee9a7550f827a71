/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * child - another program in its own process, over one socket pair.
 *
 * fork and exec, never fork alone; exactly the given descriptors, the given environment;
 * in a session of its own, so that a terminal's Ctrl-C does not reach it; dies with the
 * thread that started it (PDEATHSIG) and is watched and killed by pidfd, so a recycled
 * pid is never hit. A person's own command (is_command) is left with more of ours.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"

struct err;

struct child_options {
    const char *program;            /* path */
    const char *const *arguments;   /* argv, NULL-terminated, [0] included */
    const char *const *environment; /* exactly these, NULL-terminated */
    const int *pass_fds;            /* become 3, 4, … in the child */
    unsigned n_pass_fds;
    const int *group_fd;  /* cgroup.procs of the group that it joins; NULL: ours */
    bool keep_stdio;      /* else stdin and stdout are /dev/null, stderr stays */
    const int *stderr_fd; /* becomes its standard error; NULL: ours */
    const int *output_fd; /* becomes its standard output and error, both; NULL: neither */
    const char *folder;   /* where it works; NULL: where we do */
    int death_signal;     /* what it gets when we die; 0: SIGKILL */
    bool is_in_path;      /* a program without a '/' is looked for in PATH */
    /* A command that a person typed, not a part of us: looked for in PATH, keeps the
     * streams, every descriptor that may be kept, and our session, so that a terminal's
     * Ctrl-C reaches it as if we were not there. SIGTERM instead of SIGKILL when we die.
     */
    bool is_command;
};

enum { CHILD_MAX_FDS = 8 };

struct child {
    pid_t pid;
    int pidfd; /* readable when it has ended; -1: none */
    /* The process inside that does the work, where the program put itself into a pid
     * namespace (child_adopt); else the child itself. */
    int inner_pidfd; /* -1: none */
    int statm_fd;    /* of the one that works; -1: not known */
    int status_fd;   /* likewise */
};

/* -1 with @err when it could not be started (the program is missing, …). */
must_check
int child_start(const struct child_options *options, struct child *ret_child,
                struct err *err);
/* @pid, as the kernel told it with a message, works for @child: measured and killed too.
 */
void child_adopt(struct child *child, pid_t pid);
/* The same of the one below @child that has most memory now: of a command, whose shell
 * only waits. Nothing when there is none. */
void child_adopt_largest(struct child *child);
void child_kill(const struct child *child, int signal_number);
/* All of its process group, what it has started included, and what it has left behind
 * when it has ended. Before child_reap: the number is then still its own. Not of a
 * command, whose group is ours. */
void child_kill_group(const struct child *child, int signal_number);
/* Reaps. Blocks until it ended; *ret_status as waitpid's. Closes the pidfd. */
void child_reap(struct child *child, int *ret_status);
/* Resident bytes now, from /proc; 0 when it is gone. */
int64_t child_rss_bytes(const struct child *child);
/* The most bytes that were ever resident; 0 when it is gone. Dearer than the one above.
 */
int64_t child_peak_bytes(const struct child *child);
/* The path of @name in the running program's own folder ("…/partnerapp-runner"). */
must_check
int child_sibling(const char *name, char *ret_path, size_t size, struct err *err);
