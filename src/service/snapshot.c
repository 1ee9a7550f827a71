/* SPDX-License-Identifier: MIT */

#include "service/snapshot.h"

#include "base/digest.h"
#include "base/err.h"
#include "base/mem.h"
#include "net/egress.h"
#include "store/store.h"

int snapshot_new(struct config *config, bool is_dev, struct snapshot **ret_snapshot,
                 struct err *err)
{
    struct snapshot *snapshot = mem_new(struct snapshot);

    snapshot->config = config;
    snapshot->n_subscriptions = config->n_subscriptions;
    snapshot->subscriptions =
        mem_zero(config->n_subscriptions * sizeof(*snapshot->subscriptions));
    for (size_t i = 0; i < config->n_subscriptions; i++) {
        struct snapshot_subscription *subscription = &snapshot->subscriptions[i];

        subscription->config = &config->subscriptions[i];
        if (config->subscriptions[i].auth == CONFIG_AUTH_SIGNATURE ||
            config->subscriptions[i].auth == CONFIG_AUTH_BOTH)
            subscription->signature =
                hmac_sha1_new(secret_bytes(&config->subscriptions[i].secret));
    }
    if (egress_new(config->egress_allow, config->n_egress_allow,
                   /* allow_loopback= */ is_dev, &snapshot->egress, err) < 0) {
        snapshot_free(snapshot);
        return -1;
    }
    *ret_snapshot = snapshot;
    return 0;
}

int snapshot_number(struct snapshot *snapshot, struct store *store, struct err *err)
{
    for (size_t i = 0; i < snapshot->n_subscriptions; i++) {
        struct snapshot_subscription *subscription = &snapshot->subscriptions[i];

        if (store_subscription(store, bytes_str(subscription->config->name),
                               &subscription->number, err) != 0)
            return -1;
    }
    return 0;
}

void snapshot_free(struct snapshot *snapshot)
{
    while (snapshot != NULL) {
        struct snapshot *older = snapshot->older;

        for (size_t i = 0; i < snapshot->n_subscriptions; i++)
            hmac_sha1_free(snapshot->subscriptions[i].signature);
        free(snapshot->subscriptions);
        egress_free(snapshot->egress);
        config_free(snapshot->config);
        free(snapshot);
        snapshot = older;
    }
}

const struct snapshot_subscription *snapshot_by_path(const struct snapshot *snapshot,
                                                     struct bytes path)
{
    for (size_t i = 0; i < snapshot->n_subscriptions; i++) {
        if (bytes_eq(bytes_str(snapshot->subscriptions[i].config->path), path))
            return &snapshot->subscriptions[i];
    }
    return NULL;
}

const struct snapshot_subscription *snapshot_by_number(const struct snapshot *snapshot,
                                                       uint16_t number)
{
    for (size_t i = 0; i < snapshot->n_subscriptions; i++) {
        if (snapshot->subscriptions[i].number == number)
            return &snapshot->subscriptions[i];
    }
    return NULL;
}
