/* SPDX-License-Identifier: MIT */
#pragma once

/* test_event - *Send Test Event* of the Developer Center (dossier §3.10), as JSON. */

#include "emulator/delivery/attempt.h"

/* Adds {"body","header","status"}, indented by two, as the page shows an answer; "null"
 * when there was none. */
void test_event_print_response(const struct attempt_call *call, struct buf *ret_text);
