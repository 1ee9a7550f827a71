/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * delivery - one event on its way to one destination, as the database knows it.
 *
 * The row is there from the moment the Tracking API has answered until the delivery has
 * ended; its report grows by an entry an attempt. What has ended moves to `delivered`,
 * whose body is what people are shown.
 */

#include "base/arena.h"
#include "segment/retry.h"

struct attempt_result;
struct world;
struct write;

struct delivery {
    int64_t id;
    struct bytes destination, message_id;
    struct bytes event; /* only delivery_read_event fills it */
    int64_t received_at_ms;
    unsigned n_attempts;         /* that have ended */
    int64_t first_attempt_at_ms; /* 0: none has begun */
    int64_t next_at_ms;
    struct bytes report; /* JSON array's text */
};

/* One attempt that has ended. */
struct delivery_attempt {
    const struct attempt_result *result;
    int64_t began_at_ms, ended_at_ms;
    int64_t next_at_ms; /* when another is planned; 0: it was the last */
};

enum delivery_end {
    DELIVERY_DISCARDED = 0,
    DELIVERY_DELIVERED,
    DELIVERY_UNSUPPORTED,
    DELIVERY_EXPIRED,
};

/* A new row. */
void delivery_add(struct world *world, const struct delivery *delivery);
/* False: there is no such row (any more). All texts lie in @arena. */
must_check
bool delivery_read(struct world *world, int64_t id, struct arena *arena,
                   struct delivery *ret_delivery);
must_check
bool delivery_read_event(struct world *world, struct arena *arena,
                         struct delivery *delivery);
/* An attempt begins at @at_ms; the first one sets the deadline. */
void delivery_begin(struct world *world, struct delivery *delivery, int64_t at_ms);
int64_t delivery_deadline_ms(const struct delivery *delivery); /* 0: not known yet */
/* An entry more in the report, in @arena, and an attempt more. */
void delivery_note_attempt(struct delivery *delivery, struct arena *arena,
                           const struct delivery_attempt *attempt);
/* It waits until next_at_ms; attempts and report are stored. */
void delivery_wait(struct world *world, const struct delivery *delivery);
/* Moves it to `delivered` as number @number. */
void delivery_end(struct world *world, const struct delivery *delivery,
                  enum delivery_end end, int64_t number);
/* One object of the list that people are shown; @state: "waiting" … */
void delivery_write(const struct delivery *delivery, const char *state,
                    struct write *write);
