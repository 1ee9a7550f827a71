/* SPDX-License-Identifier: MIT */
#pragma once

/* steps - the transactions of a world: keeper's batches, and errands. For world.c. */

#include "world.h"

/* Requests and settlements, as one transaction. */
enum world_end steps_batch(struct world *world);
/* What an administrator asks for. */
enum world_end steps_errand(struct world *world);

/* world.c's, for steps.c: */
enum world_end world_judge(struct world *world, int result);
/* Kept as the first thing that was wrong. */
void world_wrong(struct world *world, const char *text, int64_t row);
