/* SPDX-License-Identifier: MIT */
#pragma once

/* load - the bytes of stored events, asked for by courier when their turn has come. */

#include "base/buf.h"
#include "service/mail.h"
#include "service/parcel.h"

enum { LOAD_MAX = 64 };

struct load_item {
    int64_t row;   /* of the delivery */
    int64_t event; /* row; 0: keeper is to say that, and the next two */
    int64_t created_at_ms, replay;
    struct parcel *parcel; /* keeper's answer; NULL: gone, or it could not be read now */
    bool is_gone;          /* erased, or past its retention */
    void *owner;           /* courier's delivery; NULL: it has none yet */
};

struct load {
    struct mail mail; /* MAIL_LOAD */
    struct load_item items[LOAD_MAX];
    size_t n_items;
    void *owner; /* courier's line */
};

struct store;
struct vault;

/* What keeper reads them with; one thread. */
struct loader {
    struct store *store;
    const struct vault *vault;
    struct buf sealed, payload, settings;
};

void loader_init(struct loader *loader, struct store *store, const struct vault *vault);
void loader_done(struct loader *loader);
/* Fills in the parcels. */
void loader_read(struct loader *loader, struct load *load);
