/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * task - one invocation of the function, from Invoke to its answer.
 *
 * It is answered exactly once: with what the function said (task_end) or with why
 * it said nothing (task_fail). An Event that fails is tried again twice; that is
 * its answer.
 */

#include "lambda/host/host_state.h"

struct invoke_call;

/* Takes @post, whose body is the payload; an Event is answered (202) at once. */
must_check
struct task *task_new(struct host *host, struct post *post,
                      const struct invoke_call *call);
/* Nobody gets an answer: the host ends, or the caller has got another. */
void task_free(struct task *task);

/* Hands it to @environment, which is IDLE. */
void task_deliver(struct task *task, struct environment *environment);

/* @error_type NULL: it went well. @message is for people. Frees the invocation, or keeps
 * it for later. */
void task_end(struct task *task, const char *error_type, struct bytes message,
              struct bytes body);
/* {"errorType":…,"errorMessage":"RequestId: … Error: …"} */
void task_fail(struct task *task, const char *error_type, const char *message);
/* Who waits gets 502: the host ends. */
void task_give_up(struct task *task);

/* A fresh request id. */
void task_make_id(char ret_id[UUID_LEN + 1]);
