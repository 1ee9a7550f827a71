/* SPDX-License-Identifier: MIT */

#include "net/failure.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "net/peer.h"

enum { HOST_SHOWN = 100 };

bool failure_set(struct failure *failure, enum outcome_transport transport,
                 const char *format, ...)
{
    va_list args;

    failure->transport = transport;
    va_start(args, format);
    (void)vsnprintf(failure->text, sizeof(failure->text), format, args);
    va_end(args);
    return false;
}

void failure_set_egress(struct failure *failure, const struct peer *peer,
                        struct bytes host)
{
    host = bytes_slice(host, 0, HOST_SHOWN);
    if (bytes_eq(host, bytes_str(peer->address)))
        (void)failure_set(failure, TRANSPORT_EGRESS,
                          "connect to %s refused: private address; "
                          "allow it with egress.allow",
                          peer->address);
    else
        (void)failure_set(failure, TRANSPORT_EGRESS,
                          "connect to %s (%.*s) refused: private address; "
                          "allow it with egress.allow",
                          peer->address, BYTES_FMT(host));
}

void failure_set_connect(struct failure *failure, const struct peer *peer, int error)
{
    char text[PEER_TEXT_LEN];
    char why[64];

    /* "Connection refused" stands in the middle of the sentence. */
    (void)snprintf(why, sizeof(why), "%s",
                   error != 0 ? strerror(error) : "no address answered");
    if (why[0] >= 'A' && why[0] <= 'Z')
        why[0] = (char)(why[0] | 0x20);
    failure->os_error = error;
    (void)failure_set(failure, TRANSPORT_REFUSED, "connect to %s: %s",
                      peer_text(peer, text), why);
}

void failure_set_dns(struct failure *failure, struct bytes host)
{
    (void)failure_set(failure, TRANSPORT_DNS, "getaddrinfo ENOTFOUND %.*s",
                      BYTES_FMT(bytes_slice(host, 0, HOST_SHOWN)));
}
