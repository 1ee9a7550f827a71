/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * request - the insides that server.c (libmicrohttpd, the loop) and request.c (the life
 * of a request, and what other threads may do with it) share. Nobody else includes this.
 *
 * A request has two owners: its connection, until libmicrohttpd is done with it, and the
 * handler, from body_fn to its answer. It is used again when both have let go. So the
 * handler may answer long after the loop has said 503 in its place.
 *
 *   HEAD ── head_fn ──▶ BODY ── body_fn ──▶ HANDED ── answer ──▶ ANSWERED ──▶ SENDING
 *                        │ early answer        │ deadline           ▲
 *                        └─────────────────────┼────────────────────┘
 *                                              └──▶ LATE ──▶ SENDING
 *
 * Only the loop's thread reads and writes a request, but for `reply` and `stream`, which
 * are the handler's until its letter has been taken.
 */

#include <stdatomic.h>

#include "base/list.h"
#include "net/backlog.h"
#include "net/connection.h"
#include "net/framing.h"
#include "net/parameters.h"
#include "net/reply.h"
#include "net/server.h"

struct MHD_Daemon;
struct err;
struct mailbox;

enum letter_kind {
    LETTER_ANSWER,
    LETTER_STREAM,
    LETTER_DRAIN,
    LETTER_LEAVE,
    LETTER_STOP,
    LETTER_AGAIN
};

/* What other threads post to the loop. */
struct letter {
    struct list_link link;
    enum letter_kind kind;
};

enum request_state {
    REQUEST_HEAD = 0, /* the request line has come */
    REQUEST_BODY,     /* head_fn has seen it; the body is coming */
    REQUEST_HANDED,   /* body_fn has it; the connection is suspended */
    REQUEST_ANSWERED, /* to be sent, once what remains of the body has been dropped */
    REQUEST_LATE,     /* 503 is to be sent; the handler still owes its answer */
    REQUEST_SENDING,
};

struct server_request {
    struct letter letter;
    struct list_link link; /* of the server's live or spare requests */
    struct server *server;
    struct connection *connection; /* NULL: libmicrohttpd is done with it */
    enum request_state state;
    bool is_owed;      /* by the handler */
    bool is_suspended; /* the connection is */
    bool is_bad_target;
    const char *method; /* these point into libmicrohttpd's memory */
    const char *path;
    const char *target_end; /* of the target as sent; the path has been decoded since */
    char *query;            /* as sent, behind the '?'; NULL: there is none */
    char query_first;       /* its first byte, while libmicrohttpd must not see it */
    struct parameters *parameters; /* of it */
    struct bytes head;             /* as framing.h has it */
    struct framing framing;
    int64_t began_us;
    size_t n_head; /* bytes from the method to the empty line */
    size_t body_limit;
    size_t n_dropped; /* bytes of the body that came after the answer was known */
    bool is_chunked;  /* such a body is coming; all about it: */
    unsigned n_looks; /* at it since it has grown */
    bool was_unread;  /* something was at the last look */
    uint64_t n_pieces, n_piece_bytes;
    struct buf body;
    struct reply reply;
    struct server_stream *stream;      /* the handler's answer, like `reply` */
    struct server_stream *sent_stream; /* what the connection is sending */
    void *data;
    void (*free_fn)(void *data);
};

/* Lives until the connection is done and its letter, if under way, has been taken. */
struct server_stream {
    struct letter letter;
    struct server *server;
    struct server_request *request; /* NULL: the connection is done */
    struct backlog backlog;
    void (*closed_fn)(void *arg);
    void *arg;
};

