/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * minutes - what was counted in each minute of the last days (core/history.h), so that
 * plots go on after a restart.
 */

#include "store/store.h"

/* Each inside a transaction. @minute: since 1970. Replaces. */
must_check
int store_put_minute(struct store *store, int64_t minute, struct bytes detail,
                     struct err *err);
must_check
int store_drop_minutes(struct store *store, int64_t before, struct err *err);
/* The oldest first. @fn must not call the store. */
typedef void store_minute_fn(void *arg, int64_t minute, struct bytes detail);
must_check
int store_each_minute(struct store *store, store_minute_fn *fn, void *arg,
                      struct err *err);
