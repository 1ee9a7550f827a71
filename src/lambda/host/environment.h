/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * environment - a process of the function, with its Runtime API listener.
 *
 * It leads a session and a process group of its own. What a person typed runs below a
 * shell that ends the whole group when this program dies, however it dies: the kernel's
 * word reaches only the first process. When an environment ends, its group is killed.
 */

#include "lambda/host/host_state.h"

/* -1: the command is not there, or there is no port. */
must_check
int environment_start(struct host *host, struct err *err);
/* Kills what still runs, tells who waits why, and frees it. */
void environment_end(struct environment *environment);

/* From an answer on: the invocation has left; the limit is that of asking again. */
void environment_finish(struct environment *environment);
/* IDLE: takes the invocation. */
void environment_take(struct environment *environment, struct task *task);
/* It has asked for work with @post. */
void environment_wait(struct environment *environment, struct post *post);
/* It cannot start, says it itself: it is given a moment to end. */
void environment_expect_end(struct environment *environment);
/* What it has written so far belongs to the invocation that it is about to answer. */
void environment_read_output(struct environment *environment);