struct server {
    struct server_options options;
    struct MHD_Daemon *daemon;
    struct mailbox *mailbox;
    pthread_t thread;
    int listen_fd; /* libmicrohttpd's once it runs, until drained */
    int epoll_fd;
    int port;
    struct letter drain_letter;
    struct letter stop_letter;
    struct letter leave_letter;
    atomic_bool is_drained; /* asked to; the letter is posted once */
    atomic_bool is_winding_down;
    atomic_uint n_open;
    /* The loop's thread only: */
    bool is_draining;
    bool is_stopping;
    bool is_leaving;  /* the listening socket stays open, and the connections */
    bool has_cut;     /* requests that come in too slowly to wait for them */
    bool is_adopting; /* a connection that another process has accepted */
    int64_t arriving_until_us, half_read_until_us, leave_until_us;
    unsigned n_chunked;             /* requests whose body comes in chunks */
    int64_t next_look_us;           /* at them */
    bool has_handled;               /* a handler was called in this turn */
    struct server_request *current; /* the one whose handler is being called */
    struct connection_timers timers;
    size_t n_suspended; /* connections */
    struct list live;
    struct list spare;
    struct reply late;
};

/* In the loop's thread. */
struct server_request *request_new(struct server *server, struct connection *connection);
/* Lets go of what nobody owns any more; called after each owner has let go. */
void request_settle(struct server_request *request);
void request_free_all(struct server *server);
/* The connection is done with the stream: tells its owner, frees it when possible. */
void stream_close(struct server_stream *stream);
/* The head: one space on either side of the target (more are forgiven by libmicrohttpd,
 * and a NUL in it ends it). @version: where that part of the request line begins. */
must_check
bool request_is_line_tight(const struct server_request *request, const char *version);
/* libmicrohttpd keeps a record of each parameter, and when there is no room for one it
 * forgets the connection. So it must not see the query, from the request line on until
 * it has looked for it. */
void request_hide_query(struct server_request *request, const char *target);
void request_show_query(struct server_request *request);
/* Beyond the head libmicrohttpd's memory holds an index of the fields, a copy and an
 * index of the cookies, and then some of the body, or the answer's head. */
enum { REQUEST_SLACK_BYTES = 8 << 10 };
/* 431: in bytes, in parameters, or because too little of the memory is left for it to go
 * on. */
must_check
bool request_is_head_too_large(const struct server_request *request);
/* Sets an answer of our own to a request whose handler has not been asked, or was told.
 */
void request_decide(struct server_request *request, int status, const char *message);
/* Makes room for the body that comes; 413 when it is too long. */
void request_start_body(struct server_request *request);
/* A body begins, grows and ends, of which only chunked ones are watched. */
void request_body_begins(struct server_request *request);
void request_body_grows(struct server_request *request, size_t n_bytes);
void request_body_ends(struct server_request *request);
/* A look at a body that comes in chunks, now and then. So much of what has been read is
 * none of it that a chunk's line must be as long as libmicrohttpd's memory: which waits
 * for the line's end then, and reads it all again in each turn. */
must_check
bool request_has_endless_line(struct server_request *request);
/* How much of a body comes that nobody wants any more. */
must_check
bool request_is_worth_draining(const struct server_request *request);
/* The connection ends with @reply. */
must_check
bool request_is_last(const struct server_request *request, const struct reply *reply);
/* Says that the calling thread is @server's loop. */
void request_claim_thread(const struct server *server);
/* --- server.c, for the other files of the loop -------------------------------------- */

void request_resume(struct server_request *request);
/* Calls one of the options' handlers. */
void request_call(struct server_request *request, server_request_fn *fn);
void request_say_and_hang_up(struct server_request *request);
/* The listening socket, which is open still; -1: there is none. */
int server_stop_accepting(struct server *server);

/* --- server_turn.c ------------------------------------------------------------------ */

void turn_take_letters(struct server *server);
void turn_expire(struct server *server);
void turn_cut_arriving(struct server *server);
/* Looks now and then at bodies that come in chunks. */
void turn_cut_endless_lines(struct server *server);
/* Who has no answer yet is told to come again. */
void turn_refuse_rest(struct server *server);

/* --- server_leave.c, in the loop's thread ------------------------------------------ */

void leave_begin(struct server *server);
/* Nothing is under way, or what is has had its time. */
must_check
bool leave_is_due(struct server *server);
int leave_wait_ms(const struct server *server, int longest_ms);
/* Of requests that are still coming in, once their time is up. */
must_check
bool leave_must_cut(const struct server *server);

/* Starts libmicrohttpd on listen_fd, and the thread. On -1 listen_fd is still open, or
 * -1. */
must_check
int server_start_loop(struct server *server, struct err *err);
