/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * reader_rows - single rows as a search looks at them, and as a page shows them.
 *
 * Everything here runs inside the reader's one snapshot.
 */

#include "segment/event.h"
#include "store/reader.h"
#include "store/reader_cursor.h"
#include "store/sql.h"

struct reader {
    struct sql *sql;
};

/* What is known of an event without its payload. Slices live until the next one is
 * loaded into the same reader. */
struct rows_head {
    int64_t row, received_at_ms;
    uint16_t subscription;
    int64_t key;
    enum event_kind kind;
    struct bytes name, user_id, anonymous_id, group_id, previous_id, message_id;
    int64_t size_bytes; /* of the payload */
};

/* Where a search stands in each of the tables; rows are asked for in falling order. */
struct rows_cursors {
    struct cursor heads, deliveries, payloads;
};
void rows_cursors_init(struct rows_cursors *cursors);
void rows_cursors_done(struct rows_cursors *cursors);

/* 1 found, 0 not, -1. */
must_check
int rows_head(struct reader *reader, int64_t row, struct rows_cursors *cursors,
              struct rows_head *ret_head, struct err *err);

/* What lays states in memory over stored ones; see struct reader_find. */
typedef enum delivery_state rows_live_fn(void *arg, int64_t delivery_row,
                                         enum delivery_state stored);

/* A walk over the deliveries of one event, the first one first; an event without a row
 * shows one that is queued. Slices live until the next step. */
struct rows_deliveries {
    struct sql_statement *statement; /* of the delivery at hand; NULL: it has no row */
    const struct rows_head *head;
    enum { ROWS_FIRST = 0, ROWS_ASK, ROWS_REPLAYS, ROWS_END } stage;
    rows_live_fn *live_state;
    void *arg;
    struct rows_cursors *cursors; /* NULL: looked up */
    bool has_no_replays;          /* it is known that there are none */
    bool needs_attempts;
};
/* 1, 0 at the end, -1. */
must_check
int rows_next_delivery(struct reader *reader, struct rows_deliveries *walk,
                       struct reader_delivery *ret_delivery, struct err *err);
/* The record of the delivery at hand, whether it was needed or not. */
struct bytes rows_attempts(const struct rows_deliveries *walk);

/* The name of a subscription, copied into @arena; empty: unknown. */
must_check
int rows_subscription(struct reader *reader, uint16_t number, struct arena *arena,
                      struct bytes *ret_name, struct err *err);

/* The payload; lives until the next one is asked for. */
must_check
int rows_payload(struct reader *reader, int64_t row, struct rows_cursors *cursors,
                 struct bytes *ret_payload, struct err *err);

/* The whole event, copied into @arena. @walk gives live_state and needs_attempts. */
must_check
int rows_event(struct reader *reader, const struct rows_head *head,
               const struct rows_deliveries *walk, struct arena *arena,
               struct reader_event *ret_event, struct err *err);
