/* SPDX-License-Identifier: MIT */

#include "net/gate.h"

#include <string.h>

#include "net/egress.h"
#include "net/failure.h"

/* Most are never named. */
const struct peer *gate_peer(struct gate *gate)
{
    gate->peer = peer_of((const struct sockaddr *)&gate->address);
    return &gate->peer;
}

static bool is_loopback(struct gate *gate)
{
    const struct bytes address = bytes_str(gate_peer(gate)->address);

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
    gate->address.ss_family = AF_UNSPEC;
    gate->is_refused = false;
}

bool gate_ask(struct gate *gate, const struct egress *egress, struct bytes host,
              const struct sockaddr *address)
{
    if (gate->is_refused)
        return false;
    memcpy(&gate->address, address,
           address->sa_family == AF_INET    ? sizeof(struct sockaddr_in)
           : address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                            : sizeof(sa_family_t));
    gate->is_refused = egress_check(egress, host, address) != EGRESS_ALLOWED ||
                       (gate->is_loopback_only && !is_loopback(gate));
    return !gate->is_refused;
}

void gate_explain(struct gate *gate, struct bytes host, struct failure *failure)
{
    if (gate->is_loopback_only && !is_loopback(gate))
        (void)failure_set(failure, TRANSPORT_EGRESS,
                          "connect to %s refused: plain http goes to this machine only",
                          gate_peer(gate)->address);
    else
        failure_set_egress(failure, gate_peer(gate), host);
}
