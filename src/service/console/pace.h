/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * pace - how much of a busy stream a page is shown: so many events a second, and of the
 * events that it was shown every step of their deliveries, so that no row stays where it
 * was. Zeroed: a second has begun.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

enum {
    PACE_EVENTS = 20, /* a second; and as many deliveries of other events */
    PACE_SHOWN = 256, /* events whose deliveries are let through */
};

struct pace {
    unsigned n_events, n_deliveries; /* that came this second */
    int64_t shown[PACE_SHOWN];       /* events, the oldest is replaced */
    size_t next;
};

must_check
bool pace_event(struct pace *pace, int64_t event);
must_check
bool pace_delivery(struct pace *pace, int64_t event);
/* A page that reads too slowly misses messages from PACE_GAP_BYTES of backlog on, until
 * little waits; then it is told how many. @n_missed: so far. */
enum { PACE_GAP_BYTES = 3 << 18, PACE_GAP_OVER_BYTES = 1 << 16 };
enum pace_room { PACE_MISSES = 0, PACE_GETS, PACE_IS_TOLD_AND_GETS };
must_check
enum pace_room pace_room(uint64_t n_missed, size_t n_waiting);
/* A second is over. How many events came in it, when more than were shown; else 0. */
unsigned pace_tick(struct pace *pace);
