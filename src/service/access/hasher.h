/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * hasher - the thread that computes passwords: one at a time, so that signing in never
 * takes more than one processor, and never a loop's or keeper's thread.
 */

#include <stdbool.h>

#include "base/list.h"

struct hasher;

struct hasher_job { /* embedded in the asker's object */
    struct list_link link;
    void (*run_fn)(struct hasher_job *job); /* owns the job from here on */
};

must_check
struct hasher *hasher_new(void);
/* Jobs that wait are run, then the thread ends. Before keeper's stop. */
void hasher_stop(struct hasher *hasher);
void hasher_free(struct hasher *hasher); /* after the stop */
/* False when too many wait, or it stops: answer 503. */
must_check
bool hasher_ask(struct hasher *hasher, struct hasher_job *job);
