/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * pipeline - from an accepted call of the Tracking API to the queues of destinations
 * (dossier §9.6, §10.1): judge, deduplicate, stamp, journal; then for each destination of
 * the source enabled? integrations? supported type? filters? settings? and into its
 * queue.
 *
 * A pipeline is opened for one call: source, destinations, their filters and whether
 * their settings suffice are looked up once, then each event of the call is put through.
 * Counters are written when it is closed. It lives within one request.
 */

#include "segment/ingest.h"

struct pipeline;
struct world;

enum { PIPELINE_EVENT_BYTES = 65536, PIPELINE_SEEN_MS = 24 * 3600 * 1000 };

struct pipeline_call {
    enum event_kind kind;   /* of the path; NONE: of the event */
    struct bytes write_key; /* may be empty or unknown */
    struct bytes batch_context, batch_integrations,
        batch_sent_at; /* JSON objects' text, and a time; or empty */
    bool is_browser;   /* has an Origin or came on a short path */
    struct bytes ip;
};

/* @call is borrowed until pipeline_close. Never NULL. */
must_check
struct pipeline *pipeline_open(struct world *world, const struct pipeline_call *call);
/* @event: JSON text as sent, which scan_json has accepted, alone or as a part. The
 * verdict is for the journal and counters: the caller of
 * the API gets 200 in any case. */
enum ingest_verdict pipeline_put(struct pipeline *pipeline, struct bytes event);
/* @n_events of the call are discarded together, one line in the journal; 0: an empty
 * batch, which counts as one. */
void pipeline_discard(struct pipeline *pipeline, enum ingest_verdict verdict,
                      unsigned n_events);
void pipeline_close(struct pipeline *pipeline); /* NULL is fine */

/* All of it, for one event. */
enum ingest_verdict pipeline_take(struct world *world, const struct pipeline_call *call,
                                  struct bytes event);
/* An event that Segment itself makes (delete): to all enabled destinations of @source,
 * past integrations, methods and filters (dossier §10.1). @event is stamped already. */
void pipeline_take_own(struct world *world, struct bytes source, struct bytes event);
