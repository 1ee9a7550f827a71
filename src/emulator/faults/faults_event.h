/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * faults_event - what becomes of a delivery on a bad day (ux §4.5; dossier §2.6, §10.4).
 *
 * Asked once for each attempt, before it starts. Besides changing what is sent, a fault
 * of the sink may play the receiver: then nothing is sent, and the attempt ends as if it
 * had answered so.
 */

#include "base/buf.h"
#include "emulator/faults/faults.h"

enum {
    FAULT_EVENT_BATCH = 100,
    FAULT_EVENT_LARGE_BYTES = 512 * 1024 + 1,
    FAULT_EVENT_BYTES = 8 << 20,
    FAULT_EVENT_LATER_MS = 2000, /* of the world's clock: REORDER without a delay */
};

struct fault_event {
    unsigned id; /* 0: none, send it as it is */
    enum fault_what what;
    int status;          /* STATUS: the receiver seems to answer this */
    const char *trouble; /* HANG, CLOSE: "ETIMEDOUT", "ECONNRESET"; else NULL */
    int64_t delay_ms;    /* the attempt starts so much later (DELAY, REORDER) */
    bool is_twice;       /* DUPLICATE: sent, and sent again */
};

/*
 * Draws for an attempt to @destination (its name) with @event (JSON text). Where
 * something else is to be sent (BATCH: an array, LARGE, LETTER_CASE) it is added to
 * @ret_text, which stays empty otherwise.
 */
struct fault_event faults_event(struct world *world, struct bytes destination,
                                struct bytes event, struct buf *ret_text);
/* The changes by themselves. @event must be a JSON object's text; else nothing is added.
 */
void fault_event_batch(struct bytes event, struct buf *ret_text);
void fault_event_large(struct bytes event, struct buf *ret_text);
void fault_event_odd_case(struct bytes event, struct buf *ret_text);
