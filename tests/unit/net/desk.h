/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * desk - a server under test, its handler, and a client that writes raw bytes.
 *
 * The handler answers by path:
 *   /now      200 from body_fn, the body is echoed
 *   /early    401 from head_fn
 *   /small    as /now, with at most 10 bytes of body
 *   /later    200 from another thread, in batches
 *   /held     not at all, until desk_release()
 *   /stream   a stream, kept in desk.stream
 *   /gone     no answer: the connection ends
 *   /cut      three bytes of ten, then its end
 *   /short    Content-Length 5 of ten bytes
 *   others    404 from head_fn
 */

#include <pthread.h>
#include <stdatomic.h>

#include "base/buf.h"
#include "net/server.h"

struct mailbox;

struct desk {
    struct server_options options; /* set between desk_init and desk_open */
    struct server *server;
    struct mailbox *mailbox;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* Under lock: */
    struct server_request *held[512];
    unsigned n_held;
    struct server_stream *stream;
    unsigned n_streams; /* ever opened */
    unsigned n_closed;  /* streams */
    unsigned n_freed;   /* request data */
    size_t n_free;      /* connections, as of the last turn */
    atomic_uint n_bodies;
    atomic_uint n_turns;
    char peer[64];
    char query[64];
    char path[64];
};

/* Sane limits: 40 KiB of head, 1 KiB of body, 60 s of everything. */
void desk_init(struct desk *desk);
void desk_open(struct desk *desk);
void desk_close(struct desk *desk);
/* Block until so many requests are held, or streams were opened or closed. */
void desk_wait_held(struct desk *desk, unsigned n_held);
void desk_wait_streams(struct desk *desk, unsigned n_streams);
void desk_wait_closed(struct desk *desk, unsigned n_closed);
/* Blocks until the last turn left so many connections free. */
void desk_wait_free(struct desk *desk, size_t n_free);
bool desk_send_stream(struct desk *desk, struct bytes bytes);
unsigned desk_n_freed(struct desk *desk);
/* "PEER loopback|far PATH QUERY" of the last request. */
enum { DESK_NOTE_LEN = 256 };
void desk_noted(struct desk *desk, char ret_text[DESK_NOTE_LEN]);
/* Answers what is held, with @status, from this thread. */
void desk_release(struct desk *desk, int status);

/* What a client got. */
struct got {
    int status;      /* 0: the connection ended without an answer */
    bool is_closing; /* Connection: close */
    struct buf head;
    struct buf body;
};

int desk_connect(const struct desk *desk);
/* Writes as much as the peer takes; false when it went away. */
bool desk_write(int fd, struct bytes bytes);
void desk_write_text(int fd, const char *text);
/* One answer; its body by Content-Length. got_done() afterwards. */
struct got desk_read(int fd);
/* Writes @text, reads one answer, closes; only the status. */
int desk_ask(const struct desk *desk, struct bytes text);
/* Reads until the end; false when it does not come within the patience of a test. */
bool desk_is_ended(int fd);
void got_done(struct got *got);
