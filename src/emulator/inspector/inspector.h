/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * inspector - the last calls that were made to the local Segment (page *Requests*, GET
 * /_emulator/requests).
 *
 * Bounded memory: INSPECTOR_CALLS a world, bodies cut at INSPECTOR_BODY_BYTES. Pages and
 * controls are not recorded, only the roles that Segment plays.
 *
 * A call is kept as it came, because masking costs more than answering and nobody looks
 * at most of them. It is masked, in place and for good, the first time that somebody
 * asks for it, and only find and next hand one out: credentials are never shown.
 */

#include "base/bytes.h"

struct exchange;
struct inspector;
struct world;

enum { INSPECTOR_CALLS = 500, INSPECTOR_BODY_BYTES = 16384 };

struct inspector_call {
    uint64_t number; /* from 1 */
    int64_t at_ms;   /* of the world's clock */
    int64_t duration_us;
    const char *area;             /* "Config API" */
    const char *where;            /* "config" (faults_row.h), or NULL */
    struct bytes method, target;  /* path and query as sent */
    struct bytes request_headers; /* "Name: value\n" lines */
    struct bytes request_body;
    int status;
    struct bytes response_headers, response_body;
    unsigned fault;      /* 0: none fired */
    struct bytes remark; /* "your call differs from the documented one: …"; or empty */
};

must_check
struct inspector *inspector_new(struct world *world);
void inspector_free(struct inspector *inspector);
void inspector_clear(struct inspector *inspector);
/* Copies the headers of a request whose answer comes later; they are gone by then. */
void inspector_note(struct exchange *exchange);
/* Just before the answer goes out, still in the handler or after it was deferred. */
void inspector_add(struct inspector *inspector, struct exchange *exchange);
/* Newest first, as in journal.h. */
const struct inspector_call *inspector_next(struct inspector *inspector,
                                            const struct inspector_call *after);
const struct inspector_call *inspector_find(struct inspector *inspector, uint64_t number);
