/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * batches - deliveries of one subscription that wait for company (dossier §4.6).
 *
 * Where the code has onBatch, events go to it up to batch.size together, or after
 * batch.wait with those that have come. Only events of the same customer (key) that
 * brought the same settings go together, so nobody's settings meet another's events. What
 * waits here is in the store like everything else; a stop sends nothing early. Courier's
 * thread only.
 */

#include "base/list.h"
#include "base/map.h"

struct config_subscription;
struct delivery;

enum { BATCH_BYTES = 4 << 20 }; /* of payloads; then it is full (a frame has 8 MiB) */

struct batch {
    struct list_link link;
    struct list deliveries; /* by row */
    uint8_t customer[32];   /* digest of key and settings */
    int64_t key;            /* of the customer, 0: none */
    int64_t since_ms;       /* monotonic; when the first came */
    size_t n_bytes;
    bool is_full;
};

struct batches {
    struct list full, open; /* each the one that began first first */
    struct map by_customer; /* the open ones */
    size_t n_deliveries;
};

void batches_init(struct batches *batches);
void batches_free(struct batches *batches); /* it is empty: batches_dissolve() */
/* Takes the delivery, which has its bytes. */
void batches_add(struct batches *batches, struct delivery *delivery,
                 const struct config_subscription *config, int64_t now_ms);
/* The next after @after (NULL: the first) that is full or has waited long enough, or with
 * @is_short (of memory) any; NULL: none. */
must_check
struct batch *batches_ripe(const struct batches *batches, const struct batch *after,
                           int64_t due_ms, bool is_short);
/* When the first open one began; INT64_MAX: there is none. */
int64_t batches_since_ms(const struct batches *batches);
/* Takes the batch away, and frees it; its deliveries move to @ret_deliveries. */
void batches_take(struct batches *batches, struct batch *batch,
                  struct list *ret_deliveries);
/* All deliveries move to the front of @ready. */
void batches_dissolve(struct batches *batches, struct list *ready);
