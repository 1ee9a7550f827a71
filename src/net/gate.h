/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * gate - may this call connect to this address? One question an address; a refusal is for
 * good, until the call begins again.
 */

#include "base/bytes.h"
#include "net/peer.h"

struct egress;
struct failure;

struct gate {
    struct sockaddr_storage address; /* tried last, or the one that was refused */
    struct peer peer;                /* the same, once it was asked for */
    bool is_refused;
    bool is_judged;        /* every address of the host was let pass */
    bool is_loopback_only; /* and not merely what egress allows */
    int64_t looked_us;     /* how long the look-up for the judging took; 0: none */
};

/* For another URL. */
void gate_begin(struct gate *gate, bool is_loopback_only);

/* Forgets what was asked; what is_loopback_only says stays. */
void gate_reset(struct gate *gate);
must_check
bool gate_ask(struct gate *gate, const struct egress *egress, struct bytes host,
              const struct sockaddr *address);
/* Whom the address names, for people. */
must_check
const struct peer *gate_peer(struct gate *gate);
/* The sentence for a refusal. */
void gate_explain(struct gate *gate, struct bytes host, struct failure *failure);
