/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * desk - where questions about the store are answered: a thread with its own read-only
 * connection, so that no query holds up an event.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"

struct desk;
struct err;
struct reader;

struct desk_job { /* embedded in the asker's object */
    struct list_link link;
    /* In the desk's thread; owns the job from here on. */
    void (*run_fn)(struct reader *reader, struct desk_job *job);
    int64_t
        at_ms; /* monotonic; 0: at once. A later one waits without holding up others */
};

must_check
int desk_start(const char *store_path, struct desk **ret_desk, struct err *err);
/* Jobs still waiting are run (those of later times at once), then the thread ends. What
 * is asked later stays unanswered. */
void desk_stop(struct desk *desk);
void desk_free(struct desk *desk); /* after the stop, when nobody asks any more */
/* False when too many wait already, or the desk stops: answer 503. */
must_check
bool desk_ask(struct desk *desk, struct desk_job *job);
