/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * lambda_show - what a Lambda host has to tell, as lines: an invocation each, the
 * function's own log below it, and what is remarkable.
 *
 *     13:57:02.118  ✔ 8f507cfc     12.3 ms   started in 120 ms
 *     13:57:02.340  ✖ 5b1d99aa      3.0 s    Sandbox.Timedout: Task timed out after …
 *     │ a line that the function wrote
 *
 * With --json one object a line on stdout, told apart by "event": "log", "note" and
 * "invocation".
 */

#include "lambda/host/host.h"

struct call;

/* A notice_fn; @arg is the call. */
void lambda_show_notice(void *arg, const struct host_notice *notice);
