/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * suite - the events of the Developer Center's *Test* page (dossier §3.10), in its order
 * and under its names.
 *
 * Two more follow, which Segment's suite lacks although both types must be handled; they
 * are for our own tests of functions.
 */

#include "base/bytes.h"

enum { SUITE_EVENTS = 8, SUITE_EVENTS_WITH_EXTRA = 10 };

struct suite_event {
    const char *name;     /* "User Signs Up" */
    struct bytes fixture; /* JSON text: {"event":{…},"settings":{…},"version":"1.0"} */
};

/* @index from 0, below SUITE_EVENTS_WITH_EXTRA. */
struct suite_event suite_event(size_t index);
