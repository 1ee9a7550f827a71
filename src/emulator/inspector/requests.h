/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * requests - what the page *Requests* and its controls share.
 */

#include "base/bytes.h"

struct exchange;
struct inspector_call;

/* Of this area, by title or by where; empty: of any. */
must_check
bool requests_has_area(const struct inspector_call *call, struct bytes area);
/* The call whose number is params[0], or NULL. */
const struct inspector_call *requests_of_params(struct exchange *exchange);
/* {"request":{…},"curl":"…"} */
void requests_answer_one(struct exchange *exchange, const struct inspector_call *call);
