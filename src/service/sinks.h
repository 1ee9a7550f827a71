/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * sinks - dev's built-in request bin: an endpoint that remembers what it got and can be
 * told to misbehave. In memory, the newest SINK_REQUESTS of each sink. Listener's thread
 * and desk: behind a lock.
 */

#include "base/buf.h"

struct sinks;

enum { SINK_REQUESTS = 1000, SINK_BODY_BYTES = 1 << 20, SINK_MAX = 100 };

must_check
struct sinks *sinks_new(void);
void sinks_free(struct sinks *sinks);
