/* SPDX-License-Identifier: MIT */

#include "service/keyring.h"

#include <pthread.h>
#include <stdio.h>

#include "base/err.h"
#include "base/map.h"
#include "base/mem.h"
#include "sys/clock.h"
#include "sys/rand.h"

enum { MAX_KEY_BYTES = 4096 };

struct entry {
    int64_t row;
    uint8_t hash[VAULT_HASH_LEN];
    struct secret text;
    char *subscriptions; /* ",a,b,", or NULL: all */
    enum keyring_role role;
    char name[KEYRING_NAME_BYTES]; /* of a token */
    int64_t revoked_at_ms;         /* 0: valid; later than now: valid until then */
};

struct keyring {
    const struct vault *vault;
    pthread_rwlock_t lock;
    struct map keys_by_hash;
    struct map keys_by_row;    /* owns the entries */
    struct map tokens_by_hash; /* owns the entries */
};

enum keyring_role keyring_role_parse(struct bytes text)
{
    if (bytes_eq(text, BYTES("viewer")))
        return KEYRING_VIEWER;
    if (bytes_eq(text, BYTES("operator")))
        return KEYRING_OPERATOR;
    return bytes_eq(text, BYTES("admin")) ? KEYRING_ADMIN : KEYRING_NOBODY;
}

const char *keyring_role_text(enum keyring_role role)
{
    static const char *const texts[] = {[KEYRING_NOBODY] = "none",
                                        [KEYRING_VIEWER] = "viewer",
                                        [KEYRING_OPERATOR] = "operator",
                                        [KEYRING_ADMIN] = "admin"};

    return texts[role];
}

struct keyring *keyring_new(const struct vault *vault)
{
    struct keyring *keyring = mem_new(struct keyring);
    const uint64_t seed[2] = {rand_u64(), rand_u64()};

    keyring->vault = vault;
    pthread_rwlock_init(&keyring->lock, NULL);
    map_init(&keyring->keys_by_hash, seed);
    map_init(&keyring->keys_by_row, seed);
    map_init(&keyring->tokens_by_hash, seed);
    return keyring;
}

static void entry_free(struct entry *entry)
{
    if (entry == NULL)
        return;
    secret_done(&entry->text);
    free(entry->subscriptions);
    free(entry);
}

static void free_entries(struct map *map)
{
    size_t cursor = 0;
    struct bytes key;
    void *value;

    while (map_next(map, &cursor, &key, &value))
        entry_free(value);
    map_done(map);
}

void keyring_free(struct keyring *keyring)
{
    if (keyring == NULL)
        return;
    map_done(&keyring->keys_by_hash);
    free_entries(&keyring->keys_by_row);
    free_entries(&keyring->tokens_by_hash);
    pthread_rwlock_destroy(&keyring->lock);
    free(keyring);
}

static struct bytes row_bytes(const int64_t *row)
{
    return bytes_of(row, sizeof(*row));
}

static struct bytes hash_bytes(const uint8_t *hash)
{
    return bytes_of(hash, VAULT_HASH_LEN);
}

static struct entry *entry_of_key(const struct keyring *keyring,
                                  const struct store_key *key)
{
    cleanup(buf_done) struct buf plain = {0};
    struct entry *entry;

    buf_init(&plain, MAX_KEY_BYTES);
    if (!vault_unseal(keyring->vault, "key", key->row, key->sealed, &plain))
        return NULL;
    entry = mem_new(struct entry);
    entry->row = key->row;
    entry->revoked_at_ms = key->revoked_at_ms;
    memcpy(entry->hash, key->hash, sizeof(entry->hash));
    secret_set(&entry->text, buf_bytes(&plain));
    secret_wipe(plain.ptr, plain.len);
    if (key->subscriptions.len > 0) {
        cleanup(buf_done) struct buf list = {0};

        buf_init(&list, SIZE_MAX / 2);
        buf_addf(&list, ",%.*s,", BYTES_FMT(key->subscriptions));
        entry->subscriptions = buf_take(&list);
    }
    return entry;
}

int keyring_put_key(struct keyring *keyring, const struct store_key *key, struct err *err)
{
    struct entry *entry = entry_of_key(keyring, key);

    if (entry == NULL) {
        err_code(err, "PA1031", ERR_CONFIG,
                 "the master key does not open the key \"%.*s\" in the store",
                 BYTES_FMT(key->name));
        return err_help(err, "use the master.key that this store was made with");
    }
    pthread_rwlock_wrlock(&keyring->lock);
    entry_free(map_put(&keyring->keys_by_row, row_bytes(&entry->row), entry));
    map_put(&keyring->keys_by_hash, hash_bytes(entry->hash), entry);
    pthread_rwlock_unlock(&keyring->lock);
    return 0;
}

