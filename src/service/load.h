/* SPDX-License-Identifier: MIT */
#pragma once

/* load - the bytes of stored events, asked for by courier when their turn has come. */

#include "service/mail.h"
#include "service/parcel.h"

enum { LOAD_MAX = 64 };

struct load_item {
    int64_t event;         /* row */
    struct parcel *parcel; /* keeper's answer; NULL: the event is not there any more */
    void *owner;           /* courier's delivery */
};

struct load {
    struct mail mail; /* MAIL_LOAD */
    struct load_item items[LOAD_MAX];
    size_t n_items;
};
