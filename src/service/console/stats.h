/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * stats - what the Overview shows: the history of what keeper has committed.
 *
 * Thread-safe; a count takes a lock for a few additions. Every few seconds, and at the
 * stop, the minutes that have changed go into the store.
 */

#include "base/attr.h"
#include "core/history.h"

struct desk;
struct err;
struct keeper;
struct settlement;
struct stats;
struct store;

must_check
struct stats *stats_new(void);
/* What the store has of the last week; before keeper has the store. */
must_check
int stats_load(struct stats *stats, struct store *store, struct err *err);
/* From now on it is saved: by the desk's clock, in keeper's thread. */
void stats_start(struct stats *stats, struct desk *desk, struct keeper *keeper);
void stats_free(struct stats *stats); /* NULL is fine */
/* An event was stored; an attempt has ended, and that is on disk. */
void stats_received(struct stats *stats, unsigned n_events);
void stats_settled(struct stats *stats, const struct settlement *settlement);
void stats_look(struct stats *stats, enum history_span span,
                struct history_view *ret_view);
