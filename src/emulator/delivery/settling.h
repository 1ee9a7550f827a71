/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * settling - what the end of an attempt means for its delivery: counted, reported, and
 * stored as waiting or as ended (dossier §10.2, §10.3).
 */

#include "base/arena.h"

struct attempt_result;
struct delivery;
struct world;

struct settling {
    struct world *world;
    struct delivery *delivery; /* without its event */
    struct arena *arena;
    int64_t began_at_ms; /* the attempt */
    int64_t number;      /* that it gets in `delivered` when this is the end */
};

/* Returns when the next attempt is due; 0: it has ended. */
must_check
int64_t settling_take(const struct settling *settling,
                      const struct attempt_result *result);
/* Not sent, and never will be: @code says why to machines, @why to people. */
void settling_refuse(const struct settling *settling, const char *code, const char *why);
/* The window is over; @code: of the last attempt. */
void settling_expire(const struct settling *settling, const char *code);
