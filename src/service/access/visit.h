/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * visit - a request on its way through access: who asks, and its row of the audit list.
 *
 * Kept with the request from its head to its end. What changes something is written down
 * before the handler is called: the handler's turn comes when the row is durable
 * (server_again), and the row gets the status of the answer when that is known.
 */

#include "service/access/access.h"
#include "service/errand.h"

struct site;

struct visit {
    struct site *site;
    struct server_request *request;
    struct principal principal;
    struct errand errand;
    int64_t row; /* of the audit list; 0: not written */
    char action[96], subject[128], peer[64];
    bool is_written, is_handled;
    bool is_veiled; /* the answer is one of values that a viewer must not see */
    bool has_failed;
    struct err failure;
};

/* In the head: NULL when it was refused and answered. */
struct visit *visit_begin(struct site *site, struct server_request *request,
                          enum route_access access);
/* The visit of @request; NULL when it has none. */
struct visit *visit_of(const struct server_request *request);
/* In the body: true when the handler may be called now. Else it was answered, or body_fn
 * will be called again. @action is NULL for what is not written down. */
must_check
bool visit_proceed(struct visit *visit, const char *action, struct bytes subject);
