/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * customers - who sends: Segment as the dossier tells it. A request waits five seconds;
 * without a 2xx its events are sent again, with growing pauses, for four hours, and not
 * in the same batches. Now and then something is sent that was accepted already, or
 * another customer's event has the same bytes.
 */

#include "base/bytes.h"
#include "simulation/options.h"

void customers_reset(const struct options *options);
void customers_done(void);
/* Nobody sends anything new; what was not accepted is still sent again. */
void customers_stop(void);
/* Nothing waits to be sent. */
bool customers_are_done(void);
/* The number in `"n":…` of an event's bytes; 0: none. */
uint64_t customers_serial(struct bytes payload);
/* The process is gone: connections are closed. */
void customers_disconnect(void);
