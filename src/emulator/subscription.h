/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * subscription - where an app's component gets its events, one an app (interface §9): a
 * webhook, a function or a lambda, as emulator/target reads it.
 */

#include "base/arena.h"

struct exchange;
struct json;
struct world;

/* The members of PUT /_emulator/subscription; NULL: the app has none. Free it. */
must_check
struct json *subscription_read(struct world *world, int64_t app);

/* GET and PUT /_emulator/subscription; of the first app, or of ?app=N. */
void subscription_get(struct exchange *exchange);
void subscription_put(struct exchange *exchange);
/* subscription - where an app's component gets its events, as PUT /_emulator/subscription
 * says. */

#include "emulator/target.h"

/* Of an app by its number. -1: there is none, or it is not valid any more. */
int subscription_target(struct world *world, int64_t app, struct arena *arena,
                        struct target *ret_target, struct err *err);
