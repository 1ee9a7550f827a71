/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * fn_event - what `fn run` gives to the code: an event and the customer's settings.
 */

#include "base/buf.h"
#include "segment/event.h"

struct call;
struct err;

struct fn_event {
    struct buf event;    /* JSON text */
    struct buf settings; /* JSON object's text; has an endpoint */
    struct buf endpoint; /* settings.endpoint */
    struct buf scratch;
    struct event judged; /* slices into event and scratch */
};

/* From --event (a bare event, or {event, settings, version}; "-" is standard input; a
 * track event when absent) and --settings, whose members win. */
must_check
int fn_event_read(struct fn_event *event, const struct call *call, struct err *err);
void fn_event_done(struct fn_event *event);
