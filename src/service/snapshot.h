/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * snapshot - one configuration and what is made of it once: store numbers, signature
 * keys, the egress policy.
 *
 * Immutable. A reload makes a new one and swaps the pointer; old ones stay until the
 * process ends, because requests and attempts under way still look at them. Reloads are
 * rare and a snapshot is small.
 */

#include "core/config.h"

struct egress;
struct hmac_sha1;
struct store;

struct snapshot_subscription {
    const struct config_subscription *config;
    uint16_t number;             /* the store's */
    struct hmac_sha1 *signature; /* NULL: none is asked for */
};

struct snapshot {
    struct config *config; /* owned */
    struct egress *egress;
    struct snapshot_subscription *subscriptions;
    size_t n_subscriptions;
    struct snapshot *older;
};

/* Takes @config (also on failure). Numbers are set by snapshot_number. */
must_check
int snapshot_new(struct config *config, bool is_dev, struct snapshot **ret_snapshot,
                 struct err *err);
/* Asks the store for each subscription's number; inside a transaction, keeper's thread or
 * before it runs. */
must_check
int snapshot_number(struct snapshot *snapshot, struct store *store, struct err *err);
/* With all older ones. NULL is fine. */
void snapshot_free(struct snapshot *snapshot);

const struct snapshot_subscription *snapshot_by_path(const struct snapshot *snapshot,
                                                     struct bytes path);
const struct snapshot_subscription *snapshot_by_number(const struct snapshot *snapshot,
                                                       uint16_t number);
