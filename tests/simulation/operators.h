/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * operators - people who pause endpoints, replay deliveries and change limits, at times
 * that nobody chose with care.
 */

#include <stdbool.h>

#include "simulation/options.h"

void operators_reset(const struct options *options);
void operators_done(void);
/* No more; every pause ends. */
void operators_stop(void);
/* And nothing is on its way any more that makes deliveries. */
bool operators_are_done(void);
