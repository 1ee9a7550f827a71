/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * framing - where does this request end, and would every proxy agree?
 *
 * Two programs that see different ends of one request let a stranger hide a second one in
 * the first. libmicrohttpd forgives what RFC 9112 forbids (a bare LF, folded lines, a
 * space before the colon, NULs), so its head is read again here, strictly, from the
 * memory where it took it apart: the colon after a name has become one NUL, CR LF two, a
 * bare LF one. That is why a head which came clean can be told from one that did not.
 */

#include "base/bytes.h"

enum framing_verdict {
    FRAMING_REFUSED = 0,    /* 400 */
    FRAMING_UNKNOWN_CODING, /* 501: a transfer coding other than chunked */
    FRAMING_FINE,
};

enum framing_body { FRAMING_NO_BODY = 0, FRAMING_LENGTH, FRAMING_CHUNKED };

/* The first fields of a head, so that looking one up does not read the head again. */
enum { FRAMING_FIELDS = 24 };
struct framing_field {
    struct bytes name, value; /* without the blanks around it */
};

struct framing {
    enum framing_body body;
    int64_t content_length; /* of FRAMING_LENGTH; huge ones are INT64_MAX - 1 */
    bool is_http_1_0;
    bool expects_continue;
    size_t n_all_fields;
    struct bytes cookie; /* the first field of that name */
    size_t n_fields;     /* in the table */
    size_t fields_end;   /* framing_next's cursor to those that found no room in it */
    struct framing_field fields[FRAMING_FIELDS];
};

/* @head: from "HTTP/1.x" of the first line to the end of the empty line; the fields point
 * into it. */
must_check
enum framing_verdict framing_judge(struct bytes head, struct framing *ret_framing);
/* False for a target (as sent, with its query) that holds control characters, or an
 * encoded NUL in its path. */
must_check
bool framing_is_target(struct bytes target);
/* Where in @target, decoded and without its query, the path begins: proxies send
 * "http://host/path", and every server must understand it (RFC 9112 §3.2.2). */
must_check
const char *framing_path(const char *target);
/* The fields of a head that was fine: *cursor starts at 0; false at the end. Values
 * without the blanks around them. */
bool framing_next(struct bytes head, size_t *cursor, struct bytes *ret_name,
                  struct bytes *ret_value);
