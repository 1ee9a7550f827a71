/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * ingest - what the Tracking API does to one call after it has answered 200 (dossier
 * §2.1, §2.2, §9.3, §9.6): judge it, or stamp it.
 */

#include "base/buf.h"
#include "segment/event.h"

/* Why an event is discarded. The names are Segment's. */
enum ingest_verdict {
    INGEST_BAD_REQUEST = 0, /* not an object, or of no known type */
    INGEST_NO_USER_ANON_ID,
    INGEST_EVENT_NOT_DEFINED,
    INGEST_EVENT_NOT_STRING,
    INGEST_PROPERTIES_NOT_OBJECT,
    INGEST_TRAITS_NOT_OBJECT,
    INGEST_NAME_NOT_STRING,
    INGEST_CATEGORY_NOT_STRING,
    INGEST_ID_REQUIRED, /* group without groupId, alias without userId or previousId */
    INGEST_ID_NOT_STRING,
    INGEST_GOOD,
    /* Not said by ingest_judge, but by who knows sources and batches: */
    INGEST_EMPTY_BATCH,
    INGEST_UNKNOWN_SOURCE,
    INGEST_SOURCE_DISABLED,
    INGEST_TOO_LARGE, /* an element of a batch above 32 KB; the batch above 2,500 events */
    INGEST_N_VERDICTS,
};

enum {
    INGEST_EVENT_BYTES = 32768,
    INGEST_BATCH_BYTES = 512000,
    INGEST_BATCH_EVENTS = 2500,
    INGEST_MESSAGE_ID_MAX = 100,
};

const char *ingest_verdict_text(enum ingest_verdict verdict); /* "event_not_defined" */
/* What to do about it, in a sentence of ours for people; "" for GOOD. */
const char *ingest_verdict_remedy(enum ingest_verdict verdict);

/* What the judge found; slices point into the event, or @scratch as in event_judge. */
struct ingest_event {
    enum event_kind kind;
    struct bytes name;       /* as event.name */
    struct bytes message_id; /* empty: none; cut to 100 characters is not ours to do */
    struct bytes title;      /* for lists */
};

/*
 * Judges @text (any bytes). @kind: what the path said ("/v1/track"), EVENT_NONE when the
 * event's own type decides (a batch). Numbers as ids are fine (dossier §2.1). `delete`
 * comes from Segment only: INGEST_BAD_REQUEST. @scratch as in event_judge.
 */
must_check
enum ingest_verdict ingest_judge(struct bytes text, enum event_kind kind,
                                 struct buf *scratch, struct ingest_event *ret_event);

/* What stamping adds; slices are borrowed during the call. */
struct ingest_stamp {
    enum event_kind kind;
    int64_t received_at_ms;
    struct bytes message_id; /* for an event that has none: "api-" and 32 alphanumerics */
    struct bytes project_id;
    const char *channel;             /* "server", "client"; used when the event has none */
    struct bytes ip;                 /* for browser calls; empty: leave context.ip alone */
    struct bytes batch_context;      /* JSON object's text, or empty: defaults that are */
    struct bytes batch_integrations; /*   merged under the event's own */
    struct bytes batch_sent_at;      /* text; used when the event has no sentAt */
};

/*
 * Adds the stamped event to @ret_event (compact JSON, members in the order sent, then
 * those that were added): type, messageId, receivedAt, originalTimestamp and timestamp
 * (receivedAt − (sentAt − originalTimestamp); given times that do not parse stay as text
 * and correct nothing), sentAt, channel, projectId, version 2, context.library
 * unknown/unknown; writeKey removed. @text must have been judged GOOD. False when it does
 * not fit in @ret_event's maximum.
 */
must_check
bool ingest_print(struct bytes text, const struct ingest_stamp *stamp,
                  struct buf *ret_event);
