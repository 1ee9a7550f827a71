/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * receipt - the events of one request, and what became of each.
 *
 * front fills it with good parcels and reasons, keeper with rows; then it is answered and
 * freed. The answer is interface §5's; a request of which nothing is good never gets
 * here.
 */

#include "net/server.h"
#include "service/mail.h"
#include "service/parcel.h"

struct receipt_item {
    struct parcel *parcel;  /* NULL: rejected, or moved on to courier */
    char *message;          /* why it was rejected, owned; NULL: it was not */
    int64_t row;            /* the event's, or the original's of a duplicate; 0: none */
    int64_t received_at_ms; /* of that row */
    bool is_duplicate;
};

struct receipt {
    struct mail mail;               /* MAIL_RECEIPT */
    struct server_request *request; /* NULL: mode inline, courier answers */
    bool is_array;
    bool is_inline; /* a single event whose outcome becomes the status */
    uint16_t subscription;
    size_t n_items;
    struct receipt_item items[];
};

must_check
struct receipt *receipt_new(size_t n_items);
/* With room for so many, all empty from where it ended. It may move: nobody else knows it
 * yet. */
must_check
struct receipt *receipt_resize(struct receipt *receipt, size_t n_items);
void receipt_free(struct receipt *receipt); /* with the parcels that it still has */

/* Adds the JSON body of interface §5 for what the items say. */
void receipt_print(const struct receipt *receipt, struct buf *ret_json);
/* Answers 202 with that body, in the batch; X-Partnerapp-Event-Id for a single event. */
void receipt_answer_stored(struct receipt *receipt, struct server_batch *batch);
/* Answers 503 with Retry-After: ours, Segment keeps the events. */
void receipt_answer_busy(struct receipt *receipt, const char *message);
