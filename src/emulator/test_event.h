/* SPDX-License-Identifier: MIT */
#pragma once

/* test_event - *Send Test Event* of the Developer Center (dossier §3.10), as JSON. */

#include "emulator/attempt.h"

struct exchange;

/* Adds {"body","header","status"}, indented by two, as the page shows an answer; "null"
 * when there was none. */
void test_event_print_response(const struct attempt_call *call, struct buf *ret_text);

/*
 * POST /_emulator/test-event: {"event":{…}} and any member of PUT /_emulator/subscription
 * in place of the app's own (trial.h); without an event the page's own one is sent.
 * Answers {"request","response":{body,header,status},"error"}, for a function
 * {"callbackReturn","logs","error"}.
 */
void test_event_post(struct exchange *exchange);
