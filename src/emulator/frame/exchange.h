/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * exchange - one request to the local Segment and the answer that is being made.
 *
 * A handler (route.h) runs with the lock held, reads the request here, and writes the
 * answer here. When it returns the answer goes out, unless it has deferred: then somebody
 * calls exchange_finish later, from any thread that holds the lock. Until it is sent, all
 * slices of the request and the arena live.
 */

#include "base/arena.h"
#include "base/buf.h"
#include "base/list.h"
#include "emulator/frame/alarm.h"
#include "net/server.h"

struct area;
struct emulator;
struct json;
struct route;
struct world;

enum { EXCHANGE_PARAMS = 8, EXCHANGE_HEADERS = 14, EXCHANGE_ANSWER_BYTES = 32 << 20 };

/* How sure we are that Segment answers like this (interface §9). */
enum fidelity { FIDELITY_GUESS = 0, FIDELITY_OBSERVED, FIDELITY_DOCUMENTED };
const char *fidelity_text(enum fidelity fidelity);

struct exchange {
    struct server_request
        *request; /* headers and query: only until the handler returns */
    struct emulator *emulator;
    struct world *world;
    const struct area *area;
    const struct route *route; /* NULL: none was found */
    struct arena arena;
    struct bytes method, path; /* path: decoded, as sent; in the arena */
    struct bytes query;        /* raw, without '?'; in the arena */
    struct bytes route_path;   /* doubled and trailing slashes removed */
    struct bytes body;
    struct bytes params[EXCHANGE_PARAMS]; /* what the route's {} stand for, in order */
    size_t n_params;
    struct bytes authorization; /* header; ptr NULL: absent. In the arena */
    int64_t began_us;
    void *area_data; /* an area's own, e.g. who asks; in the arena */
    /* the answer */
    int status; /* 200 */
    enum fidelity fidelity;
    const char *content_type; /* NULL: none */
    struct buf out;
    struct server_header headers[EXCHANGE_HEADERS + 1]; /* up to the first NULL name */
    size_t n_headers;
    bool closes; /* the connection, after it */
    bool is_deferred;
    bool is_streaming;     /* the handler has started a stream itself: it is the answer */
    unsigned fault;        /* number of the fault that fired, 0: none */
    struct list_link link; /* in the list of those that are deferred */
    /* When nobody will finish it any more (the emulator stops, the world goes): cancel
     * what would. It is answered with 503 and gone afterwards. May be NULL. */
    void (*abandoned_fn)(struct exchange *exchange);
    struct alarm alarm;       /* of exchange_finish_in */
    int64_t fault_delay_ms;   /* the answer is kept back so long */
    enum server_spoil spoil;  /* how it is sent */
    size_t cut_after;         /* bytes of the body, of SERVER_CUT */
    bool is_recorded;         /* the inspector has it */
    struct bytes header_text; /* for the inspector (inspector_note); ptr NULL: not yet */
};

/* A request header by name (arena copy); ptr NULL when absent. Only in the handler. */
struct bytes exchange_header(struct exchange *exchange, const char *name);
/* A query parameter, decoded (arena copy); ptr NULL when absent. */
struct bytes exchange_query(struct exchange *exchange, const char *name);
/* Copies name and value into the arena; more than fit are dropped. */
void exchange_set_header(struct exchange *exchange, const char *name, const char *value);
/* Sets status and type; what is in `out` so far stays. */
void exchange_answer(struct exchange *exchange, int status, const char *content_type);
/* Replaces the answer by @json (compact, or indented with @indent_by spaces a level). */
void exchange_json(struct exchange *exchange, int status, struct bytes json);
void exchange_indented(struct exchange *exchange, int status, struct bytes json,
                       unsigned indent_by);
/* 302, or 303 after a form; an empty body. */
void exchange_redirect(struct exchange *exchange, int status, const char *location);
/* {"message":"…"}: of the controls and pages; areas have their own errors. */
printf_like(3, 4) void exchange_refuse(struct exchange *exchange, int status,
                                       const char *format, ...);
/* What is in `out` is forgotten, to begin again. */
void exchange_restart(struct exchange *exchange);

/* For answering.c: of a request whose body is there. */
must_check
struct exchange *exchange_new(struct emulator *emulator, struct world *world,
                              struct server_request *request);
/* The answer comes later. The handler returns soon after. What works on it lies in the
 * arena, or is let go by abandoned_fn. */
void exchange_defer(struct exchange *exchange);
/* Sends a deferred answer, unless a fault keeps it back for a while; the exchange is gone
 * afterwards. */
void exchange_finish(struct exchange *exchange);
/* Defers it, and finishes it after a real delay. */
void exchange_finish_in(struct exchange *exchange, int64_t delay_ms);
/* Path and query as a request line has them, encoded again; in the arena. */
struct bytes exchange_target(struct exchange *exchange);

/* Abandons those of @world (NULL: of all) that are deferred. */
void exchange_end_all(struct emulator *emulator, const struct world *world);

/* The body as a JSON object; NULL after having answered 400 {"message":…}. Free it. */
must_check
struct json *exchange_read_object(struct exchange *exchange);
