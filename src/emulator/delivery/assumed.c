/* SPDX-License-Identifier: MIT */

#include "emulator/delivery/assumed.h"

#include "base/mem.h"
#include "base/secret.h"
#include "segment/assume_role.h"

enum { N_PARTS = 4 };

struct entry {
    char *key[N_PARTS]; /* owned; NULL: the place is free */
    struct secret key_id, secret, token;
    int64_t expires_ms;
};

struct assumed {
    struct entry entries[ASSUMED_MAX];
};

bool assumed_key_eq(const struct assumed_key *a, const struct assumed_key *b)
{
    return bytes_eq(a->role, b->role) && bytes_eq(a->external_id, b->external_id) &&
           bytes_eq(a->url, b->url) && bytes_eq(a->region, b->region);
}

struct assumed *assumed_new(void)
{
    return mem_new(struct assumed);
}

static void clear(struct entry *entry)
{
    for (size_t i = 0; i < N_PARTS; i++)
        free(entry->key[i]);
    secret_done(&entry->key_id);
    secret_done(&entry->secret);
    secret_done(&entry->token);
    *entry = (struct entry){.expires_ms = 0};
}

void assumed_clear(struct assumed *assumed)
{
    for (size_t i = 0; i < ASSUMED_MAX; i++)
        clear(&assumed->entries[i]);
}

void assumed_free(struct assumed *assumed)
{
    if (assumed != NULL)
        assumed_clear(assumed);
    free(assumed);
}

static void split(const struct assumed_key *key, struct bytes ret_parts[N_PARTS])
{
    ret_parts[0] = key->role;
    ret_parts[1] = key->external_id;
    ret_parts[2] = key->url;
    ret_parts[3] = key->region;
}

static struct entry *find(struct assumed *assumed, const struct assumed_key *key)
{
    for (size_t i = 0; i < ASSUMED_MAX; i++) {
        const struct entry *entry = &assumed->entries[i];
        const struct assumed_key its = {
            bytes_str(entry->key[0]), bytes_str(entry->key[1]), bytes_str(entry->key[2]),
            bytes_str(entry->key[3])};

        if (entry->key[0] != NULL && assumed_key_eq(&its, key))
            return &assumed->entries[i];
    }
    return NULL;
}

bool assumed_find(struct assumed *assumed, const struct assumed_key *key, int64_t now_ms,
                  struct assume_role_credentials *ret_credentials)
{
    struct entry *entry = find(assumed, key);

    if (entry == NULL)
        return false;
    if (now_ms >= entry->expires_ms - ASSUMED_MARGIN_MS ||
        now_ms < entry->expires_ms - ASSUMED_LONGEST_MS) { /* the clock was put back */
        clear(entry);
        return false;
    }
    *ret_credentials = (struct assume_role_credentials){
        .key_id = secret_bytes(&entry->key_id),
        .secret = secret_bytes(&entry->secret),
        .token = secret_bytes(&entry->token),
        .expires_ms = entry->expires_ms,
    };
    return true;
}

/* A free place (its end is 0), else the one that ends first. */
static struct entry *make_room(struct assumed *assumed)
{
    struct entry *first = &assumed->entries[0];

    for (size_t i = 1; i < ASSUMED_MAX; i++) {
        if (assumed->entries[i].expires_ms < first->expires_ms)
            first = &assumed->entries[i];
    }
    clear(first);
    return first;
}

void assumed_keep(struct assumed *assumed, const struct assumed_key *key, int64_t now_ms,
                  const struct assume_role_credentials *credentials)
{
    struct bytes parts[N_PARTS];
    struct entry *entry;
    int64_t expires_ms = credentials->expires_ms;

    assumed_forget(assumed, key);
    if (expires_ms > now_ms + ASSUMED_LONGEST_MS)
        expires_ms = now_ms + ASSUMED_LONGEST_MS;
    if (expires_ms - ASSUMED_MARGIN_MS <= now_ms)
        return;
    entry = make_room(assumed);
    split(key, parts);
    for (size_t i = 0; i < N_PARTS; i++)
        entry->key[i] = bytes_copy(parts[i]);
    secret_set(&entry->key_id, credentials->key_id);
    secret_set(&entry->secret, credentials->secret);
    secret_set(&entry->token, credentials->token);
    entry->expires_ms = expires_ms;
}

void assumed_forget(struct assumed *assumed, const struct assumed_key *key)
{
    struct entry *entry = find(assumed, key);

    if (entry != NULL)
        clear(entry);
}
