/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * outcome - what an attempt's end means (interface §7 "Outcomes of HTTP"; dossier §4.5).
 *
 * The one place where statuses, transport errors and thrown errors become a decision.
 */

#include "core/delivery.h"

enum outcome {
    OUTCOME_NONE = 0, /* unset: treated as RETRY, so that nothing is lost by a mistake */
    OUTCOME_DELIVERED,
    OUTCOME_DISCARDED,
    OUTCOME_RETRY,
    OUTCOME_DEAD,
};

/* How a request ended below HTTP. */
enum outcome_transport {
    TRANSPORT_NONE = 0, /* unset */
    TRANSPORT_OK,       /* an answer came: look at the status */
    TRANSPORT_TIMEOUT,
    TRANSPORT_REFUSED, /* connect failed, reset, closed early */
    TRANSPORT_DNS,
    TRANSPORT_TLS,
    TRANSPORT_EGRESS,    /* the address is not allowed: a fault that no retry mends */
    TRANSPORT_BAD_URL,   /* neither does it mend this */
    TRANSPORT_TOO_LARGE, /* the answer passed our limit */
    TRANSPORT_OTHER,
};

/* "timeout", "refused", …: the words of the metrics and of status: queries. */
const char *outcome_transport_text(enum outcome_transport transport);

/* 2xx delivered; 408 423 429 5xx but 501 retry, and so do transport errors; 501
 * discarded; other 4xx, 1xx and 3xx dead; an egress refusal and a bad URL dead. */
enum outcome outcome_of_http(enum outcome_transport transport, int status);

/* What onBatch says of one of its events (dossier §4.6): 2xx delivered; 408 423 429 5xx
 * but 501 retry; all others discarded, 501 as not supported. */
enum outcome outcome_of_item(int status);

/* How a function's run ended. */
enum outcome_run {
    RUN_NONE = 0,
    RUN_RETURNED,
    RUN_THREW,   /* @name is the error's name, empty for a non-Error */
    RUN_TIMEOUT, /* the invocation or a slice took too long */
    RUN_MEMORY,  /* alone in quarantine, and over the limit again */
    RUN_CRASHED, /* alone in quarantine, and the runner died again */
    RUN_NO_HANDLER,
    RUN_NOT_LOADED, /* the code does not load: Invalid Settings */
};

/*
 * RETURNED delivered. THREW by name: EventNotSupported, InvalidEventPayload,
 * ValidationError, DropEvent discarded; RetryError retry; any other dead. TIMEOUT, MEMORY
 * and CRASHED retry (an attempt each); NO_HANDLER discarded; NOT_LOADED dead.
 */
enum outcome outcome_of_run(enum outcome_run run, struct bytes name);

/*
 * The state after attempt number @attempts_made of @attempts_allowed, when the next would
 * be due at @next_at_ms and the delivery's age ends at @deadline_ms.
 */
enum delivery_state outcome_state(enum outcome outcome, unsigned attempts_made,
                                  unsigned attempts_allowed, int64_t next_at_ms,
                                  int64_t deadline_ms);

/* The HTTP status for mode inline: delivered 200, discarded 501 or 400 by error name,
 * dead 400, retry 202. */
int outcome_inline_status(enum outcome outcome, struct bytes error_name);
