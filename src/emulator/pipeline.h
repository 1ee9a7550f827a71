/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * pipeline - from an accepted call of the Tracking API to the queues of destinations
 * (dossier §9.6, §10.1): judge, deduplicate, stamp, journal; then for each destination of
 * the source enabled? integrations? supported type? filters? settings? and into its
 * queue.
 */

#include "segment/ingest.h"

struct world;

struct pipeline_call {
    enum event_kind kind;   /* of the path; NONE: of the event */
    struct bytes write_key; /* may be empty or unknown */
    struct bytes batch_context, batch_integrations,
        batch_sent_at; /* JSON text; or empty */
    bool is_browser;   /* has an Origin or came on a short path */
    struct bytes ip;
};

/* @event: JSON text as sent. The verdict is for the journal and counters: the caller of
 * the API gets 200 in any case. */
enum ingest_verdict pipeline_take(struct world *world, const struct pipeline_call *call,
                                  struct bytes event);
/* An event that Segment itself makes (delete): to all enabled destinations of @source,
 * past integrations, methods and filters (dossier §10.1). @event is stamped already. */
void pipeline_take_own(struct world *world, struct bytes source, struct bytes event);
