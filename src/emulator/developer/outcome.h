/* SPDX-License-Identifier: MIT */
#pragma once

/* outcome - what came of an event that somebody had us send, side by side (dossier
 * §3.10): request and response of a call, return and log of a function. */

#include "emulator/delivery/attempt.h"

/* The Developer Center's, in its words: the banner and both sides. */
void outcome_show_test(struct buf *out, enum target_kind kind,
                       const struct attempt_result *result);
/* The Event Tester's: all calls, in words for a customer. */
void outcome_show_delivery(struct buf *out, const struct attempt_result *result);
