/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * streams - GET /api/v1/stream: what happens, as it happens, as Server-Sent Events.
 *
 * Bounded per reader; who reads too slowly is cut off and comes again, delivery never
 * waits. Costs nothing while nobody listens. Thread-safe.
 */

#include "service/parcel.h"
#include "service/settlement.h"

struct snapshot;
struct streams;
struct server_request;

must_check
struct streams *streams_new(void);
/* After the listeners have ended. */
void streams_free(struct streams *streams);
/* Ends all streams, so that listeners can stop. */
void streams_end(struct streams *streams);
void streams_add(struct streams *streams, struct server_request *request);
/* An event was stored; an attempt has ended. @snapshot names subscriptions. */
void streams_event(struct streams *streams, const struct snapshot *snapshot,
                   const struct parcel *parcel);
void streams_delivery(struct streams *streams, const struct snapshot *snapshot,
                      const struct settlement *settlement);
