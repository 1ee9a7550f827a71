/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * invoke_answer - how Lambda's Invoke answers (dossier §5.4).
 */

#include "base/bytes.h"

struct attempt_result;
struct exchange;
struct invoke_refusal;

/* Lambda's words, with X-Amzn-ErrorType. */
void invoke_answer_refusal(struct exchange *exchange,
                           const struct invoke_refusal *refusal);
/* What the function returned, or threw: 200 either way. The log's tail when @wants_log.
 */
void invoke_answer(struct exchange *exchange, const struct attempt_result *result,
                   bool wants_log);
