/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * deliveries - the queues of a world's destinations, and Segment's retries (dossier §10).
 *
 * At most DELIVERIES_CONCURRENCY attempts at once per destination; retries by
 * segment/retry on the world's clock; pending ones lie in the table `delivery` and go on
 * after a restart with their deadline unchanged. What has ended is counted and kept for a
 * while (table `delivered`), so that pages can show it.
 *
 * Memory holds ids and times only, one small object for each delivery that waits; an
 * alarm of each queue rings when the first of them is due.
 */

#include "base/bytes.h"

struct deliveries;
struct world;
struct write;

enum { DELIVERIES_CONCURRENCY = 16, DELIVERIES_KEPT = 1000 };

/* Takes up what waits in the database. */
must_check
struct deliveries *deliveries_new(struct world *world);
void deliveries_free(struct deliveries *deliveries); /* cancels what is under way */
/* Forgets all in memory, as after a reset or a loaded snapshot, and reads again. */
void deliveries_reload(struct deliveries *deliveries);
/* Into the queue of @destination; the first attempt starts soon. */
void deliveries_add(struct deliveries *deliveries, struct bytes destination,
                    struct bytes message_id, struct bytes event, int64_t received_at_ms);
/* "retry now": what waits (of @destination, or all when empty) is due. How many. It
 * counts as the next attempt of the schedule; the deadline stays. */
size_t deliveries_hurry(struct deliveries *deliveries, struct bytes destination);
size_t deliveries_n_waiting(const struct deliveries *deliveries);
/* The list that GET /_emulator/deliveries shows: pending, then the last that ended;
 * each {id, destination, message_id, state, received_at, attempts:[{at, ended_at, class,
 * code, message, calls…}], next_at, deadline}. The state: waiting, running; delivered,
 * discarded, unsupported, expired. @destination empty: of all. */
void deliveries_write(struct deliveries *deliveries, struct bytes destination,
                      size_t limit, struct write *write);
