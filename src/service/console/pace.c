/* SPDX-License-Identifier: MIT */

#include "service/console/pace.h"

bool pace_event(struct pace *pace, int64_t event)
{
    if (pace->n_events++ >= PACE_EVENTS)
        return false;
    pace->shown[pace->next] = event;
    pace->next = (pace->next + 1) % PACE_SHOWN;
    return true;
}

bool pace_delivery(struct pace *pace, int64_t event)
{
    for (size_t i = 0; i < PACE_SHOWN; i++) {
        if (pace->shown[i] == event)
            return true;
    }
    return pace->n_deliveries++ < PACE_EVENTS;
}

unsigned pace_tick(struct pace *pace)
{
    unsigned n_events = pace->n_events;

    pace->n_events = 0;
    pace->n_deliveries = 0;
    return n_events > PACE_EVENTS ? n_events : 0;
}

enum pace_room pace_room(uint64_t n_missed, size_t n_waiting)
{
    if (n_missed == 0)
        return n_waiting < PACE_GAP_BYTES ? PACE_GETS : PACE_MISSES;
    return n_waiting <= PACE_GAP_OVER_BYTES ? PACE_IS_TOLD_AND_GETS : PACE_MISSES;
}
