/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * guard - may this request touch pages and controls?
 *
 * They have no login, so a web page that somebody visits must not reach them: the Host
 * has to be this machine (DNS rebinding), and an Origin, where one is sent, our own. The
 * roles that Segment plays take any Host, since clients may have mapped its names to us.
 */

#include <stdbool.h>

struct exchange;

/* False: it has been answered with 403. */
bool guard_allows(struct exchange *exchange);
