/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * replay - new deliveries of old events: plan, question, job, result (ux §2.7).
 *
 * The job runs in the service; this only watches. Ctrl-C does not stop it.
 */

#include <stdbool.h>

#include "base/attr.h"

struct call;
struct err;

/* The call's arguments are ids, or a query. @of_dead: only dead letters, and none means
 * all of them. */
/* Makes shortened ids among the arguments whole. -1 when one is nobody's, or several's.
 */
must_check
int replay_find_ids(struct call *call, struct err *err);
must_check
int replay_start(const struct call *call, bool of_dead, struct err *err);
/* Whether every argument is an id ("evt_…", "dlv_…"). */
bool replay_are_ids(const struct call *call);
