/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * config_metrics - what became of a destination's events, from the tables counter and
 * latency (dossier §7.9, §10.5).
 *
 * Counted by hours of the world's clock, so MINUTE shows hours. Besides the counters
 * there is time_to_success_p95: of the latencies sampled in each step.
 */

#include "base/bytes.h"

struct exchange;
struct world;

enum { METRICS_NAME_BYTES = 128 };

struct config_metrics_span {
    int64_t start_hour, end_hour; /* of 1970; the end is not included */
    int64_t step_hours;
};

/* How much of @metric ("successes", "retried_502") in these hours. */
int64_t config_metrics_value(struct world *world, struct bytes destination,
                             struct bytes metric, int64_t start_hour, int64_t end_hour);
/* Reads "start_time" and "end_time" (RFC 3339; by default the last week) and
 * "granularity" of the query; @ret_why is NULL or what is wrong. */
struct config_metrics_span config_metrics_read(struct exchange *exchange,
                                               const char *const names[3],
                                               const char **ret_why);
/* Calls @fn with each metric's name that the destination has counted, time_to_success_p95
 * and successes always. */
void config_metrics_each(struct world *world, struct bytes destination,
                         void (*fn)(void *arg, struct bytes metric), void *arg);
