/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * receive - POST /webhook[/NAME]: who sends it, is it whole, is it an event? (interface
 * §5, dossier §3)
 *
 * The head is judged before the body is read: path, method, credentials, lengths, types.
 * The body is judged before anything is stored: signature, JSON, each event. What is good
 * goes to keeper, who answers; everything that is the sender's fault is answered here,
 * and what is our fault is a 503. Runs in a listener's thread.
 */

#include <stdatomic.h>

#include "base/list.h"
#include "service/keyring.h"
#include "service/snapshot.h"
#include "service/tally.h"

struct keeper;
struct server_request;

struct receive {
    _Atomic(struct snapshot *) *snapshot;
    struct keyring *keyring;
    struct tally *tally;
    struct keeper *keeper;
    atomic_bool *is_draining;
    struct list receipts; /* of this turn, for keeper; the listener's thread only */
};

/* False when the path is no subscription's: not ours, and not answered. */
must_check
bool receive_head(struct receive *receive, struct server_request *request);
/* Its head was ours. */
must_check
bool receive_has(const struct server_request *request);
/* Only for requests whose head was ours and not answered. */
void receive_body(struct receive *receive, struct server_request *request);
/* At the end of the listener's turn: keeper gets what is good, all at once, so that it is
 * woken once and commits it together. @is_all: nobody is connected whose request is not
 * in. */
void receive_turn_ends(struct receive *receive, bool is_all);
