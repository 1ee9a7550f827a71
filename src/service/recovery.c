/* SPDX-License-Identifier: MIT */

#include "service/recovery.h"

#include <stdio.h>

#include "base/err.h"
#include "base/mem.h"
#include "store/due.h"
#include "sys/clock.h"
#include "sys/disk.h"

enum { PATH_BYTES = 4096 };

static int number_subscriptions(struct store *store, struct snapshot *snapshot,
                                struct err *err)
{
    if (store_begin(store, err) != 0)
        return -1;
    if (snapshot_number(snapshot, store, err) != 0) {
        store_rollback(store);
        return -1;
    }
    if (store_commit(store, err) == 0)
        return 0;
    return err_wrap(err, "the store cannot be written");
}

static void on_key(void *arg, const struct store_key *key)
{
    struct recovery *recovery = arg;

    if (!recovery->has_failed &&
        keyring_put_key(recovery->keyring, key, recovery->err) < 0)
        recovery->has_failed = true;
}

static void on_token(void *arg, const struct store_token *token)
{
    struct recovery *recovery = arg;

    keyring_put_token(recovery->keyring, token);
}

static void on_due(void *arg, const struct store_delivery *delivery)
{
    struct recovery *recovery = arg;

    due_add(recovery->due, delivery);
    tally_recover(recovery->tally, delivery->state, 1);
    recovery->n_due++;
}

/* What was accepted and has neither come to an end nor been tried: counted, not read. */
static void count_queued(struct recovery *recovery, const struct store_tally *saved)
{
    int64_t n_queued = saved->accepted + saved->replayed - saved->delivered -
                       saved->discarded - saved->dead - recovery->n_due;

    tally_recover(recovery->tally, DELIVERY_QUEUED, n_queued);
    recovery->n_due += n_queued;
}

static void on_paused(void *arg, struct bytes name)
{
    struct recovery *recovery = arg;

    recovery->paused =
        mem_grow(recovery->paused, recovery->n_paused + 1, sizeof(*recovery->paused));
    recovery->paused[recovery->n_paused++] = bytes_copy(name);
}

int recovery_read(struct recovery *recovery, struct store *store,
                  struct snapshot *snapshot, struct keyring *keyring, struct tally *tally,
                  struct err *err)
{
    struct store_tally saved;

    recovery->due = due_new();
    recovery->keyring = keyring;
    recovery->tally = tally;
    recovery->err = err;
    if (number_subscriptions(store, snapshot, err) < 0 ||
        store_load_tally(store, &saved, err) < 0)
        return -1;
    tally_init(tally, &saved);
    if (store_each_key(store, on_key, recovery, err) < 0 || recovery->has_failed ||
        store_each_token(store, on_token, recovery, err) < 0 ||
        store_each_started(store, on_due, recovery, err) < 0 ||
        store_each_paused(store, on_paused, recovery, err) < 0)
        return -1;
    count_queued(recovery, &saved);
    recovery->next_row = store_last_row(store) + 1;
    recovery->low_water = store_low_water(store, err);
    return recovery->low_water < 0 ? -1 : 0;
}

void recovery_done(struct recovery *recovery)
{
    due_free(recovery->due);
    for (size_t i = 0; i < recovery->n_paused; i++)
        free(recovery->paused[i]);
    free(recovery->paused);
    *recovery = (struct recovery){0};
}

static int store_token(struct store *store, struct store_token *token, struct err *err)
{
    if (store_begin(store, err) != 0)
        return -1;
    if (store_add_token(store, token, &token->row, err) != 0) {
        store_rollback(store);
        return -1;
    }
    return store_commit(store, err) == 0 ? 0 : -1;
}

int recovery_admin_token(struct store *store, const struct vault *vault,
                         struct keyring *keyring, const char *data, struct err *err)
{
    char path[PATH_BYTES];
    cleanup(buf_done) struct buf text = {0};
    struct store_token token = {.name = BYTES("admin.token"),
                                .role = BYTES("admin"),
                                .created_at_ms = clock_wall_ms()};
    int result;

    snprintf(path, sizeof(path), "%s/admin.token", data);
    if (disk_exists(path))
        return 0;
    buf_init(&text, 256);
    vault_new_secret("pat_", &text);
    vault_hash(vault, "token", buf_bytes(&text), token.hash);
    if (store_token(store, &token, err) < 0)
        return err_wrap(err, "the admin token");
    keyring_put_token(keyring, &token);
    buf_add_char(&text, '\n');
    result = disk_replace(path, buf_bytes(&text), 0600, err);
    secret_wipe(text.ptr, text.len);
    return result;
}
