/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * delivery - the states of an event on its way, and what ends an attempt.
 *
 *   queued ──▶ running ──▶ delivered | discarded | dead
 *                 │  ▲
 *                 ▼  │
 *              retrying            (interface §1: these six and no others)
 *
 * A terminal state never reverts; sending again is a replay: a new delivery.
 */

#include "base/bytes.h"

enum delivery_state {
    DELIVERY_NONE = 0, /* unset; never stored */
    DELIVERY_QUEUED,
    DELIVERY_RUNNING,
    DELIVERY_RETRYING,
    DELIVERY_DELIVERED,
    DELIVERY_DISCARDED,
    DELIVERY_DEAD,
    DELIVERY_N_STATES,
};

const char *delivery_state_text(enum delivery_state state);
/* DELIVERY_NONE when it is none of the six. */
enum delivery_state delivery_state_parse(struct bytes text);

static inline bool delivery_is_terminal(enum delivery_state state)
{
    return state >= DELIVERY_DELIVERED && state < DELIVERY_N_STATES;
}
