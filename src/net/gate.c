/* SPDX-License-Identifier: MIT */

#include "net/gate.h"

#include "net/egress.h"
#include "net/failure.h"

static bool is_loopback(const struct peer *peer)
{
    const struct bytes address = bytes_str(peer->address);

    return bytes_starts(address, BYTES("127.")) || bytes_eq(address, BYTES("::1"));
}

void gate_begin(struct gate *gate, bool is_loopback_only)
{
    gate->is_judged = false;
    gate->is_loopback_only = is_loopback_only;
    gate->looked_us = 0;
}

void gate_reset(struct gate *gate)
{
    gate->peer = (struct peer){0};
    gate->is_refused = false;
}

bool gate_ask(struct gate *gate, const struct egress *egress, struct bytes host,
              const struct sockaddr *address)
{
    if (gate->is_refused)
        return false;
    gate->peer = peer_of(address);
    gate->is_refused = egress_check(egress, host, address) != EGRESS_ALLOWED ||
                       (gate->is_loopback_only && !is_loopback(&gate->peer));
    return !gate->is_refused;
}

void gate_explain(const struct gate *gate, struct bytes host, struct failure *failure)
{
    if (gate->is_loopback_only && !is_loopback(&gate->peer))
        (void)failure_set(failure, TRANSPORT_EGRESS,
                          "connect to %s refused: plain http goes to this machine only",
                          gate->peer.address);
    else
        failure_set_egress(failure, &gate->peer, host);
}
