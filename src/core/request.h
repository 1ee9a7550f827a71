/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * request - what was posted to a source function: as it is stored, and as it is run
 * (dossier §4.7: {body, headers, url, queryParameters}).
 *
 * Stored are two texts. The payload is JSON for people and for searching; values that are
 * credentials (headers as redact_is_secret_header says, the query when a parameter's name
 * says so) are "••••" in it. The sealed part is a JSON object with these values, to be
 * stored as the settings of an event are; empty when there are none.
 *
 * A body that is not UTF-8 becomes its base64 text, with the header
 * "x-partnerapp-body-encoding: base64"; a header of that name that was sent is dropped.
 */

#include "base/buf.h"

enum { REQUEST_FIELDS = 128 };

struct request_field {
    struct bytes name, value;
};

struct request { /* all borrowed */
    struct bytes method, body;
    struct bytes base; /* "https://hooks.example.com" */
    struct bytes path; /* decoded */
    struct request_field headers[REQUEST_FIELDS];
    size_t n_headers;
    struct request_field queries[REQUEST_FIELDS]; /* decoded */
    size_t n_queries;
};

/* Adds both texts. BUF_FULL when one does not fit. */
must_check
int request_write(const struct request *request, struct buf *ret_payload,
                  struct buf *ret_sealed);
/* Adds the request with its credentials, the text that onRequest is given. */
void request_open(struct bytes payload, struct bytes sealed, struct buf *ret_request);
