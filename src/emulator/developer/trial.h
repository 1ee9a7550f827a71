/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * trial - one event that a person or a program has us send, to see what comes of it: the
 * request waits for the attempt, whose result is its answer.
 */

#include "emulator/delivery/attempt.h"
#include "emulator/frame/exchange.h"

/* Writes the answer of the exchange, which is sent after it. */
typedef void trial_fn(struct exchange *exchange, void *arg,
                      const struct attempt_result *result);

/* Defers @exchange and takes its area_data. @target and @event are copied; @arg lies in
 * the exchange's arena. */
void trial_start(struct exchange *exchange, const struct target *target,
                 struct bytes event, trial_fn *fn, void *arg);

/*
 * The target of an app's subscription with @over's members in place of its own. Members
 * are those of target_of_json; "endpoint" and "apiKey" are other words for "url" and
 * "api_key". @over may be NULL. In the exchange's arena.
 */
must_check
int trial_target(struct exchange *exchange, int64_t app, const struct json *over,
                 struct target *ret_target, struct err *err);

/* What the editor begins with (dossier §3.10), compact; function has one of its own. */
struct bytes trial_default_event(enum target_kind kind);
