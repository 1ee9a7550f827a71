/* SPDX-License-Identifier: MIT */
#pragma once

/* failure - why a call got no answer: its kind and one sentence for people. */

#include "base/bytes.h"
#include "core/outcome.h"
#include "net/client.h"

struct peer;

struct failure {
    enum outcome_transport transport; /* NONE: there is none */
    int os_error;                     /* of a failed connect, or 0 */
    char text[sizeof(((struct client_response *)0)->error)];
};

/* Returns false, so that `return failure_set(…);` reads well in a question. */
printf_like(3, 4) bool failure_set(struct failure *failure,
                                   enum outcome_transport transport, const char *format,
                                   ...);
void failure_set_egress(struct failure *failure, const struct peer *peer,
                        struct bytes host);
void failure_set_connect(struct failure *failure, const struct peer *peer, int error);
void failure_set_dns(struct failure *failure, struct bytes host);
