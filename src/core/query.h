/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * query - the one search language of command line, API and console (interface §8).
 *
 * Terms with a blank between them must all hold. `-` before a term excludes. Known now:
 * is: type: event: user: sub: key: id: after: before: message: replay: error: and words
 * (substring of the payload, case folded). An unknown prefix, an unknown state or a bad
 * time is an error that says what is known. after:/before: take RFC 3339, or a duration
 * meaning "ago".
 *
 * A query is matched against facts; the store may use what narrow() tells to look at
 * fewer rows, but query_match() is the judge.
 */

#include "base/arena.h"
#include "core/delivery.h"
#include "core/id.h"
#include "segment/event.h"

struct err;

enum { QUERY_MAX_TERMS = 32 };

enum query_field {
    QUERY_WORD = 0,
    QUERY_IS,
    QUERY_TYPE,
    QUERY_EVENT,
    QUERY_USER, /* matches user_id, else anonymous_id */
    QUERY_SUB,
    QUERY_KEY, /* key id (key_…) or its name */
    QUERY_ID,  /* evt_ or dlv_ */
    QUERY_MESSAGE,
    QUERY_REPLAY,
    QUERY_ERROR,
    QUERY_AFTER,
    QUERY_BEFORE,
};

struct query_term {
    enum query_field field;
    bool is_excluded;
    struct bytes text;         /* in the query's arena; '*' at an end matches any rest */
    int64_t number;            /* time in ms, or a row */
    int64_t id_time_ms;        /* of id: the time that it holds */
    enum delivery_state state; /* of is: */
    enum event_kind kind;      /* of type: */
    enum id_kind id_kind;      /* of id: ID_EVENT or ID_DELIVERY */
};

struct query {
    struct arena arena;
    struct query_term terms[QUERY_MAX_TERMS];
    size_t n_terms;
};

/* What is known of one delivery of one event. Empty: unknown or none. */
struct query_facts {
    int64_t event_row;
    int64_t delivery_row;
    int64_t received_at_ms;
    enum delivery_state state;
    enum event_kind kind;
    struct bytes name, user_id, anonymous_id, message_id;
    struct bytes subscription;
    struct bytes key_id, key_name;
    struct bytes replay_id;
    struct bytes error_name;
    struct bytes payload;
};

/* What a store may use to look at fewer rows: bounds that every match satisfies. */
struct query_narrow {
    int64_t after_ms, before_ms; /* received in [after, before); INT64_MIN/MAX: open */
    int64_t event_row;           /* exactly this one; 0: any */
    enum delivery_state state;   /* exactly this one; NONE: any */
    struct bytes user, name;     /* exactly these; empty: any */
    bool needs_payload;          /* a word must be looked for in the payload */
};

/* @now_ms resolves "2h" (ago). -1 with a sentence and help in @err. */
must_check
int query_parse(struct bytes text, int64_t now_ms, struct query *ret_query,
                struct err *err);
void query_done(struct query *query);
void query_narrow(const struct query *query, struct query_narrow *ret_narrow);
must_check
bool query_match(const struct query *query, const struct query_facts *facts);
/* Whether a term looks at one of @fields, bits 1u << QUERY_…: who does not know these
 * facts yet must find them out before query_match. */
must_check
bool query_looks_at(const struct query *query, unsigned fields);
