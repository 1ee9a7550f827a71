/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * operators - people who pause endpoints, replay deliveries and change limits, at times
 * that nobody chose with care.
 */

#include "simulation/options.h"

void operators_reset(const struct options *options);
void operators_done(void);
/* No more; every pause ends. */
void operators_stop(void);
