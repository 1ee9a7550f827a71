/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * dev_trace - what happens to each event, line by line, on the terminal of `dev`.
 *
 * On a terminal: one aligned line when it came, one when the function ran, one per
 * request, and a link (ux §1.3). Elsewhere one plain line when it was settled. Called
 * from the service's threads; a line is written whole.
 *
 * A function's requests end before it does, but people read them as its outcome: they are
 * held back until the function's line, which bears the time of its start.
 */

#include <pthread.h>

#include "base/list.h"
#include "cli/print.h"
#include "service/service.h"

enum { DEV_TRACE_ID = 40, DEV_TRACE_BASE = 128, DEV_TRACE_NAME = 64 };

struct dev_trace {
    pthread_mutex_t mutex;
    const struct print *print;
    char base[DEV_TRACE_BASE]; /* "http://localhost:8888" */
    /* What the function of this subscription is called. Empty: as the subscription. */
    char subscription[DEV_TRACE_NAME], function[DEV_TRACE_NAME];
    struct list held; /* lines of requests whose function has not ended */
    bool is_quiet;
    bool is_started; /* what is loaded before that is no news */
    bool only_errors;
    char last_event[DEV_TRACE_ID]; /* "" before the first */
};

void dev_trace_init(struct dev_trace *trace, const struct print *print, bool is_quiet);
void dev_trace_done(struct dev_trace *trace);
/* A service_notice_fn; @arg is the trace. */
void dev_trace_notice(void *arg, const struct service_notice *notice);
/* The banner has been printed. */
void dev_trace_started(struct dev_trace *trace);
/* Switches between all and only errors; returns true for only errors. */
bool dev_trace_toggle_errors(struct dev_trace *trace);
/* The newest event's id; empty when there was none. */
void dev_trace_last(struct dev_trace *trace, char ret_id[DEV_TRACE_ID]);
