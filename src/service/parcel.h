/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * parcel - one event in memory, on its way from front through keeper to courier.
 *
 * One allocation with its bytes behind it; exactly one owner at a time. Settings are in
 * clear here, and only here; parcel_free wipes them.
 */

#include "core/dedupe.h"
#include "segment/event.h"
#include "service/mail.h"

struct server_request;

struct parcel {
    struct mail mail; /* MAIL_PARCEL */
    size_t n_bytes;   /* behind it */
    int64_t row;      /* keeper's; 0 before */
    int64_t received_at_ms;
    uint16_t subscription;  /* the store's number */
    int64_t key;            /* row of the customer's key; 0 none */
    struct event_head head; /* slices of the parcel */
    bool is_folded;
    bool has_mark;
    struct dedupe_mark mark;
    uint8_t sha256[SHA256_LEN];
    struct bytes payload;
    struct bytes settings;         /* JSON object's text, or empty */
    struct server_request *waiter; /* mode inline: who waits for the outcome */
};

/* Copies payload, settings, and of the event's head what is no slice of the payload. */
must_check
struct parcel *parcel_new(struct bytes payload, struct bytes settings,
                          const struct event *event);
/* Whose event it is: the user's id, else the anonymous one. */
struct bytes parcel_user(const struct parcel *parcel);
void parcel_free(struct parcel *parcel); /* NULL is fine */
/* Bytes it holds, for bounds. */
size_t parcel_bytes(const struct parcel *parcel);
