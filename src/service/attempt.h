/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * attempt - one try to make a delivery, or the deliveries of a batch: a function's run
 * with the requests that it makes, or one request that carries the event. Shared by
 * attempt.c (its course), outgoing.c (its requests), source.c (what a source function
 * collected) and settle.c (its end). Courier's thread only.
 */

#include "js/pool.h"
#include "service/courier_state.h"

enum { ATTEMPT_ID_BYTES = 40 };

struct attempt {
    struct list_link link;
    struct courier *courier;
    struct line *line;
    struct list deliveries; /* at least one; of a batch in the order of its events */
    enum pool_entry entry;
    const struct config_subscription *config;
    const struct snapshot *snapshot;
    struct credentials *credentials;
    struct buf input; /* what the function is given, where it is not just the payload */
    struct pool_invocation *invocation; /* NULL: not running */
    struct host *probe;
    char id[ATTEMPT_ID_BYTES]; /* of its idempotency keys: "dlv_…", of several "bat_…" */
    struct list requests;      /* under way */
    unsigned n_requests;       /* begun in this run: the ordinal of the idempotency key */
    struct buf recorded;       /* the requests that ended */
    struct buf said;           /* the run's result and logs, from record_run */
    struct buf thrown;         /* where the run threw, from record_throw */
    struct consignment *to_send; /* of a source: what Segment is sent; else NULL */
    int64_t began_us;
    int64_t began_at_ms; /* wall */
    int64_t retry_after_ms;
};

/* The one, or the first of a batch: whose names stand for all of them. */
static inline struct delivery *attempt_first(const struct attempt *attempt)
{
    return list_entry(attempt->deliveries.first, struct delivery, link);
}

/* --- outgoing.c --------------------------------------------------------------------- */

/* The attempt's own request, with its event as it came, which stays until the attempt
 * has ended; attempt_own_done follows. */
void outgoing_send_event(struct attempt *attempt);
/* The attempt's own request, with @body (copied) as JSON; attempt_own_done follows. */
void outgoing_send_own(struct attempt *attempt, struct bytes body);
/* One to Segment under the write key, as outgoing_send_own(). */
void outgoing_send_segment(struct attempt *attempt, const char *path, struct bytes body);
/* A fetch() of the function's code; attempt_fetch_done follows. */
void outgoing_send_fetch(struct attempt *attempt, uint32_t fetch,
                         const struct pool_request *request);
/* Nothing follows any more. */
void outgoing_cancel_all(struct attempt *attempt);

/* --- attempt.c ---------------------------------------------------------------------- */

void attempt_own_done(struct attempt *attempt, const struct client_response *response);
void attempt_fetch_done(struct attempt *attempt, uint32_t fetch,
                        const struct client_response *response);
void attempt_free(struct attempt *attempt);

/* --- source.c ----------------------------------------------------------------------- */

/* Sends what a source function collected, {"events":[…],"objects":[…]}, or settles. */
void source_send(struct attempt *attempt, struct bytes collected);
/* A request of it was accepted: the next one, or the attempt is settled. */
void source_sent(struct attempt *attempt);
void consignment_free(struct consignment *consignment); /* NULL is fine */

/* --- settle.c ----------------------------------------------------------------------- */

/* Ends and frees the attempt, all its deliveries alike: their records go to keeper. The
 * error's texts may be NULL; secrets in the message are masked here. */
void settle_attempt(struct attempt *attempt, enum outcome outcome, const char *error_name,
                    const char *error_message);
/* Of a batch whose function said of each event how it went: @statuses is an array of
 * {status, errormessage?}, one for each. All are delivered when it is none. */
void settle_items(struct attempt *attempt, struct bytes statuses);
