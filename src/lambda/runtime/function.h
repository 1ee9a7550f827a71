/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * function - a partner's JavaScript as a Lambda: Runtime API in front, runner behind.
 *
 * Success is answered only when the endpoint has accepted: what transformEvent returned
 * has been posted and got a 2xx; a fetch() is the code's own. An outcome that is worth
 * another try (core/outcome: RetryError, a time limit, memory, a crash, 429 or 5xx of the
 * endpoint) is an error of type "RetryError", which makes Segment try again (§5.3);
 * every other error keeps its class name. Nothing is worked on after the answer.
 *
 * Every line that the code logs goes to standard output, before the answer, with the
 * request's id in front: that is where CloudWatch and LogType Tail look.
 */

#include "base/bytes.h"
#include "js/pool.h"

struct err;

struct function_options {
    struct bytes api; /* AWS_LAMBDA_RUNTIME_API */
    struct pool_code code;
    struct bytes
        settings;       /* JSON object's text, below what an event brings; may be empty */
    const char *runner; /* path of partnerapp-runner */
    const char *const *egress_allow;
    size_t n_egress_allow;
    bool may_reach_loopback; /* under `lambda serve` on a developer's machine */
    unsigned n_at_once;      /* 0: 1 */
    int64_t memory_bytes;
};

/* Loads the code and serves until the API is lost (-1, always). Code that does not load,
 * or a sandbox below its minimum, is posted as init/error first. */
must_check
int function_serve(const struct function_options *options, struct err *err);
