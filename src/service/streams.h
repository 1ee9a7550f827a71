/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * streams - GET /api/v1/stream: what happens, as it happens, as Server-Sent Events.
 *
 * Bounded per reader; who reads too slowly is cut off and comes again, delivery never
 * waits. Costs nothing while nobody listens. Thread-safe.
 *
 * A reader may have a query: it then gets the events that match as they come, and the
 * deliveries that match as they move (is:dead speaks of the state just reached). What a
 * message does not know itself, such as the user of a delivery's event, the desk looks
 * up, so the threads that tell of events never wait for the store.
 */

#include "service/parcel.h"
#include "service/settlement.h"

struct site_call;
struct snapshot;
struct store_install;
struct streams;

must_check
struct streams *streams_new(void);
/* After the listeners have ended. */
void streams_free(struct streams *streams);
/* Ends all streams, so that listeners can stop; pages come back soon. Who asks for one
 * from now on gets it and sees it end: a refusal would end the page's interest. */
void streams_end(struct streams *streams);
/* Answers the request of @call with a stream, filtered by its ?q=. */
void streams_add(struct streams *streams, const struct site_call *call);
/* An event was stored; an attempt has ended. @snapshot names subscriptions. */
void streams_event(struct streams *streams, const struct snapshot *snapshot,
                   const struct parcel *parcel);
void streams_delivery(struct streams *streams, const struct snapshot *snapshot,
                      const struct settlement *settlement);
/* An install has moved; @what is a word for it ("granted", "created" …). */
void streams_install(struct streams *streams, const char *what,
                     const struct store_install *install);
