/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * fixture - events as a customer's site would cause them, one per type.
 *
 * Each use gets a messageId and times of its own, so no two are duplicates.
 */

#include "base/buf.h"

struct err;

enum { FIXTURE_MAX = 1 << 20 };

/*
 * Adds an event's JSON: of the type @type ("track"), changed by each "path=value" of
 * @changes. NULL @changes: none. -1: no such type, or a change that does not fit.
 */
must_check
int fixture_make(struct bytes type, const char *const *changes, size_t n_changes,
                 struct buf *ret_json, struct err *err);
/* The same of an event's own text, whose messageId and times are replaced as well. */
must_check
int fixture_from(struct bytes text, const char *const *changes, size_t n_changes,
                 struct buf *ret_json, struct err *err);
bool fixture_is_type(struct bytes type);
