/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * enable - what a customer's browser sees of Enable with Segment (interface §5).
 *
 *   GET /auth/segment[?subscription=NAME]   302 to Segment; the attempt is committed
 * first GET /auth/segment/callback              303 to a clean address, or the
 * destination's JSON for who prefers application/json GET /auth/segment/done?attempt=TAG
 * the page: what is true now GET /auth/segment/button.svg?theme=…    the button
 *
 * An attempt belongs to one browser by a cookie of its own, named by the first characters
 * of its state (the tag), so that two tabs do not spoil each other. What became of it
 * stays in memory for ten minutes: reload and back show it again. Nothing of a query
 * string is ever shown or logged, and no request waits longer than ENABLE_WAIT_MS.
 */

#include "core/enabling.h"
#include "service/site.h"

struct registrar_result;
struct enable;

enum {
    ENABLE_WAIT_MS = 12000, /* one call that gets no answer still ends with its page */
    ENABLE_TAG_LEN = 8,
    ENABLE_ADDRESS_BYTES = 512,
};

must_check
struct enable *enable_new(void);
void enable_free(struct enable *enable); /* NULL is fine */

/* The address of the callback, from the configuration or the listener: never from a
 * request. */
void enable_redirect_uri(const struct site *site, char ret_uri[ENABLE_ADDRESS_BYTES]);

/* --- enable_page.c -------------------------------------------------------------------
 */

/* What a page tells. */
enum enable_kind {
    ENABLE_FAILED = 0,
    ENABLE_CONNECTED,
    ENABLE_ALREADY, /* installed before, and this browser is not known to have done it */
    ENABLE_RUNNING,
    ENABLE_UNCONFIGURED,
    ENABLE_NO_SUBSCRIPTION,
    ENABLE_BUSY,
    ENABLE_GONE, /* nothing is known of this attempt any more */
};
struct enable_story {
    enum enable_kind kind;
    enum enabling_fault fault; /* of FAILED */
    const char *why;           /* Segment's words; NULL or empty: none */
    bool is_created, is_dev;
    int64_t number;
    struct bytes workspace, source, destination; /* names */
    struct bytes json;                           /* the destination's */
};
int enable_status(const struct enable_story *story);
void enable_page_answer(struct server_request *request, const struct enable_story *story);
void enable_json_answer(struct server_request *request, const struct enable_story *story);
