/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * invoke_answer - how Lambda's Invoke answers (dossier §5.4).
 */

#include "base/bytes.h"

struct attempt_result;
struct exchange;

/* {"Type":"User","Message":…} with X-Amzn-ErrorType. */
void invoke_refuse(struct exchange *exchange, int status, const char *type,
                   const char *message);
/* What the function returned, or threw: 200 either way. The log's tail when @wants_log.
 */
void invoke_answer(struct exchange *exchange, const struct attempt_result *result,
                   bool wants_log);
