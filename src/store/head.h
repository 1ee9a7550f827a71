/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * head - what a search needs of an event without its payload: a row of the table search.
 */

#include "base/buf.h"

struct err;
struct sql;
struct store_event;

/* Inside a transaction. @scratch as for event_judge, where the head must be read. */
must_check
int head_add(struct sql *sql, const struct store_event *event, struct buf *scratch,
             struct err *err);
