/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * verdict - what a run's end is answered as (function.h; dossier §4.5, §5.3). Pure.
 *
 * What is worth another try is a "RetryError", whose message keeps the name it had
 * ("Timeout: …"); everything else keeps its class name. A batch of which one event is
 * worth another try is tried again whole: Lambda has one answer for all of them, and
 * twice is better than never.
 */

#include "core/outcome.h"
#include "js/pool.h"
#include "lambda/runtime/runtime.h"

struct client_response;

enum { VERDICT_BYTES = 96 << 10 };

struct verdict {
    bool is_good; /* else the failure is set; its slices lie in the text or the result */
    struct runtime_failure failure;
    struct buf text;
};

/* Of code that has run; @n_events of a batch, else 0. End each with verdict_done. */
void verdict_of_run(const struct pool_result *result, size_t n_events,
                    struct verdict *ret_verdict);
/* Of what the endpoint said to the body that transformEvent returned. */
void verdict_of_post(const struct client_response *response, struct verdict *ret_verdict);
/* Of a payload that no code was run for; never good. @type as its class name. */
void verdict_refuse(struct verdict *ret_verdict, const char *type, const char *format,
                    ...) __attribute__((format(printf, 3, 4)));
void verdict_done(struct verdict *verdict);
