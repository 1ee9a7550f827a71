/* SPDX-License-Identifier: MIT */

/* What the store has and the simulated world has not: keys, tokens, erasures, secrets,
 * retention, the search index, and files. */

#include "base/err.h"
#include "simulation/fake_store.h"
#include "store/due.h"
#include "store/erase.h"
#include "store/installs.h"
#include "store/store.h"
#include "store/vault.h"

int store_each_key(struct store *store, store_key_fn *fn, void *arg, struct err *err)
{
    (void)store;
    (void)fn;
    (void)arg;
    (void)err;
    return 0;
}

int store_each_token(struct store *store, store_token_fn *fn, void *arg, struct err *err)
{
    (void)store;
    (void)fn;
    (void)arg;
    (void)err;
    return 0;
}

int store_add_token(struct store *store, const struct store_token *token,
                    int64_t *ret_row, struct err *err)
{
    (void)store;
    (void)token;
    *ret_row = 0;
    return err_set(err, "there are no tokens here");
}

int store_find_started(struct store *store, int64_t row, struct store_delivery *ret,
                       struct err *err)
{
    const struct fake_row *found = row > 0 ? fake_store_row(row) : NULL;

    (void)store;
    (void)err;
    if (found == NULL || !found->has_delivery)
        return 0;
    *ret = found->delivery;
    return 1;
}

int store_check_place(struct store *store, int64_t now_ms, struct err *err)
{
    (void)store;
    (void)now_ms;
    (void)err;
    return 0;
}

int64_t store_bytes(struct store *store)
{
    (void)store;
    return 0;
}

int store_index_step(struct store *store, bool *ret_has_filed, struct err *err)
{
    (void)store;
    (void)err;
    *ret_has_filed = false;
    return 0;
}

int store_retain_step(struct store *store, int64_t before_ms, int64_t now_ms,
                      size_t max_events, size_t *ret_n, struct err *err)
{
    (void)store;
    (void)before_ms;
    (void)now_ms;
    (void)max_events;
    (void)err;
    *ret_n = 0;
    return 0;
}

int store_expire_step(struct store *store, int64_t now_ms, size_t max_attempts,
                      size_t *ret_n, struct err *err)
{
    (void)store;
    (void)now_ms;
    (void)max_attempts;
    (void)err;
    *ret_n = 0;
    return 0;
}

int store_checkpoint(struct store *store, bool is_idle, struct err *err)
{
    (void)store;
    (void)is_idle;
    (void)err;
    return 0;
}

bool store_has_erasures(const struct store *store)
{
    (void)store;
    return false;
}

int store_add_erasure(struct store *store, struct bytes user_id, int64_t up_to,
                      struct err *err)
{
    (void)store;
    (void)user_id;
    (void)up_to;
    (void)err;
    return 0;
}

int store_erase_step(struct store *store, bool *ret_is_over, struct err *err)
{
    (void)store;
    (void)err;
    *ret_is_over = true;
    return 0;
}

/* NOLINTNEXTLINE(readability-function-size): its header's parameters */
int store_function_version(struct store *store, struct bytes name,
                           const uint8_t sha256[SHA256_LEN], struct bytes source,
                           int64_t now_ms, int64_t *ret_version, struct err *err)
{
    (void)store;
    (void)name;
    (void)sha256;
    (void)source;
    (void)now_ms;
    (void)err;
    *ret_version = 1;
    return 0;
}

int vault_seal(const struct vault *vault, const char *context, int64_t row,
               struct bytes plain, struct buf *ret_sealed)
{
    (void)vault;
    (void)context;
    (void)row;
    return buf_add(ret_sealed, plain);
}

bool vault_unseal(const struct vault *vault, const char *context, int64_t row,
                  struct bytes sealed, struct buf *ret_plain)
{
    (void)vault;
    (void)context;
    (void)row;
    return buf_add(ret_plain, sealed) == 0;
}

void vault_hash(const struct vault *vault, const char *context, struct bytes secret,
                uint8_t ret_hash[STORE_HASH_LEN])
{
    (void)vault;
    (void)context;
    (void)secret;
    memset(ret_hash, 0, STORE_HASH_LEN);
}

void vault_new_secret(const char *prefix, struct buf *ret_text)
{
    (void)buf_add_text(ret_text, prefix);
}
