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
/* A second is over. How many events came in it, when more than were shown; else 0. */
unsigned pace_tick(struct pace *pace);
