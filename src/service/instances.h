/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * instances - with `isolation: key`: the code once more for each customer's key, so that
 * nothing of one customer is ever in another's globals.
 *
 * Made on demand from the source that is in service, at most INSTANCES_MAX a
 * subscription: the one that was used least recently makes room, and one that nobody
 * needs for INSTANCES_IDLE_MS goes. Events without a key have the subscription's own
 * function. Courier's thread only.
 */

#include "base/buf.h"
#include "base/list.h"
#include "js/pool.h"
#include "sys/loop.h"

struct line;

enum { INSTANCES_MAX = 16, INSTANCES_IDLE_MS = 300000 };

struct instances {
    struct list list;       /* used least recently first */
    struct loop_timer idle; /* when the first has been idle for too long */
    struct buf source;      /* of the code in service; empty: one function is for all */
    struct pool_code code;  /* its slices point into `source` and the line's path */
};

void instances_init(struct line *line);
void instances_free(struct line *line);
/* From now on this code, copied; @code NULL: one function is for all. Those that run
 * finish what they have. */
void instances_use(struct line *line, const struct pool_code *code);
/*
 * The function for the events of this key that has room for one now; NULL: none has. The
 * line is then woken when that may have changed.
 */
must_check
struct pool_function *instances_get(struct line *line, int64_t key);
/* How many there are, the one for events without a key not counted. */
size_t instances_count(const struct line *line);
