/* SPDX-License-Identifier: MIT */
#pragma once

/* sample - an event such as a source could have sent, stamped as the pipeline does it
 * (dossier §2.2). Nothing of the world changes by it. */

#include "base/buf.h"
#include "segment/event.h"

/* @kind is one that customers send; @now_ms also makes the messageId. */
void sample_print(enum event_kind kind, int64_t now_ms, struct bytes project_id,
                  struct buf *ret_event);
