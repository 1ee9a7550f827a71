/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * erase - forgetting a person: what can be read of their events goes, that they were
 * delivered stays.
 *
 * An erasure is asked for in the transaction that settles the delete event, and lasts
 * until none of the user's events is left: those still on their way are blanked once they
 * have ended, also by the next process. Rounds over all erasures do it, in steps.
 */

#include "base/bytes.h"

struct err;
struct store;

/* Inside a transaction: what is stored of this user (by user_id, or anonymous_id) with
 * row <= @up_to is to be blanked. */
must_check
int store_add_erasure(struct store *store, struct bytes user_id, int64_t up_to,
                      struct err *err);
/* One of them may be left to do. */
bool store_has_erasures(const struct store *store);
/*
 * In a transaction of its own: looks at up to 256 events of one user and blanks payload,
 * settings and attempts of those that have ended.
 * *ret_is_over: that was the last step of a round. What ended since its begin is for the
 * next one. A failure that does not latch is a full disk: try again later.
 */
must_check
int store_erase_step(struct store *store, bool *ret_is_over, struct err *err);
