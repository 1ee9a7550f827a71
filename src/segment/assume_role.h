/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * assume_role - STS AssumeRole as bytes: what Segment sends before it invokes a lambda,
 * and what comes back (dossier §5.2). Pure.
 *
 *   Action=AssumeRole&Version=2011-06-15&RoleArn=…&RoleSessionName=1557967167869889276&…
 *   <AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>…
 *   <ErrorResponse><Error><Code>AccessDenied</Code><Message>…
 *
 * The XML is a stranger's and read as strictly as segment/xml does, up to
 * ASSUME_ROLE_ANSWER_BYTES. What is looked for must be there once, at its place.
 */

#include "base/buf.h"

enum {
    ASSUME_ROLE_SECONDS = 3600, /* what is asked for */
    ASSUME_ROLE_ANSWER_BYTES = 64 << 10,
    ASSUME_ROLE_KEY_ID_LEN = 128,
    ASSUME_ROLE_SECRET_LEN = 256,
    ASSUME_ROLE_TOKEN_LEN = 16 << 10,
    ASSUME_ROLE_MESSAGE_LEN = 1024,
};

struct assume_role_request {
    struct bytes role, external_id; /* external id empty: not sent */
    int64_t now_ns;                 /* Unix time: the session's name */
};

/* Adds the form. BUF_FULL when it does not fit. */
int assume_role_write(const struct assume_role_request *request, struct buf *ret_body);

/* Slices of the answer. Printable ASCII, so they may stand in a header. Never shown. */
struct assume_role_credentials {
    struct bytes key_id, secret, token;
    int64_t expires_ms; /* Unix time */
};

/* False: this is not AssumeRole's answer; nothing of it is to be used. */
must_check
bool assume_role_read(struct bytes xml, struct assume_role_credentials *ret_credentials);
/* Code (a word, in @xml) and message (in @scratch, cleared first; cut). False: this is no
 * error's answer, and both are empty. */
must_check
bool assume_role_read_error(struct bytes xml, struct buf *scratch, struct bytes *ret_code,
                            struct bytes *ret_message);
/* Adds the answer as it may be shown: without its credentials element (dossier §5.3).
 * False, and nothing added: it cannot be said where they all are. */
must_check
bool assume_role_cut(struct bytes xml, struct buf *ret_shown);
