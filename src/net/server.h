/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * server - HTTP/1.1 in, one thread per listener; the only file with libmicrohttpd.
 *
 * libmicrohttpd runs in external epoll mode inside our own loop (architecture §1): its
 * epoll descriptor and our mailbox side by side. A request whose answer comes later is a
 * suspended connection; any thread may answer it (server_answer), the loop resumes it.
 *
 * Life of a request: head_fn with the headers (may answer at once: 401, 404 … the body is
 * then drained up to SERVER_DRAIN_BYTES and dropped), then body_fn with the whole body.
 * Exactly one answer per request. If none has come deadline_ms after the request line,
 * the loop answers 503 itself (the deadline also ends slow senders, with 408); a later
 * answer is then dropped silently, but must come. Framing that smuggles (both
 * Content-Length and Transfer-Encoding, bare LF …) is refused as RFC 9112 says, and the
 * connection closes after it, after a chunked body and after HTTP/1.0.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/list.h"

struct err;
struct server;
struct server_request;

enum { SERVER_DRAIN_BYTES = 64 << 20, SERVER_MAX_HEADERS = 16 };

typedef void server_request_fn(struct server_request *request, void *arg);

struct server_options {
    const char *host;
    int port;               /* 0: any; see server_port() */
    const int *listen_fd;   /* listens already, host and port do not count; NULL */
    const int *connections; /* accepted on it by another process: taken */
    size_t n_connections;
    const char *tls_cert, *tls_key; /* PEM text, or NULL */
    size_t header_bytes;            /* of one request's head; 431 above, or for more than
                                       512 parameters in a query */
    size_t body_bytes;              /* 413 above, unless head_fn set another limit */
    unsigned max_connections;
    unsigned max_connections_per_address; /* 0: no limit of its own */
    int64_t deadline_ms;                  /* first byte to answer */
    int64_t idle_ms;                      /* keep-alive without a request */
    server_request_fn *head_fn;           /* may be NULL */
    server_request_fn *body_fn;
    void *arg;
    /* Called in the loop's thread once per turn after requests were handled; may be NULL.
     * So that whoever collects requests can hand them on in one go. @n_free: connections
     * that may still bring a request, before any other is answered. */
    void (*turn_fn)(void *arg, size_t n_free);
};

/* Binds and starts the thread. -1 with PA1020 (port in use: who holds it, exit 6). */
must_check
int server_start(const struct server_options *options, struct server **ret_server,
                 struct err *err);
int server_port(const struct server *server);
/* Stops accepting; answers in progress go on. */
void server_drain(struct server *server);
/* Requests whose answer has not been sent yet, or that a handler still owes one after the
 * loop has said 503; a stream counts while it lasts. At 0 nothing is under way. */
unsigned server_n_open(const struct server *server);
/* From now on each answer is the last of its connection. */
void server_wind_down(struct server *server);
/*
 * Another program is to go on with the sockets. server_leave: nothing is accepted any
 * more, who connects waits in the kernel; answers are the last of their connections.
 * server_left: waits for what is under way (SERVER_LEAVE_MS at most; for what is still
 * coming in SERVER_ARRIVE_MS, and as long for the first request over TLS of who has just
 * connected), says 503 to the rest, and ends the thread. Its descriptors
 * stay open, and what handlers still answer is dropped: the process is to exec. In
 * @ret_left the connections that are between two requests; not those with TLS, whose keys
 * are here.
 */
enum { SERVER_LEAVE_MS = 5000, SERVER_ARRIVE_MS = 2000, SERVER_HALF_READ_MS = 250 };
struct server_left {
    int listen_fd;
    int *connections; /* the caller frees it */
    size_t n_connections;
    unsigned n_cut; /* requests that are not answered */
};
void server_leave(struct server *server);
void server_left(struct server *server, struct server_left *ret_left);
/* Whether a server would start with these: -1 when certificate and key do not fit. */
must_check
int server_check_tls(const char *cert, const char *key, struct err *err);
/* Ends the thread; open connections are closed. Requests that a handler still owes an
 * answer are freed: whoever answers from other threads must have stopped before. */
void server_stop(struct server *server);

/* Only in head_fn and body_fn: what came. The body lives until the handler's answer, all
 * else until body_fn returns: past the deadline the connection goes on without it. */
struct bytes server_method(const struct server_request *request);
struct bytes server_path(const struct server_request *request); /* decoded, no query */
/* Value of a query parameter, decoded; empty when it has none, ptr NULL when absent. */
struct bytes server_query(const struct server_request *request, const char *name);
typedef void server_query_fn(void *arg, struct bytes name, struct bytes value);
/* Calls @fn for each query parameter, decoded, in the order of the query; one without a
 * '=' has a value whose ptr is NULL. */
