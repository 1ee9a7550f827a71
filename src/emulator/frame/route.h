/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * route - which handler takes a request; and, for people, what each one is worth.
 *
 * An area is a role that Segment plays on one listener, told apart by the first part of
 * the path (interface §9). Its table is also the page *Differences*: a call that is not
 * imitated is a row as well, so that it is listed and answered in its area's words.
 */

#include "emulator/frame/exchange.h"

typedef void route_fn(struct exchange *exchange);

struct route {
    const char *method; /* NULL ends a table */
    /* "/v1beta/workspaces/{}/sources": {} takes one segment; a ":verb" may follow the
     * last segment's {} or word. "{*}" at the end takes the rest. */
    const char *path;
    route_fn *fn; /* NULL: not imitated; the area's refuse_fn answers */
    enum fidelity fidelity;
    const char *difference; /* from Segment's own answer, for people; NULL: none known */
};

/* Why no route was found. */
enum route_missing {
    ROUTE_NO_PATH = 0,
    ROUTE_NO_METHOD,    /* another method is known at this path */
    ROUTE_NOT_IMITATED, /* the row is there, without a handler */
};

struct area {
    const char *title;  /* "Config API" */
    const char *prefix; /* "/v1beta/"; "/" is the last resort */
    const struct route *routes;
    size_t body_bytes; /* 413 above */
    bool is_own;       /* ours, not Segment's: guarded (guard.h), not in the inspector */
    /* Its handlers never undo (world_abort): calls may share one (world_leave_open). */
    bool shares_transactions;
    /* Before the handler, with exchange->route set (NULL: none was found). True: go on.
     * False: it has answered. May be NULL. */
    bool (*before_fn)(struct exchange *exchange);
    void (*missing_fn)(struct exchange *exchange, enum route_missing why);
};

/* The areas of the main listener and of the Public API's, NULL-terminated, in the order
 * in which prefixes are tried (areas.c). */
extern const struct area *const main_areas[];
extern const struct area *const public_areas[];

/* Finds the area and the route; fills area, route and params. */
void route_find(const struct area *const *areas, struct exchange *exchange,
                enum route_missing *ret_why);
