/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * client - HTTP requests out; the only file with libcurl.
 *
 * One client per loop (curl_multi_socket), HTTP/1.1 keep-alive, easy handles reused. Every
 * connection asks egress with the real address. http and https only; redirects are not
 * followed but 307 and 308 once, to the same method and body, re-checked, Authorization
 * and Cookie dropped when the origin changes. No proxy, .netrc, cookies, alt-svc.
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
    const struct client_header *headers; /* CR, LF and NUL inside are refused (BAD_URL) */
    size_t n_headers;
    struct bytes body;
    bool has_body; /* an empty body is sent as such */
    int64_t timeout_ms;
    size_t max_response_bytes; /* 0: CLIENT_RESPONSE_BYTES */
    const struct egress *egress; /* NULL: only global addresses */
};

struct client_response {
    enum outcome_transport transport; /* TRANSPORT_OK: the rest is set */
    int status;
    const struct client_header *headers;
    size_t n_headers;
    struct bytes body;
    int64_t duration_us;
    char error[192]; /* "connect to 127.0.0.1:9 refused", for people; empty when OK */
};

/* Called once, never before client_start() returned; @response lives during the call. */
typedef void client_done_fn(void *arg, const struct client_response *response);

must_check struct client *client_new(struct loop *loop, unsigned max_connections_per_host);
void client_free(struct client *client); /* cancels what is under way */
struct client_call *client_start(struct client *client, const struct client_request *request,
                                 client_done_fn *fn, void *arg);
/* done_fn is not called any more. */
void client_cancel(struct client_call *call);

/* Blocking, for the command line; @response's slices point into @storage. */
void client_fetch(const struct client_request *request, struct buf *storage,
                  struct client_header *header_storage, struct client_response *ret_response);
/*
 * Blocking, handing over the body as it comes (events tail). @on_bytes returns false to
 * stop. -1 with @err when it could not connect or was refused.
 */
must_check int client_follow(const struct client_request *request,
                             bool (*on_bytes)(void *arg, struct bytes bytes), void *arg,
                             struct err *err);

/* The host (lower case, no port, no brackets) of an absolute http(s) URL, parsed as the
 * client itself would; false when it is none. Adds it to @ret_host. */
must_check bool client_url_host(struct bytes url, struct buf *ret_host);
