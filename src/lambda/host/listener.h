/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * listener - a port whose requests come, whole and one by one, to the loop's thread.
 *
 * A request is copied into a post, but for its body, which lives until the answer. Every
 * post is answered once (post_answer), at any time, or dropped after listener_close().
 * What is longer than max_bytes is refused with `too_large`, already by its
 * Content-Length; then the post comes with is_refused, without a body, and
 * is only to be freed.
 */

#include "base/arena.h"
#include "base/list.h"
#include "net/server.h"
#include "segment/sigv4.h"
#include "sys/loop.h"

struct err;
struct mailbox;

enum { POST_FIELDS = 64 };

struct post {
    struct list_link link;
    struct server_request *request;
    struct arena arena;
    struct bytes method, path, query; /* path: decoded; query: canonical, or empty */
    struct bytes qualifier;           /* of ?Qualifier=; empty: none */
    struct bytes body;
    struct sigv4_header fields[POST_FIELDS]; /* names in lower case */
    size_t n_fields;
    bool is_refused;
};

/* The first of that name (lower case); ptr NULL when absent. */
struct bytes post_field(const struct post *post, const char *name);
/* Sends it and frees the post. */
void post_answer(struct post *post, const struct server_answer *answer);
/* Without an answer: of one that was refused, or whose listener is closed. */
void post_free(struct post *post); /* NULL is fine */

/* Takes @post. May not close its listener. */
typedef void listener_fn(void *arg, struct post *post);

struct listener_options {
    const char *host;
    int port;
    unsigned max_connections;
    size_t max_bytes; /* of a body */
    struct server_answer too_large;
    listener_fn *fn;
    void *arg;
};

struct listener {
    struct listener_options options;
    struct server *server; /* NULL: closed */
    struct mailbox *mailbox;
    struct loop_watch watch;
};

must_check
int listener_open(struct listener *listener, struct loop *loop,
                  const struct listener_options *options, struct err *err);
int listener_port(const struct listener *listener);
/* Twice is fine, also of a zeroed one. */
void listener_close(struct listener *listener);
/* The same after the answers that were given have been sent, which may take a moment. */
void listener_finish(struct listener *listener);
