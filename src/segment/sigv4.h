/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * sigv4 - AWS Signature Version 4 in a header, as calls of Lambda's Invoke have it
 * (dossier §5.4).
 *
 * What is signed: the method, the path as it is sent but encoded once more (which is what
 * AWS wants of all services but S3, and what makes ARNs in a path work), host, every
 * header given, the query (Invoke's ?Qualifier=; ours have none) and the body's hash.
 */

#include "base/buf.h"

enum { SIGV4_HEADERS = 16, SIGV4_DATE_LEN = 16 }; /* "20260903T115811Z" */

struct sigv4_header {
    struct bytes name; /* lower case */
    struct bytes value;
};

struct sigv4_request {
    struct bytes method, path; /* path: as sent, percent-encoded */
    struct bytes query;        /* canonical: encoded and sorted, no '?' */
    struct sigv4_header headers[SIGV4_HEADERS]; /* "host" and "x-amz-date" among them */
    size_t n_headers;
    struct bytes body;
    struct bytes region, service;
    struct bytes key_id, secret;
    const char *date; /* sigv4_date()'s, also sent as X-Amz-Date */
};

void sigv4_date(int64_t time_ms, char ret_date[SIGV4_DATE_LEN + 1]);
/* Adds "AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…". */
int sigv4_authorization(const struct sigv4_request *request, struct buf *ret_value);
/* Is it such a value? Nobody here can say whether the signature is right. */
must_check
bool sigv4_is_well_formed(struct bytes authorization);
