/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * field - may this header field, which code of the partner named, go out?
 *
 * A line break inside a name or a value would be a field, or a request, of its own; the
 * fields that frame a message are ours, or the receiver would see another message than we
 * sent.
 */

#include "base/buf.h"
#include "net/client.h"

enum field_verdict {
    FIELD_REFUSED = 0, /* not a field at all */
    FIELD_OURS,        /* left out: the client sets it itself */
    FIELD_FINE,
};

enum field_verdict field_judge(struct bytes name, struct bytes value);
/* Letters, digits and the marks of RFC 9110 §5.6.2; methods are such tokens too. */
bool field_is_token(struct bytes text);
/* A method as text with a NUL; false for one that is none, or that we do not send. */
enum { FIELD_METHOD_MAX = 32 };
must_check
bool field_copy_method(struct bytes method, char ret_text[FIELD_METHOD_MAX]);
/* Says who we are, and is therefore not shown to another origin. */
bool field_is_credential(struct bytes name);

/* What code gives, who we are, two absences that libcurl must be told of, Keep-Alive. */
enum { FIELD_MAX_LINES = CLIENT_MAX_HEADERS + 4 };

/* The fields of one request as the lines that libcurl takes. */
struct field_lines {
    struct buf text;
    char *lines[FIELD_MAX_LINES]; /* into text; each ends with a NUL */
    size_t n_lines;
    char error[96];
};

void field_lines_init(struct field_lines *lines);
void field_lines_done(struct field_lines *lines);
/* Without credentials when @is_foreign. False when one is refused, or they are too many
 * or too large; the error says which. */
must_check
bool field_lines_set(struct field_lines *lines, const struct client_header *headers,
                     size_t n_headers, bool is_foreign);
/* After the others, once each: that libcurl must not hold a large body back until the
 * receiver says 100 (a line more costs every request, so only where it would), and
 * "Connection: Keep-Alive". */
void field_lines_add_no_wait(struct field_lines *lines, size_t body_len);
void field_lines_add_keep_alive(struct field_lines *lines);
