/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * requests - what one invocation sends: the fetches of its code, and the post of what
 * transformEvent returned. All copied; all gone with requests_cancel.
 *
 * Each carries an Idempotency-Key, unless the code sets one itself: made of the settings,
 * of the event's messageId (of the whole event where it has none) and of the request's
 * number within the run. So it is the same when Segment tries again, whichever machine
 * that reaches.
 */

#include "base/list.h"
#include "js/pool.h"
#include "net/client.h"

enum { REQUESTS_TIMEOUT_MS = 5000, REQUESTS_KEY_BYTES = 48 };

struct requests {
    struct client *client;
    const struct egress *egress;
    struct list under_way;
    unsigned n_begun;
    char key[REQUESTS_KEY_BYTES];
};

void requests_init(struct requests *requests, struct client *client,
                   const struct egress *egress);
/* Names the run for its keys; @of is the messageId, or the event. */
void requests_name(struct requests *requests, struct bytes settings, struct bytes of);
/* @fn is called once, later, unless it is cancelled before. */
void requests_fetch(struct requests *requests, struct pool_invocation *invocation,
                    uint32_t fetch, const struct pool_request *wanted);
void requests_post(struct requests *requests, struct bytes url, struct bytes body,
                   client_done_fn *fn, void *arg);
void requests_cancel(struct requests *requests);
/* The code runs again from its beginning: the same, and numbers begin anew. */
void requests_restart(struct requests *requests);