void server_each_query(const struct server_request *request, server_query_fn *fn,
                       void *arg);
/* Header by name in any case; ptr NULL when absent, which differs from empty. */
struct bytes server_header(const struct server_request *request, const char *name);
/* How many fields of that name there are. */
unsigned server_n_headers(const struct server_request *request, const char *name);
/* Walks all header fields as they came: *cursor starts at 0; false at the end. */
must_check
bool server_next_header(const struct server_request *request, size_t *cursor,
                        struct bytes *ret_name, struct bytes *ret_value);
struct bytes server_body(const struct server_request *request); /* in body_fn */
/* -1: no Content-Length and not chunked; INT64_MAX: chunked. */
int64_t server_content_length(const struct server_request *request);
const char *server_peer(const struct server_request *request); /* "203.0.113.9" */
bool server_peer_is_loopback(const struct server_request *request);
int64_t server_began_us(const struct server_request *request); /* monotonic */
/* In body_fn: the handler bounds the time itself; the loop says no 503 for it. */
void server_keep_open(struct server_request *request);
/* In head_fn: another limit for this request's body. */
void server_limit_body(struct server_request *request, size_t body_bytes);
/* The handler's own pointer for this request. @free_fn (may be NULL) is called with it in
 * the loop's thread when the request has ended and the handler has answered (or, in
 * server_stop(), by the thread that stops). */
void server_set_data(struct server_request *request, void *data, void (*free_fn)(void *));
void *server_data(const struct server_request *request);
/* The same, but NULL unless it was set with this @free_fn: which also says what it is. */
void *server_data_of(const struct server_request *request, void (*free_fn)(void *));
/* In a free_fn: the status that the handler has answered with. */
int server_status(const struct server_request *request);
/*
 * From any thread, instead of an answer: the loop calls body_fn once more, with head and
 * body still there, as when something had to be written before the request may be
 * handled. Past the deadline it is not called, and the request is owed no more.
 */
void server_again(struct server_request *request);

struct server_header {
    const char *name;
    const char *value;
};

/* What a test of a client needs a bad server for; each ends the connection. */
enum server_spoil {
    SERVER_WHOLE = 0,    /* the answer as it is */
    SERVER_HANG_UP,      /* none: the connection ends */
    SERVER_CUT,          /* it ends after cut_after bytes of the body */
    SERVER_SHORT_LENGTH, /* Content-Length is the half of what comes */
};

struct server_answer {
    int status;
    const char *content_type; /* NULL: none */
    struct server_header
        headers[SERVER_MAX_HEADERS]; /* up to the first NULL name; values copied */
    struct bytes body;               /* copied */
    /* Instead of a body: file_bytes (> 0) of a file from file_from on. Takes the
     * descriptor. However long a client takes, it is not cut off. */
    bool has_file;
    int file;
    int64_t file_from, file_bytes;
    bool close;              /* Connection: close */
    enum server_spoil spoil; /* past libmicrohttpd, at most 1 MiB, not in TLS */
    size_t cut_after;
};

/*
 * Answers. From head_fn/body_fn directly; from any other thread and any time later when
 * body_fn has returned without an answer. After it the request must not be touched.
 */
void server_answer(struct server_request *request, const struct server_answer *answer);
/* The usual error: {"message":"…"} as application/json. */
void server_answer_message(struct server_request *request, int status,
                           const char *message);

/* Answers that are ready together, so that the listener is woken once for all of them.
 * Zeroed: empty. Not for the listener's own thread. */
struct server_batch {
    struct server *server;
    struct list letters;
};
void server_answer_in(struct server_batch *batch, struct server_request *request,
                      const struct server_answer *answer);
void server_batch_send(struct server_batch *batch);

/*
 * A response that goes on (Server-Sent Events). Bounded: a reader that is slower than
 * @max_bytes of backlog is cut off. closed_fn is called exactly once, in the loop's
 * thread, when the client is gone, was cut off, or has got all after server_stream_end().
 * The stream is freed when it returns: closed_fn and what other threads do with the
 * stream must exclude each other (a lock that closed_fn takes is fine). It is the answer.
 */
struct server_stream;
must_check
struct server_stream *server_stream_start(struct server_request *request,
                                          const char *content_type, size_t max_bytes,
                                          void (*closed_fn)(void *arg), void *arg);
/* From any thread. False when the stream was or is now cut off. */
bool server_stream_send(struct server_stream *stream, struct bytes bytes);
/* Bytes that the reader has not taken yet. */
size_t server_stream_backlog(struct server_stream *stream);
/* It ends here, and the client sees that it is not whole. Only closed_fn may follow. */
void server_stream_cut(struct server_stream *stream);
/* What was sent still arrives. Only closed_fn may follow. */
void server_stream_end(struct server_stream *stream);
