/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * event - what one Segment message is, and whether it may be stored (dossier §2).
 *
 * Only the envelope is judged; unknown members pass untouched and the schema is open.
 * How keys are matched is envelope's. Numbers as ids are taken as their text, what is
 * neither text nor number as absent.
 */

#include "base/buf.h"

struct envelope;
struct scan_array;

enum event_kind {
    EVENT_NONE = 0,
    EVENT_IDENTIFY,
    EVENT_TRACK,
    EVENT_PAGE,
    EVENT_SCREEN,
    EVENT_GROUP,
    EVENT_ALIAS,
    EVENT_DELETE,
    EVENT_REQUEST, /* no Segment message: what a source function was sent, stored */
    EVENT_N_KINDS,
};

/* "identify" …, "request"; "" for EVENT_NONE. */
const char *event_kind_text(enum event_kind kind);
/* Any case; EVENT_NONE when it is none of them. */
enum event_kind event_kind_parse(struct bytes text);

enum event_verdict {
    EVENT_MALFORMED = 0, /* not JSON, or not an object: 400 "Malformed JSON" */
    EVENT_NO_TYPE,       /* 400 "Missing type" */
    EVENT_UNSUPPORTED,   /* 501 "<type> not supported" */
    EVENT_INCOMPLETE,    /* 400, a required field is missing or of a wrong kind */
    EVENT_GOOD,
};

/* What the envelope says. Slices point into the event, or into the scratch given. */
struct event {
    enum event_kind kind;
    struct bytes type; /* as sent */
    struct bytes name; /* track: event; page, screen: name; else empty */
    struct bytes user_id;
    struct bytes anonymous_id;
    struct bytes group_id;
    struct bytes previous_id;
    struct bytes message_id; /* empty: none */
    bool is_folded;          /* a key matched only after folding: "User ID" for userId */
    char why[128]; /* for the answer when the verdict is not GOOD: "Missing type" */
};

/* What outlives the judge: an event is shown and found by it. */
struct event_head {
    enum event_kind kind;
    struct bytes name, user_id, anonymous_id, group_id, previous_id, message_id;
};

enum { EVENT_SCRATCH_BYTES = 16384 }; /* more than ids can honestly need */

/*
 * Judge one event's bytes. @scratch (cleared first) takes ids that had to be unescaped;
 * it serves one event at a time and must stay as it is as long as *ret_event is read (its
 * maximum bounds it: an id that does not fit is EVENT_INCOMPLETE). *ret_event is filled
 * as far as known, for every verdict.
 */
must_check
enum event_verdict event_judge(struct bytes text, struct buf *scratch,
                               struct event *ret_event);
/*
 * The next event of an array, judged while its end is looked for: *ret_text is its bytes.
 * False: there is no more, or @array's fault.
 */
must_check
bool event_judge_next(struct scan_array *array, struct buf *scratch,
                      struct bytes *ret_text, enum event_verdict *ret_verdict,
                      struct event *ret_event);
/* The same of what is in the store, where a source function's request (core/request.h)
 * is good as well: nobody can send one as an event. */
must_check
enum event_verdict event_judge_stored(struct bytes text, struct buf *scratch,
                                      struct event *ret_event);

/*
 * What the envelope says, without judging it. @kind when it is known from elsewhere,
 * EVENT_NONE when the event's own type decides. @scratch as above; false when something
 * did not fit in it.
 */
must_check
bool event_read(const struct envelope *envelope, enum event_kind kind,
                struct buf *scratch, struct event *ret_event);

/* The same slices. */
struct event_head event_head_of(const struct event *event);
/* The name shown for an event: its name, or for others what identifies it best. */
struct bytes event_title(const struct event *event);
