/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * partner_event - the event on partnerapp's side: its receiver answers each webhook with
 * X-Partnerapp-Event-Id, and shows that event under /api/v1/events/ of the same origin
 * (ux §4.4: one event across both programs).
 */

#include "base/buf.h"

struct json;

/* @call: one of deliveries_write's. A link, or nothing and false when the receiver is
 * another program. */
bool partner_event_show(struct buf *out, const struct json *call);
