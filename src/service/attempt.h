/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * attempt - one try to make a delivery: a function's run with the requests that it makes,
 * or one request that carries the event. Shared by attempt.c (its course), outgoing.c
 * (its requests) and settle.c (its end). Courier's thread only.
 */

#include "service/courier_state.h"

struct pool_invocation;
struct pool_result;

struct attempt {
    struct list_link link;
    struct courier *courier;
    struct delivery *delivery;
    const struct config_subscription *config;
    const struct snapshot *snapshot;
    struct credentials *credentials;
    struct pool_invocation *invocation; /* NULL: not running */
    struct host *probe;
    struct list requests; /* under way */
    unsigned n_requests;  /* begun in this run: the ordinal of the idempotency key */
    struct buf recorded;  /* the requests that ended */
    int64_t began_us;
    int64_t began_at_ms; /* wall */
    int64_t retry_after_ms;
};

/* --- outgoing.c --------------------------------------------------------------------- */

/* The delivery's own request, with @body (copied) as JSON; attempt_own_done follows. */
void outgoing_send_own(struct attempt *attempt, struct bytes body);
/* A fetch() of the function's code; attempt_fetch_done follows. */
struct pool_request;
void outgoing_send_fetch(struct attempt *attempt, uint32_t fetch,
                         const struct pool_request *request);
/* Nothing follows any more. */
void outgoing_cancel_all(struct attempt *attempt);

/* --- attempt.c ---------------------------------------------------------------------- */

void attempt_own_done(struct attempt *attempt, const struct client_response *response);
void attempt_fetch_done(struct attempt *attempt, uint32_t fetch,
                        const struct client_response *response);
void attempt_free(struct attempt *attempt);

/* --- settle.c ----------------------------------------------------------------------- */

/* Ends and frees the attempt: its record goes to keeper. The error's texts may be NULL;
 * secrets in the message are masked here. */
void settle_attempt(struct attempt *attempt, enum outcome outcome, const char *error_name,
                    const char *error_message, const struct pool_result *result);
