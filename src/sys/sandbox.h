/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * sandbox - give up power for good; the only file with libseccomp and Landlock.
 *
 * In two steps, because the engine must warm up between them (reliability §4.2 and its
 * opening note): sandbox_early() before the first engine call, while the process has one
 * thread: namespaces (user, mount, pid, network, IPC, UTS where the kernel and user
 * allow), an empty root, Landlock, no_new_privs, no capabilities, rlimits, not dumpable.
 * One file is left to read until sandbox_late(): /dev/urandom, which the engine opens
 * when it starts. sandbox_late() after warm-up: seccomp with TSYNC, allow-list without
 * files, sockets, processes; no PROT_EXEC; what is not listed kills the process.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct err;

enum sandbox_layer {
    SANDBOX_NAMESPACES = 1 << 0,
    SANDBOX_EMPTY_ROOT = 1 << 1,
    SANDBOX_LANDLOCK = 1 << 2,
    SANDBOX_NO_NEW_PRIVS = 1 << 3,
    SANDBOX_NO_CAPABILITIES = 1 << 4,
    SANDBOX_RLIMITS = 1 << 5,
    SANDBOX_SECCOMP = 1 << 6,
    SANDBOX_CGROUP = 1 << 7, /* around it, by who started it (sys/cgroup.h) */
};

enum sandbox_level {
    SANDBOX_LEVEL_NONE = 0, /* zero is "nothing in force": refused by whoever asks */
    SANDBOX_LEVEL_LAMBDA,   /* seccomp, no_new_privs, rlimits */
    SANDBOX_LEVEL_HARDENED, /* and Landlock, no capabilities */
    SANDBOX_LEVEL_STRICT,   /* and namespaces with an empty root */
};

/* The level that a set of layers amounts to. */
enum sandbox_level sandbox_level_of(unsigned layers);
const char *sandbox_level_text(enum sandbox_level level);
/* "namespaces, landlock, seccomp": names joined, for people. */
void sandbox_layers_text(unsigned layers, char *ret_text, size_t size);
/* The layers that @level needs: what is missing is these without those in force. */
unsigned sandbox_layers_of(enum sandbox_level level);

/* Keeps descriptors 0-2 and those below @n_keep_fds, closes the others. *ret_layers gets
 * what is in force; what this kernel or user refuses is left out, not an error. With a
 * pid namespace it forks: the caller returns in the inner process, the outer one waits,
 * dies with it and ends as it ended. -1 only when the process is left in between. */
must_check
int sandbox_early(int n_keep_fds, unsigned *ret_layers, struct err *err);
/* Adds SANDBOX_SECCOMP. -1 when the filter cannot be loaded: do not go on. */
must_check
int sandbox_late(unsigned *layers, struct err *err);
