/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * post - the requests that the load programs send, and the ends of the answers.
 *
 * An event is a track call of Segment's kind whose messageId is "load-PID-NUMBER", so
 * that whoever meets it again knows which it was (post_number). Bodies are one event, a
 * batch of the Tracking API ({"batch":[…]}) or an array as a signed batch of Segment's
 * is; the signature is of the array's first event (dossier §3.5).
 *
 * "{}" in the path becomes NUMBER modulo the lanes: one subscription a lane.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hmac_sha1;

enum {
    POST_HEAD_BYTES = 8192,
    POST_HEADERS_BYTES = 4096,
    POST_EVENT_BYTES = 32768, /* at most */
    POST_BATCH = 2500,        /* at most */
};

enum post_shape {
    POST_EVENT = 0,
    POST_OBJECT, /* {"batch":[…]} */
    POST_ARRAY,
};

struct post {
    const char *path;
    uint64_t n_lanes; /* of "{}" in the path */
    enum post_shape shape;
    int event_bytes;
    int n_events;   /* of a body */
    char *template; /* NULL: an event of this file's own */
    char headers[POST_HEADERS_BYTES];
    struct hmac_sha1 *secret; /* NULL: not signed */
    uint64_t tamper_every;    /* the signature of each so-manieth is wrong; 0: of none */
};

/* "1024", "1024x100" or "1024[100]". */
bool post_read_size(struct post *post, const char *text);
/* "Name: value", "sign=SECRET", "tamper=100" or "event=FILE": an event in JSON, sent as
 * it is but for the first "@", which becomes the messageId. */
bool post_add(struct post *post, const char *text);
void post_done(struct post *post);
/* Room for any request. */
size_t post_bytes(const struct post *post);
/* The request whose first event is @number; returns its length. */
size_t post_write(const struct post *post, uint64_t number, char *to);
/* Is the signature of the request of that first event a wrong one? */
bool post_is_tampered(const struct post *post, uint64_t number);
/* The number of the first event of ours in a body; false: there is none. */
bool post_number(const char *body, size_t len, uint64_t *ret_number);

/* The length of a whole HTTP message that begins at @text (NUL at the end), 0 when more
 * has to come. Of bodies it knows Content-Length. */
size_t post_message_length(const char *text, size_t len, size_t *ret_head);