void keyring_put_token(struct keyring *keyring, const struct store_token *token)
{
    struct entry *entry = mem_new(struct entry);

    entry->row = token->row;
    entry->revoked_at_ms = token->revoked_at_ms;
    entry->role = keyring_role_parse(token->role);
    snprintf(entry->name, sizeof(entry->name), "%.*s", BYTES_FMT(token->name));
    memcpy(entry->hash, token->hash, sizeof(entry->hash));
    pthread_rwlock_wrlock(&keyring->lock);
    entry_free(map_put(&keyring->tokens_by_hash, hash_bytes(entry->hash), entry));
    pthread_rwlock_unlock(&keyring->lock);
}

static bool is_revoked(const struct entry *entry)
{
    return entry->revoked_at_ms != 0 && entry->revoked_at_ms <= clock_wall_ms();
}

static bool is_for(const struct entry *entry, struct bytes subscription)
{
    cleanup(buf_done) struct buf wanted = {0};

    if (entry->subscriptions == NULL)
        return true;
    buf_init(&wanted, 256);
    if (buf_addf(&wanted, ",%.*s,", BYTES_FMT(subscription)) != 0)
        return false;
    return strstr(entry->subscriptions, buf_text(&wanted)) != NULL;
}

enum keyring_verdict keyring_find(struct keyring *keyring, struct bytes secret,
                                  struct bytes subscription, int64_t *ret_row)
{
    enum keyring_verdict verdict = KEYRING_UNKNOWN;
    uint8_t hash[VAULT_HASH_LEN];
    const struct entry *entry;

    vault_hash(keyring->vault, "key", secret, hash);
    pthread_rwlock_rdlock(&keyring->lock);
    entry = map_find(&keyring->keys_by_hash, hash_bytes(hash));
    if (entry != NULL) {
        *ret_row = entry->row;
        if (is_revoked(entry))
            verdict = KEYRING_REVOKED;
        else
            verdict = is_for(entry, subscription) ? KEYRING_VALID : KEYRING_FORBIDDEN;
    }
    pthread_rwlock_unlock(&keyring->lock);
    return verdict;
}

enum keyring_role keyring_token(struct keyring *keyring, struct bytes token,
                                struct keyring_token *ret_token)
{
    enum keyring_role role = KEYRING_NOBODY;
    const struct entry *entry;

    *ret_token = (struct keyring_token){0};
    vault_hash(keyring->vault, "token", token, ret_token->hash);
    pthread_rwlock_rdlock(&keyring->lock);
    entry = map_find(&keyring->tokens_by_hash, hash_bytes(ret_token->hash));
    if (entry != NULL && !is_revoked(entry)) {
        role = entry->role;
        ret_token->row = entry->row;
        memcpy(ret_token->name, entry->name, sizeof(entry->name));
    }
    pthread_rwlock_unlock(&keyring->lock);
    return role;
}

enum keyring_role keyring_role(struct keyring *keyring, struct bytes token)
{
    struct keyring_token ignored;

    return keyring_token(keyring, token, &ignored);
}

enum keyring_role keyring_role_now(struct keyring *keyring,
                                   const uint8_t hash[VAULT_HASH_LEN])
{
    enum keyring_role role = KEYRING_NOBODY;
    const struct entry *entry;

    pthread_rwlock_rdlock(&keyring->lock);
    entry = map_find(&keyring->tokens_by_hash, hash_bytes(hash));
    if (entry != NULL && !is_revoked(entry))
        role = entry->role;
    pthread_rwlock_unlock(&keyring->lock);
    return role;
}

void keyring_key_text(struct keyring *keyring, int64_t row, struct secret *ret_key)
{
    const struct entry *entry;

    pthread_rwlock_rdlock(&keyring->lock);
    entry = map_find(&keyring->keys_by_row, row_bytes(&row));
    if (entry != NULL)
        secret_set(ret_key, secret_bytes(&entry->text));
    pthread_rwlock_unlock(&keyring->lock);
}

bool keyring_key_lasts(struct keyring *keyring, int64_t row)
{
    const struct entry *entry;
    bool lasts;

    pthread_rwlock_rdlock(&keyring->lock);
    entry = map_find(&keyring->keys_by_row, row_bytes(&row));
    lasts = entry != NULL && entry->revoked_at_ms == 0;
    pthread_rwlock_unlock(&keyring->lock);
    return lasts;
}
