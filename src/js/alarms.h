/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * alarms - the runtime's timers: which of them rings next, and for whose invocation.
 */

#include "base/heap.h"
#include "base/map.h"

struct alarms {
    struct heap heap;
    struct map by_id;
    int64_t n_set; /* equal times ring in the order of setting */
};

void alarms_init(struct alarms *alarms);
void alarms_done(struct alarms *alarms);
/* @id: the context's number above the timer's own. */
void alarms_set(struct alarms *alarms, uint64_t id, uint32_t invocation, int64_t at_ms);
void alarms_stop(struct alarms *alarms, uint64_t id); /* unknown is fine */
size_t alarms_count(const struct alarms *alarms);
/* Takes out the next that is due; false when none is. */
must_check
bool alarms_ring(struct alarms *alarms, int64_t now_ms, uint64_t *ret_id,
                 uint32_t *ret_invocation);
/* For poll: until the next, -1 when there is none. */
int alarms_wait_ms(const struct alarms *alarms, int64_t now_ms);
