/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * moments - how long each part of a request took, read off libcurl's clock.
 *
 * libcurl tells moments since a transfer began; people want to know what took long, so
 * here is each part's own time. A part that did not happen (a connection that was open
 * already, plain http) is 0.
 */

#include <stdint.h>

#include "base/attr.h"

struct client_timing;

must_check
int64_t moments_lookup_us(void *easy);

/* @easy is a CURL of a transfer that has ended, well or not. @looked_us: how long the
 * addresses were looked up by one before it, for them to be judged (net/gate.h). */
void moments_read(void *easy, int64_t looked_us, struct client_timing *ret_timing);
