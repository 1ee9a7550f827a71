/* SPDX-License-Identifier: MIT */
#pragma once

/* subscription - where an app's component gets its events, as PUT /_emulator/subscription
 * says. */

#include "emulator/delivery/target.h"

/* Of an app by its number. -1: there is none, or it is not valid any more. */
must_check
int subscription_target(struct world *world, int64_t app, struct arena *arena,
                        struct target *ret_target, struct err *err);
/* The members as they were put; NULL: there are none. Free it. */
must_check
struct json *subscription_read(struct world *world, int64_t app);
/* A member that is text; of a lambda's address by either of its names. */
struct bytes subscription_text(const struct json *subscription, const char *key);
