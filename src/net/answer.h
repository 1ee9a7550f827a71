/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * answer - an HTTP response as it comes in, within limits.
 *
 * Interim answers (1xx) are forgotten when the next one begins, but counted: a stranger
 * may not go on with them for ever. What follows the body (trailers) is ignored.
 */

#include "base/buf.h"
#include "net/client.h"

enum answer_part {
    ANSWER_NOTHING = 0,
    ANSWER_INTERIM, /* inside or after a 1xx head */
    ANSWER_HEAD,    /* inside the real head */
    ANSWER_BODY,    /* the real head is whole */
};

/* Offsets into the head, which moves while it grows. */
struct answer_field {
    size_t name;
    size_t name_len;
    size_t value;
    size_t value_len;
};

struct answer {
    enum answer_part part;
    int status;
    unsigned n_heads;
    struct buf head;
    struct answer_field fields[CLIENT_MAX_HEADERS]; /* more are dropped */
    size_t n_fields;
    struct buf body;
};

void answer_init(struct answer *answer);
void answer_done(struct answer *answer);
/* Forgets all but the memory. */
void answer_clear(struct answer *answer, size_t max_body_bytes);
/* A line of the head, the empty one included, with or without its line break. False when
 * the head is too large or no HTTP. */
must_check
bool answer_add_line(struct answer *answer, struct bytes line);
/* False when it passes the limit, unless what passes is to be @cut. */
must_check
bool answer_add_body(struct answer *answer, struct bytes bytes, bool cut);
/* Borrowed until the answer changes; @ret_headers has room for CLIENT_MAX_HEADERS. */
size_t answer_headers(const struct answer *answer, struct client_header *ret_headers);
/* The first of that name in any case; false when there is none. */
must_check
bool answer_find(const struct answer *answer, struct bytes name, struct bytes *ret_value);
