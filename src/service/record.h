/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * record - what is kept of an attempt, as JSON for people (interface §6): the requests
 * with their answers, logs, result and error; every secret as "••••", bodies cut.
 */

#include "core/outcome.h"
#include "core/redact.h"
#include "net/client.h"
#include "json/write.h"

struct pool_result;

enum {
    RECORD_BODY_BYTES = 8 << 10, /* of a request or answer body that is kept */
    RECORD_BYTES = 128 << 10,    /* of one attempt */
};

/* Adds one request object; a comma before it when @out is not empty. @response may say
 * that there was no answer. "sends" where it went out more than once (client.h). One that
 * does not fit is left out, and so are all after it.
 */
void record_request(struct buf *out, const struct redact *redact,
                    const struct client_request *request,
                    const struct client_response *response);

/* Writes "timing": what took how long, {dns_ms, connect_ms, tls_ms, first_byte_ms,
 * total_ms}, each a part's own time; null for a part that did not happen, and for the
 * whole where nothing was sent. */
void record_timing(struct write *json, const struct client_response *response);

/* Adds the members of a run: its result and logs, `"result":…,"logs":[…]`. */
void record_run(struct buf *out, const struct redact *redact,
                const struct pool_result *result);

/* Adds where the run threw and what was missing there, `"line":…,"note":…`; nothing when
 * neither is known. The engine's column is none to show (trial/fn_fault reads it off the
 * code, which may be another one by now). */
void record_throw(struct buf *out, const struct redact *redact,
                  const struct pool_result *result);

struct record_batch { /* the run was of several deliveries */
    const char *id;
    size_t size, index;
    const char *recorded_with; /* the event whose attempt has the run; NULL: this one */
};

struct record_attempt {
    int64_t delivery_row, at_ms;
    uint16_t subscription;
    unsigned number; /* 1 … */
    enum outcome outcome;
    int64_t duration_us;
    const char *error_name, *error_message; /* NULL: none */
    struct bytes thrown;                    /* from record_throw; of the error */
    struct bytes said;                      /* from record_run; empty: nothing ran */
    struct bytes requests;                  /* objects from record_request */
    const struct record_batch *batch;       /* NULL: of one delivery alone */
};

/* Adds the attempt object. False when it is larger than RECORD_BYTES: @out is then the
 * attempt without logs, result and requests, marked "truncated". */
bool record_attempt(struct buf *out, const struct redact *redact,
                    const struct record_attempt *attempt);
const char *record_outcome_text(enum outcome outcome);
