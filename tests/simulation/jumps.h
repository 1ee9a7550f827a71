/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * jumps - the wall clock is set: at any moment, and more often while a machine starts or
 * its disk is full.
 */

#include "simulation/options.h"

void jumps_reset(const struct options *options);
/* The clock is right from now on, or as wrong as it is. */
void jumps_stop(void);
/* A process is about to start, or the disk is full: perhaps the clock is set now. */
void jumps_perhaps(void);
