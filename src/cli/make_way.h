/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * make_way - the running program is replaced by the one that is installed now, in the
 * same process: same pid, same arguments, and the sockets go on (sys/inherit.h).
 */

#include "base/attr.h"

struct err;
struct inherit;

/* At the start, before the environment is read: keeps what is wiped from it and the next
 * program needs as well. Main thread. */
void make_way_prepare(void);
/* Runs the program that is there now with our arguments and --check. -1 with what it
 * said when it would not start. Blocks for at most 30 s. */
must_check
int make_way_check(struct err *err);
/* Leaves it the sockets and becomes it. When that fails it becomes this very program
 * again, which the kernel still has, whatever happened to its file. Returns on failure
 * of both only. */
void make_way_exec(const struct inherit *inherit, struct err *err);
