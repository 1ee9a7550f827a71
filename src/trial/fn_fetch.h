/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * fn_fetch - the requests of one `fn run`: recorded, and answered here or for real.
 *
 * Not live: each is answered at once, by the first mock that fits (fn_mock.h), else 200
 * {}. Live: sent by net/client, within an egress policy; where none is given, public
 * addresses and this machine may be reached, nothing else.
 */

#include "base/arena.h"
#include "net/client.h"

struct egress;
struct err;
struct fn_mocks;
struct loop;
struct write;
struct fn_fetch_request;

struct fn_fetch {
    struct arena arena;
    bool is_live;
    struct client *client;
    const struct egress *egress;
    struct egress *own_egress; /* NULL: somebody else's is used */
    const struct fn_mocks
        *mocks[2]; /* asked in this order; may be NULL; set by the owner */
    struct fn_fetch_request **requests;
    size_t n_requests;
};

must_check
int fn_fetch_open(struct fn_fetch *fetch, struct loop *loop, bool is_live,
                  const struct egress *egress, struct err *err);
void fn_fetch_close(struct fn_fetch *fetch);
/* Forgets those so far and cancels what is under way. */
void fn_fetch_restart(struct fn_fetch *fetch);

/* Everything is copied. @fn is called once: at once when not live. */
struct fn_fetch_wanted {
    struct bytes method, url, body;
    bool has_body;
    struct client_header headers[CLIENT_MAX_HEADERS];
    size_t n_headers;
};
void fn_fetch_start(struct fn_fetch *fetch, const struct fn_fetch_wanted *wanted,
                    void (*fn)(void *arg, const struct client_response *response),
                    void *arg);

/* The array of interface §8 ("requests"), in the order they were made. */
void fn_fetch_write(const struct fn_fetch *fetch, struct write *write);

/* For people: the @index-th. */
struct fn_fetch_line {
    struct bytes method, url;
    int status; /* 0: no answer */
    const char *error;
    int64_t duration_us;
    bool is_mocked; /* by a mock, not by the plain 200 {} */
};
bool fn_fetch_line(const struct fn_fetch *fetch, size_t index, struct fn_fetch_line *ret);
