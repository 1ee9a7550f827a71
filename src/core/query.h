/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * query - the one search language of command line, API and console (ux.md §2.3).
 *
 * Terms with a blank between them must all hold; OR in capitals stands between such
 * groups, so the blank binds tighter: `a b OR c` is (a and b) or c. There are no
 * parentheses. `-` before a term excludes. A term is a field with a value
 * (is:dead, attempts:>3, properties.plan:pro; docs/reference/queries.md has them all),
 * or words, looked for in the payload as received with ASCII case folded. Of what is
 * compared as text '*' at either end matches any rest. What is not known is an error
 * that says where, what is known, and what was perhaps meant.
 *
 * A query is judged by facts of one delivery of one event. A fact that is empty or 0
 * matches no term, since there is none. Who has not all facts yet says which are unknown
 * and may get the answer all the same. query_narrow() tells a store where to look, but
 * query_match() is the judge. Bounded: 4096 bytes, 32 terms, paths of 16 names.
 */

#include "base/arena.h"
#include "core/delivery.h"
#include "core/id.h"
#include "segment/event.h"

struct err;

enum { QUERY_MAX_TERMS = 32, QUERY_MAX_BYTES = 4096, QUERY_MAX_PATH = 16 };

enum query_field {
    QUERY_WORD = 0,
    QUERY_IS,
    QUERY_TYPE,
    QUERY_EVENT,
    QUERY_USER, /* matches user_id, else anonymous_id */
    QUERY_ANON,
    QUERY_SUB,
    QUERY_SOURCE,  /* of the install: its whole name, or what stands last in it */
    QUERY_FN,      /* its file, without folders, without ".js" */
    QUERY_INSTALL, /* 7, ins_7, installs/7 */
    QUERY_KEY,     /* key id (key_…) or its name */
    QUERY_ID,      /* of an event */
    QUERY_MESSAGE,
    QUERY_REPLAY,
    QUERY_STATUS, /* of the last request: a number, a class (5xx), or how it failed */
    QUERY_ERROR,
    QUERY_ATTEMPTS,
    QUERY_LATENCY, /* of the last attempt */
    QUERY_SIZE,    /* of the payload */
    QUERY_HAS,
    QUERY_AFTER,
    QUERY_BEFORE,
    QUERY_DELIVERY, /* id: of a delivery */
    QUERY_PATH,     /* into the payload */
    QUERY_N_FIELDS,
};

struct query_term {
    enum query_field field;
    bool is_excluded;
    bool is_filtered;  /* of is:filtered: discarded, because nobody wanted it */
    unsigned group;    /* terms of one group stand together */
    struct bytes text; /* in the query's arena; of a word in lower case */
    struct bytes path; /* of QUERY_PATH */
    int64_t low, high; /* of what is a number: a row, ms, bytes, µs of latency */
    int64_t id_time_ms;
    enum delivery_state state;
    enum event_kind kind;
};

struct query {
    struct arena arena;
    struct query_term terms[QUERY_MAX_TERMS];
    size_t n_terms;
    size_t n_groups; /* at least 1: without terms it matches everything */
    /* After -1 of query_parse: which characters (code points) of the text are meant. */
    size_t fault_at, fault_len;
};

/* What is known of one delivery of one event. Empty or 0: there is none. */
struct query_facts {
    int64_t event_row;
    int64_t delivery_row;
    int64_t received_at_ms;
    enum delivery_state state;
    enum event_kind kind;
    struct bytes name, user_id, anonymous_id, message_id;
    struct bytes subscription;
    struct bytes key_id, key_name;
    int64_t install;
    struct bytes source;
    struct bytes function;
    struct bytes replay_id;
    struct bytes error_name;
    int64_t attempts;
    int status;                /* of the last request's answer */
    struct bytes status_cause; /* else how it failed: "timeout", "refused" … */
    int64_t latency_us;
    int64_t size_bytes;
    bool has_log;
    struct bytes payload; /* JSON */
};

/* Fields by what they look at, as bits. */
#define QUERY_BIT(name) (1u << QUERY_##name)
/* Of the delivery's row. */
#define QUERY_OF_DELIVERY                                                                \
    (QUERY_BIT(IS) | QUERY_BIT(FN) | QUERY_BIT(REPLAY) | QUERY_BIT(ERROR) |              \
     QUERY_BIT(ATTEMPTS) | QUERY_BIT(DELIVERY))
/* Of the record of its attempts. */
#define QUERY_OF_RECORD (QUERY_BIT(STATUS) | QUERY_BIT(LATENCY) | QUERY_BIT(HAS))
#define QUERY_OF_PAYLOAD (QUERY_BIT(WORD) | QUERY_BIT(PATH))
#define QUERY_OF_KEY (QUERY_BIT(KEY) | QUERY_BIT(INSTALL) | QUERY_BIT(SOURCE))

/* @now_ms resolves "2h" (ago). -1 with a sentence, a place and help in @err, and the
 * fault's place in *ret_query, which is done then. */
must_check
int query_parse(struct bytes text, int64_t now_ms, struct query *ret_query,
                struct err *err);
void query_done(struct query *query);

enum query_answer { QUERY_NO = 0, QUERY_YES, QUERY_UNKNOWN };
/* Judges by what is known; @unknown are the bits of fields whose facts are not. */
must_check
enum query_answer query_judge(const struct query *query, const struct query_facts *facts,
                              unsigned unknown);
must_check
bool query_match(const struct query *query, const struct query_facts *facts);
/* Whether a term looks at one of @fields, bits QUERY_BIT(…). */
must_check
bool query_looks_at(const struct query *query, unsigned fields);

/* What a store may use to look at fewer rows: bounds that every match of one group
 * satisfies. A query's matches are those of its groups together. */
struct query_narrow {
    int64_t after_ms, before_ms;  /* received in [after, before); INT64_MIN/MAX: open */
    int64_t event_row;            /* exactly this one; 0: any */
    enum delivery_state state;    /* exactly this one; NONE: any */
    bool has_error;               /* so it was not delivered */
    struct bytes user;            /* as user or anonymous id; empty: any */
    struct bytes anonymous, name; /* exactly these; empty: any */
};
void query_narrow(const struct query *query, size_t group,
                  struct query_narrow *ret_narrow);
