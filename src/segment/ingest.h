/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * ingest - what the Tracking API does to one call after it has answered 200 (dossier
 * §2.1, §2.2, §9.3, §9.6): judge it, or stamp it.
 *
 * Keys are read as in envelope (exact, then folded) and written exactly. A value counts
 * as given when it is there, not null, and not "".
 */

#include "base/buf.h"
#include "segment/envelope.h"
#include "segment/event.h"
#include "json/walk.h"

/* Why an event is discarded. The names are Segment's. */
enum ingest_verdict {
    INGEST_BAD_REQUEST = 0, /* not an object, of no known type, or ids beyond @scratch */
    INGEST_NO_USER_ANON_ID,
    INGEST_EVENT_NOT_DEFINED,
    INGEST_EVENT_NOT_STRING,
    INGEST_PROPERTIES_NOT_OBJECT,
    INGEST_TRAITS_NOT_OBJECT,
    INGEST_NAME_NOT_STRING,
    INGEST_CATEGORY_NOT_STRING,
    INGEST_ID_REQUIRED,   /* group without groupId, alias without userId or previousId */
    INGEST_ID_NOT_STRING, /* one of the four ids is true, false, a list or an object */
    INGEST_GOOD,
    /* Not said by ingest_judge, but by who knows sources and batches: */
    INGEST_EMPTY_BATCH,
    INGEST_UNKNOWN_SOURCE,
    INGEST_SOURCE_DISABLED,
    INGEST_SUPPRESSED, /* a regulation says that nothing of this user is taken */
    INGEST_TOO_LARGE,  /* an element of a batch above 32 KB; the batch above 2,500 events;
                          said by ingest_judge of a messageId above 100 characters */
    INGEST_N_VERDICTS,
};

enum {
    INGEST_EVENT_BYTES = 32768,
    INGEST_BATCH_BYTES = 512000,
    INGEST_BATCH_EVENTS = 2500,
    INGEST_MESSAGE_ID_MAX = 100,
    INGEST_MAX_DEFAULTS = 256, /* members of a batch's context, of its integrations */
};

const char *ingest_verdict_text(enum ingest_verdict verdict); /* "event_not_defined" */
/* What to do about it, in a sentence of ours for people; "" for GOOD. */
const char *ingest_verdict_remedy(enum ingest_verdict verdict);

/* What the judge found; slices point into the event, or @scratch as in event_judge. */
struct ingest_event {
    enum event_kind kind;
    struct bytes name;       /* as event.name */
    struct bytes message_id; /* empty: none */
    struct bytes user_id;    /* empty: none */
    struct bytes title;      /* for lists */
};

/*
 * Judges @text (any bytes). @kind: what the path said ("/v1/track"), EVENT_NONE when the
 * event's own type decides (a batch). Numbers as ids are fine (dossier §2.1). `delete`
 * comes from Segment only: INGEST_BAD_REQUEST. @scratch as in event_judge. (10,000
 * properties, the other limit of dossier §2.9, do not fit into 32 KB.)
 */
must_check
enum ingest_verdict ingest_judge(struct bytes text, enum event_kind kind,
                                 struct buf *scratch, struct ingest_event *ret_event);

/*
 * An event's members in order, read once for the judge and for the printer. One of very
 * many has its tail walked a second time. Large: make it not_zeroed.
 */
enum { INGEST_MEMBERS_KEPT = 48 };
struct ingest_members {
    struct envelope envelope;
    size_t n_items;
    struct bytes tail; /* behind those that are kept */
    struct walk_member items[INGEST_MEMBERS_KEPT];
    enum envelope_field fields[INGEST_MEMBERS_KEPT];
};
/* Of a @text that scan_json has accepted, alone or as a part. False: it is no
 * object. */
must_check
bool ingest_read(struct bytes text, struct ingest_members *ret_members);
/* ingest_judge of what was read. */
must_check
enum ingest_verdict ingest_judge_read(const struct ingest_members *members,
                                      enum event_kind kind, struct buf *scratch,
                                      struct ingest_event *ret_event);

/* What stamping adds; slices are borrowed during the call. */
struct ingest_stamp {
    enum event_kind kind; /* as ingest_judge has found it */
    int64_t received_at_ms;
    struct bytes message_id; /* for an event that has none: "api-" and 32 alphanumerics */
    struct bytes project_id;
    const char
        *channel;    /* "server", "client"; used when the event has none; may be NULL */
    struct bytes ip; /* for browser calls, used when the event has none; may be empty */
    struct bytes batch_context;      /* JSON object's text (a part of a batch that */
    struct bytes batch_integrations; /*   scan_json has accepted), or empty: defaults */
    struct bytes batch_sent_at;      /* text; used when the event has no sentAt */
};

/*
 * Adds the stamped event to @ret_event (compact JSON; members in the order sent, then
 * those that were added). @text must have been judged GOOD. False when it, or one of the
 * batch's objects alone, does not fit in @ret_event's maximum.
 *
 * - type, receivedAt, projectId, version 2 are set whatever the event said; messageId,
 *   sentAt and channel when it gave none. writeKey is removed at the top level.
 * - originalTimestamp: the event's own, else the timestamp it gave, else none; null and
 *   "" stay as sent. timestamp: receivedAt − (sentAt − originalTimestamp) when both
 *   parse, else as given, else receivedAt. What does not parse stays as it is and
 *   corrects nothing; a result outside the years 0 to 9999 is clamped.
 * - context: made when it is missing or null; the batch's members are added when it lacks
 *   them (as a whole, not deep), then ip, then library unknown/unknown. Anything that is
 *   no object stays as sent. integrations: the batch's members likewise. Of more than
 *   INGEST_MAX_DEFAULTS members of a batch the rest is left out.
 * - Everything else, a key that comes twice too, stays as sent.
 */
must_check
bool ingest_print(struct bytes text, const struct ingest_stamp *stamp,
                  struct buf *ret_event);
/* The same of what ingest_read has read. */
must_check
bool ingest_print_read(const struct ingest_members *members,
                       const struct ingest_stamp *stamp, struct buf *ret_event);
