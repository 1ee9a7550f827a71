/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * invocation - one call of the function, from Invoke to its answer.
 *
 * It is answered exactly once: with what the function said (invocation_end) or with why
 * it said nothing (invocation_fail). An Event that fails is tried again twice; that is
 * its answer.
 */

#include "lambda/host/host_state.h"

struct invoke_call;

/* Takes @post, whose body is the payload; an Event is answered (202) at once. */
must_check
struct invocation *invocation_new(struct host *host, struct post *post,
                                  const struct invoke_call *call);
/* Nobody gets an answer: the host ends, or the caller has got another. */
void invocation_free(struct invocation *invocation);

/* Hands it to @environment, which is IDLE. */
void invocation_deliver(struct invocation *invocation, struct environment *environment);

/* @error_type NULL: it went well. @message is for people. Frees the invocation, or keeps
 * it for later. */
void invocation_end(struct invocation *invocation, const char *error_type,
                    struct bytes message, struct bytes body);
/* {"errorType":…,"errorMessage":"RequestId: … Error: …"} */
void invocation_fail(struct invocation *invocation, const char *error_type,
                     const char *message);
/* Who waits gets 502: the host ends. */
void invocation_give_up(struct invocation *invocation);

/* A fresh request id. */
void invocation_make_id(char ret_id[UUID_LEN + 1]);
