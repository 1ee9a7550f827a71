/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * segment_send - one request of the `segment` commands: shown (--dry-run) or made, and
 * its refusal as an error that says what the API said and what to do about it.
 */

#include "net/segment_call.h"

struct call;
struct segment_link;

enum { SEGMENT_SEND_SHOWN = 1 };

/*
 * 0: FINE, and the answer's body is JSON or empty. SEGMENT_SEND_SHOWN: printed on stdout
 * instead. -1: exit 4 when the token is refused or may not, 5 when there is none of that
 * name, 6 when it exists, 7 when it may go later, 2 when the request is wrong. The
 * request's path begins with '/'.
 */
must_check
int segment_send(const struct segment_link *link, const struct call *call,
                 const struct segment_request *request, struct segment_answer *ret_answer,
                 struct err *err);
