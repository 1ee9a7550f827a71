/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * client - HTTP requests out; the only file with libcurl.
 *
 * One client per loop (curl_multi_socket), HTTP/1.1 keep-alive, easy handles reused.
 * Every connection asks egress with all addresses of the host before it opens any, and
 * every request before it goes out on a connection that was open already: a pooled
 * connection never outlives the policy it was opened under. http and https only;
 * redirects are not followed but 307 and 308 once (unless keeps_redirects), to the same
 * method and body, re-checked, never from https to http, Authorization and Cookie dropped
 * when the origin changes. No proxy, .netrc, cookies, alt-svc; bodies are not
 * decompressed.
 *
 * The process ignores SIGPIPE: the TLS library writes to sockets that may be gone.
 */

#include <stdint.h>

#include "base/buf.h"
#include "core/outcome.h"

struct egress;
struct err;
struct loop;
struct client;
struct client_call;

struct client_header {
    struct bytes name;
    struct bytes value;
};

enum { CLIENT_MAX_HEADERS = 64, CLIENT_RESPONSE_BYTES = 1 << 20 };

/* Everything is borrowed until done_fn has been called or client_cancel has returned. */
struct client_request {
    struct bytes method; /* "POST"; empty: GET */
    struct bytes url;
    /* CR, LF and NUL inside are refused (BAD_URL); Host and what frames the message
     * (Content-Length, Transfer-Encoding, Connection, …) is ours and left out. */
    const struct client_header *headers;
    size_t n_headers;
    struct bytes body;
    bool has_body;               /* an empty body is sent as such */
    bool keeps_redirects;        /* 307 and 308 are answers like others */
    int64_t timeout_ms;          /* of the whole, redirect included; 0: none */
    size_t max_response_bytes;   /* 0: CLIENT_RESPONSE_BYTES */
    bool cuts_response;          /* a longer body is cut there, which is no failure */
    bool says_keep_alive;        /* with "Connection: Keep-Alive", as Segment writes it */
    bool is_plain_local;         /* plain http to this machine only, wherever it leads */
    bool may_skip_tls;           /* to servers whose certificate does not verify, too */
    const struct egress *egress; /* NULL: only global addresses */
    /* When set, the body of a 2xx goes here as it comes and is not collected or limited;
     * false stops (and ends the call as TRANSPORT_OTHER). Must not start or cancel. */
    bool (*bytes_fn)(void *arg, struct bytes bytes);
    void *bytes_arg;
};

/* How long the parts of a call took, of its last request where it was redirected. 0: that
 * part did not happen. */
struct client_timing {
    int64_t dns_us, connect_us, tls_us;
    int64_t first_byte_us; /* from the request to the first of the answer */
};

struct client_response {
    enum outcome_transport transport; /* TRANSPORT_OK: the rest is set */
    int status;
    const struct client_header *headers;
    size_t n_headers;
    struct bytes body;
    int64_t duration_us;
    struct client_timing timing;
    /* How often the (last) request went out. More than once: a kept connection ended
     * before a byte of an answer, and the request was sent again on another. The receiver
     * may have had each of them. */
    unsigned n_sent;
    int os_error;    /* of a connect that failed: ECONNREFUSED …; 0: not known */
    char error[256]; /* "connect to 127.0.0.1:9 refused", for people; empty when OK */
};

/* Called once, never before client_start() returned; @response lives during the call. May
 * start and cancel other calls, but not free the client. */
typedef void client_done_fn(void *arg, const struct client_response *response);

must_check
struct client *client_new(struct loop *loop, unsigned max_connections_per_host);
void client_free(struct client *client); /* cancels what is under way */
/* Copies @request itself; what it points to stays the caller's. Never NULL. */
struct client_call *client_start(struct client *client,
                                 const struct client_request *request, client_done_fn *fn,
                                 void *arg);
/* done_fn is not called any more. Not after it has been called. */
void client_cancel(struct client_call *call);

/* Connections opened so far; requests beyond it were served by kept-alive ones. */
uint64_t client_n_connections(const struct client *client);

/* Blocking, for the command line; @ret_response's slices point into @storage (which
 * bounds them: TOO_LARGE), its headers into @header_storage of CLIENT_MAX_HEADERS. */
void client_fetch(const struct client_request *request, struct buf *storage,
                  struct client_header *header_storage,
                  struct client_response *ret_response);
/*
 * Blocking, handing over the body as it comes (events tail). @on_bytes returns false to
 * stop, which is not a failure, and neither is the end of the body. -1 with @err when it
 * could not connect, broke off or was refused (ERR_AUTH for 401 and 403, ERR_NOT_FOUND
 * for 404, ERR_TIMEOUT, else ERR_TRY_LATER). No time limit when @request has none.
 */
must_check
int client_follow(const struct client_request *request,
                  bool (*on_bytes)(void *arg, struct bytes bytes), void *arg,
                  struct err *err);

/* What a request to an absolute http(s) URL talks to: its host (lower case, no brackets),
 * and ":port" unless it is the scheme's own; parsed as the client itself would. False
 * when the URL is none. Adds it to @ret_endpoint. */
must_check
bool client_url_endpoint(struct bytes url, struct buf *ret_endpoint);
