/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * counters - what Segment's reports count, by the hour of the world's clock (dossier
 * §9.6, §10.2).
 *
 * A counter belongs to a name: a destination ("successes", "FILTERED_BY_RULES",
 * "errors.discarded.400", "errors.awaiting-retry.503", "errors.expired.503"), a source
 * ("received", "duplicate", "no_user_anon_id" …), or COUNTERS_UNKNOWN for events of a
 * write key that nobody has. Tables `counter` and `latency`; an hour is the millisecond
 * it begins.
 *
 * What is added waits in memory for the commit of its transaction, so that a hundred
 * calls cost one statement; it is undone with it too. Who reads the table after adding in
 * the same transaction settles first; the readers below do.
 */

#include "base/bytes.h"

struct counting;
struct world;
struct write;

#define COUNTERS_UNKNOWN "unknown"

enum { COUNTERS_HOUR_MS = 3600000, COUNTERS_LATENCIES = 16384 };

must_check
struct counting *counters_new(void);
void counters_free(struct counting *counting); /* NULL is fine */
/* Writes, or forgets, what waits. */
void counters_settle(struct world *world);
void counters_forget(struct world *world);

void counters_add(struct world *world, struct bytes name, const char *metric,
                  unsigned n_more);
/* From receipt to delivery. Of all destinations the last COUNTERS_LATENCIES are kept. */
void counters_note_latency(struct world *world, struct bytes destination,
                           int64_t delivery_id, int64_t latency_ms);
/* One object: name → {metric: total}. */
void counters_write(struct world *world, struct write *write);
