/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * way - what stands between a source's events and one of its destinations (dossier
 * §10.1): the integrations object, the supported types, filters, settings.
 *
 * Read when something has changed (known.h) and asked for each event.
 */

#include "base/arena.h"
#include "base/buf.h"
#include "segment/event.h"

struct world;

enum way_outcome {
    WAY_CLOSED_BY_SETTINGS = 0,
    WAY_CLOSED_BY_INTEGRATIONS,
    WAY_CLOSED_BY_TYPE,
    WAY_CLOSED_BY_RULES,
    WAY_OPEN,
    WAY_N_OUTCOMES,
};
/* The counter of event delivery, "FILTERED_BY_RULES"; NULL for OPEN. */
const char *way_counter(enum way_outcome outcome);

struct sieve;

struct way {
    struct way *next;
    struct bytes name;          /* of the destination */
    struct bytes display_name;  /* of its catalog item */
    unsigned kinds;             /* a bit for each event_kind that it supports */
    struct sieve *sieves;       /* its filters */
    bool has_checked, is_ready; /* its settings */
    unsigned n_events[WAY_N_OUTCOMES];
};

/* The enabled destinations of @source, in the order they were made, in @arena. */
must_check
struct way *way_read_all(struct world *world, struct bytes source, struct arena *arena);
/* Frees what no arena holds. */
void way_done_all(struct way *ways);
/*
 * May @event (a stamped one) go on? It is counted. OPEN: *ret_event is what filters left
 * of it, in @scratch[0] or [1], or @event itself.
 */
must_check
enum way_outcome way_pass(struct world *world, struct way *way, enum event_kind kind,
                          struct bytes event, struct buf scratch[2],
                          struct bytes *ret_event);
/* The same past all but the settings. */
must_check
enum way_outcome way_pass_own(struct world *world, struct way *way);
/* Writes the counters, and begins to count from 0. */
void way_count_all(struct world *world, struct way *ways);
