/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * waiters - requests in mode inline, which wait for what becomes of their event.
 *
 * A permanent outcome becomes the status; one that will be tried again, or that is not
 * there within four seconds, stays ours and answers 202, so that Segment does not send it
 * again (interface §5). Courier's thread only.
 */

#include "base/list.h"
#include "core/outcome.h"
#include "sys/loop.h"

struct keeper;
struct server_request;

struct waiter { /* embedded in a delivery; zeroed: nobody waits */
    struct list_link link;
    struct server_request *request;
    int64_t until_ms; /* monotonic */
    char event_id[32];
};

struct waiters {
    struct list list; /* oldest first: all wait equally long */
    struct loop *loop;
    struct loop_timer timer;
    /* Once it has failed nobody gets a 2xx any more (reliability I14), also who has
     * waited since before. NULL: not yet known. */
    const struct keeper *keeper;
};

void waiters_init(struct waiters *waiters, struct loop *loop);
void waiters_done(
    struct waiters *waiters); /* answers 202 to all, or 503 when the store failed */
void waiters_add(struct waiters *waiters, struct waiter *waiter,
                 struct server_request *request, const char *event_id);
/* Nothing when nobody waits. @error_name and @message NULL: none. */
void waiters_answer(struct waiters *waiters, struct waiter *waiter, enum outcome outcome,
                    const char *error_name, const char *message);
/* The delivery goes away: answers 202, if somebody waits. */
void waiters_forget(struct waiters *waiters, struct waiter *waiter);
void waiters_forget_all(struct waiters *waiters);
