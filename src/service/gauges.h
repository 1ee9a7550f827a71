/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * gauges - the half of /metrics that is so just now: queue, endpoints, installs, runners,
 * disk, configuration, the process. The counters are the tally's (service/metrics.c).
 *
 * Courier's thread only. Labels come from small fixed sets and from configuration, except
 * the hosts of endpoints, which customers' settings may name: GAUGES_HOSTS of them have
 * rows of their own, all others share one (ux §5.1).
 */

#include "base/buf.h"
#include "service/tally.h"

struct courier;
struct site;

enum { GAUGES_HOSTS = 500 };

/* The two lines before a metric; "partnerapp_" is put before @name. */
void gauges_head(struct buf *page, const char *name, const char *type, const char *help);
/* @oldest_ms: when the oldest delivery that waits was accepted, wall; 0: none waits, -1:
 * not known, and then it is not told. */
void gauges_print(struct buf *page, struct site *site, struct courier *courier,
                  const struct tally_counts *counts, int64_t oldest_ms);
