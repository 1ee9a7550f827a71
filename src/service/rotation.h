/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * rotation - another master key while everything goes on (store/reseal.h).
 *
 * A chain of small errands in keeper's thread, one at a time, each posted when the one
 * before is durable; events go between them. A stop or a kill ends it, and the next
 * rotation goes on from there. Thread-safe.
 */

#include <stdatomic.h>

#include "base/err.h"

struct keeper;
struct rotation;
struct vault;
struct write;

must_check
struct rotation *rotation_new(struct keeper *keeper, struct vault *vault,
                              const atomic_bool *is_stopping);
void rotation_free(struct rotation *rotation); /* after keeper has stopped */
/* Begins, goes on with one that was left, or does nothing when one is under way. */
void rotation_start(struct rotation *rotation);
/* The members of an object: state (idle, running, done, failed), looked_at, resealed,
 * broken, old_key (none, in use, removed, unused: the source's owner may remove it). */
void rotation_print(struct rotation *rotation, struct write *json);
