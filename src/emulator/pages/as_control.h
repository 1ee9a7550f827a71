/* SPDX-License-Identifier: MIT */
#pragma once

/* as_control - a page's form does what a control does (/_emulator/…): the same checks,
 * the same words. */

#include "emulator/frame/route.h"

/* Runs @fn with @json as the request's body. NULL: it is done; else why not, in the
 * arena. What it answered is forgotten either way. */
must_check
const char *as_control(struct exchange *exchange, route_fn *fn, struct bytes json);
