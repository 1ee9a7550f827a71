/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * workshop - where code is tried for the console: two threads that may block, each run
 * with a runner of its own, so that nothing of it touches the service's.
 */

#include <stdbool.h>

#include "base/attr.h"
#include "base/list.h"
#include "js/pool.h"

struct config;
struct workshop;

struct workshop_job { /* embedded in the asker's object */
    struct list_link link;
    void (*run_fn)(struct workshop *workshop, struct workshop_job *job); /* owns it */
};

must_check
struct workshop *workshop_new(const char *runner);
/* Jobs that wait are run still, and see that it stops; one run may take seconds. */
void workshop_stop(struct workshop *workshop);
void workshop_free(struct workshop *workshop); /* NULL is fine */
/* False when too many wait already: answer 503. */
must_check
bool workshop_ask(struct workshop *workshop, struct workshop_job *job);
bool workshop_is_stopping(struct workshop *workshop);
/* For runners as the service's own are. */
void workshop_runners(const struct workshop *workshop, const struct config *config,
                      struct pool_options *ret_options);
