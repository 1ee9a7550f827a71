/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * jumps - the wall clock is set: at any moment, and more often while a machine starts.
 */

#include "simulation/options.h"

void jumps_reset(const struct options *options);
/* The clock is right from now on, or as wrong as it is. */
void jumps_stop(void);
/* A process is about to start: perhaps the clock was set meanwhile. */
void jumps_before_start(void);
