/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * stats - what the Overview shows: the history of what keeper has committed.
 *
 * Thread-safe; a count takes a lock for a few additions.
 */

#include "base/attr.h"
#include "core/history.h"

struct settlement;
struct stats;

must_check
struct stats *stats_new(void);
void stats_free(struct stats *stats); /* NULL is fine */
/* An event was stored; an attempt has ended, and that is on disk. */
void stats_received(struct stats *stats);
void stats_settled(struct stats *stats, const struct settlement *settlement);
void stats_look(struct stats *stats, enum history_span span,
                struct history_view *ret_view);
