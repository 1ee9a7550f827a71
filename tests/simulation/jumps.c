/* SPDX-License-Identifier: MIT */

#include "simulation/jumps.h"

#include <stdlib.h>

#include "simulation/kernel.h"
#include "simulation/oracle.h"

static const int64_t farthest_ms = INT64_C(10) * 365 * 86400000;

static struct {
    const struct options *options; /* NULL: no jumps */
    struct chance chance;
    struct alarm next;
    int64_t moved_ms;
} jumps;

static void jump(void)
{
    int64_t by_ms = chance_scale(&jumps.chance, 1000, jumps.options->jump_most_ms);

    if (chance_is(&jumps.chance, 500))
        by_ms = -by_ms;
    if (llabs(jumps.moved_ms + by_ms) >= farthest_ms)
        return;
    jumps.moved_ms += by_ms;
    kernel_jump_wall(by_ms);
    oracle_wall_jumped();
}

static void on_jump(void *arg)
{
    (void)arg;
    jump();
    alarm_set(&jumps.next,
              1000 * chance_between(&jumps.chance, 1, 2 * jumps.options->jump_every_ms));
}

void jumps_reset(const struct options *options)
{
    jumps.options = options->jump_every_ms > 0 ? options : NULL;
    jumps.moved_ms = 0;
    chance_init(&jumps.chance, options->seed, "jumps");
    alarm_init(&jumps.next, on_jump, NULL);
    if (jumps.options != NULL)
        alarm_set(&jumps.next, options->jump_every_ms * 1000);
}

void jumps_stop(void)
{
    jumps.options = NULL;
    alarm_stop(&jumps.next);
}

void jumps_perhaps(void)
{
    if (jumps.options != NULL && chance_is(&jumps.chance, 300))
        jump();
}
