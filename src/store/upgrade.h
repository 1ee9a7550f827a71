/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * upgrade - what the steps of a migration cannot say in SQL.
 *
 * Each part leaves the store whole, and finds nothing to do the next time.
 */

struct err;
struct store;

/*
 * To version 7, which files heads with their events, and marks by slices. What older
 * versions had not filed yet gets its head; of the tables of marks only those are kept
 * that no event tells any more.
 */
int upgrade_heads(struct store *store, struct err *err)
    __attribute__((warn_unused_result));
int upgrade_marks(struct store *store, struct err *err)
    __attribute__((warn_unused_result));
