/* SPDX-License-Identifier: MIT */

#include "core/outcome.h"

const char *outcome_transport_text(enum outcome_transport transport)
{
    static const char *const texts[] = {
        [TRANSPORT_NONE] = "none",
        [TRANSPORT_OK] = "ok",
        [TRANSPORT_TIMEOUT] = "timeout",
        [TRANSPORT_REFUSED] = "refused",
        [TRANSPORT_DNS] = "dns",
        [TRANSPORT_TLS] = "tls",
        [TRANSPORT_EGRESS] = "egress",
        [TRANSPORT_BAD_URL] = "bad_url",
        [TRANSPORT_TOO_LARGE] = "too_large",
        [TRANSPORT_OTHER] = "other",
    };

    return transport < COUNT(texts) ? texts[transport] : texts[TRANSPORT_OTHER];
}

static enum outcome of_status(int status)
{
    if (status >= 200 && status <= 299)
        return OUTCOME_DELIVERED;
    if (status == 408 || status == 423 || status == 429)
        return OUTCOME_RETRY;
    if (status == 501)
        return OUTCOME_DISCARDED;
    /* Above 599 is no HTTP, but what sent it may recover. */
    return status >= 500 ? OUTCOME_RETRY : OUTCOME_DEAD;
}

enum outcome outcome_of_item(int status)
{
    enum outcome outcome = of_status(status);

    return outcome == OUTCOME_DEAD ? OUTCOME_DISCARDED : outcome;
}

enum outcome outcome_of_http(enum outcome_transport transport, int status)
{
    switch (transport) {
    case TRANSPORT_OK:
        return of_status(status);
    case TRANSPORT_EGRESS:
    case TRANSPORT_BAD_URL:
        return OUTCOME_DEAD;
    case TRANSPORT_NONE:
    case TRANSPORT_TIMEOUT:
    case TRANSPORT_REFUSED:
    case TRANSPORT_DNS:
    case TRANSPORT_TLS:
    case TRANSPORT_TOO_LARGE:
    case TRANSPORT_OTHER:
        return OUTCOME_RETRY;
    }
    return OUTCOME_RETRY;
}

/* The errors by which a function says "never send me this again". */
static bool is_rejection(struct bytes name)
{
    return bytes_eq(name, BYTES("InvalidEventPayload")) ||
           bytes_eq(name, BYTES("ValidationError")) || bytes_eq(name, BYTES("DropEvent"));
}

static enum outcome of_throw(struct bytes name)
{
    if (is_rejection(name) || bytes_eq(name, BYTES("EventNotSupported")))
        return OUTCOME_DISCARDED;
    return bytes_eq(name, BYTES("RetryError")) ? OUTCOME_RETRY : OUTCOME_DEAD;
}

enum outcome outcome_of_run(enum outcome_run run, struct bytes name)
{
    switch (run) {
    case RUN_RETURNED:
        return OUTCOME_DELIVERED;
    case RUN_THREW:
        return of_throw(name);
    case RUN_NO_HANDLER:
        return OUTCOME_DISCARDED;
    case RUN_NOT_LOADED:
        return OUTCOME_DEAD;
    case RUN_NONE:
    case RUN_TIMEOUT:
    case RUN_MEMORY:
    case RUN_CRASHED:
        return OUTCOME_RETRY;
    }
    return OUTCOME_RETRY;
}

enum delivery_state outcome_state(enum outcome outcome, unsigned attempts_made,
                                  unsigned attempts_allowed, int64_t next_at_ms,
                                  int64_t deadline_ms)
{
    switch (outcome) {
    case OUTCOME_DELIVERED:
        return DELIVERY_DELIVERED;
    case OUTCOME_DISCARDED:
        return DELIVERY_DISCARDED;
    case OUTCOME_DEAD:
        return DELIVERY_DEAD;
    case OUTCOME_NONE:
    case OUTCOME_RETRY:
        break;
    }
    if (attempts_made >= attempts_allowed || next_at_ms > deadline_ms)
        return DELIVERY_DEAD;
    return DELIVERY_RETRYING;
}

int outcome_inline_status(enum outcome outcome, struct bytes error_name)
{
    switch (outcome) {
    case OUTCOME_DELIVERED:
        return 200;
    case OUTCOME_DISCARDED:
        return is_rejection(error_name) ? 400 : 501;
    case OUTCOME_DEAD:
        return 400;
    case OUTCOME_NONE:
    case OUTCOME_RETRY:
        return 202;
    }
    return 202;
}
