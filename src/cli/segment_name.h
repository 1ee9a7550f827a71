/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * segment_name - from what was typed to the names that Segment's APIs want.
 *
 * v1beta: whole names stay as they are; short ones are of the install's workspace or
 * source (--source names another). The Public API: ids.
 */

#include "core/segment_api.h"

struct call;
struct err;
struct segment_link;

/* @target has backend, noun and verb; name and parent are set, in the call's arena.
 * @name: as typed, NULL when there was none; of a LIST it is the parent. May ask the
 * service. */
must_check
int segment_name_find(struct segment_link *link, struct call *call, const char *name,
                      struct segment_target *target, struct err *err);
