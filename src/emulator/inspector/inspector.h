/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * inspector - the last calls that were made to the local Segment (page *Requests*, GET
 * /_emulator/requests).
 *
 * Bounded memory: INSPECTOR_CALLS a world, bodies cut at INSPECTOR_BODY_BYTES. Pages and
 * controls are not recorded, only the roles that Segment plays. Credentials are redacted
 * before they are stored: nothing here can leak one.
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
const struct inspector_call *inspector_next(const struct inspector *inspector,
                                            const struct inspector_call *after);
const struct inspector_call *inspector_find(const struct inspector *inspector,
                                            uint64_t number);
