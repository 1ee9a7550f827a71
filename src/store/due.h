/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * due - what waits in the store when a service starts.
 *
 * Keeper's thread, or before it.
 */

#include "store/store.h"

/* What is due, oldest first: calls @fn for every delivery that is not terminal.
 * attempt_json and error_name are empty then. @fn must not call the store. */
typedef void store_due_fn(void *arg, const struct store_delivery *delivery);
struct store_range {
    int64_t from, below; /* rows */
    int64_t max_deliveries;
};
/* Those that have a row: retries and replays. */
must_check
int store_each_started(struct store *store, store_due_fn *fn, void *arg, struct err *err);
/* That one of them: 1. 0: it has no row, so it is its event's first and untried. -1. */
must_check
int store_find_started(struct store *store, int64_t row, struct store_delivery *ret,
                       struct err *err);
/* Of the events from row @from to below @below those that need none yet, at most
 * @max_deliveries; *ret_n of them. There may be millions, so they are asked for in
 * parts. */
must_check
int store_each_queued(struct store *store, const struct store_range *range,
                      store_due_fn *fn, void *arg, int64_t *ret_n, struct err *err);
int64_t store_low_water(struct store *store, struct err *err); /* -1: @err */
