/* SPDX-License-Identifier: MIT */

#include "service/credentials.h"

#include "base/map.h"
#include "base/mem.h"
#include "base/secret.h"
#include "core/config.h"
#include "service/keyring.h"
#include "sys/rand.h"
#include "json/json.h"

enum { CACHE_ENTRIES = 256, KEY_BYTES = 128 << 10 };

struct credentials_cache {
    struct keyring *keyring;
    struct map by_input;
    struct buf key;
};

/* The texts that a struct credentials points into. */
struct owned {
    struct credentials credentials;
    struct secret settings, sealed, api_key;
};

struct credentials_cache *credentials_cache_new(struct keyring *keyring)
{
    struct credentials_cache *cache = mem_new(struct credentials_cache);

    cache->keyring = keyring;
    map_init(&cache->by_input, (const uint64_t[]){rand_u64(), rand_u64()});
    buf_init(&cache->key, KEY_BYTES);
    return cache;
}

static void owned_free(struct owned *owned)
{
    redact_done(&owned->credentials.redact);
    secret_done(&owned->settings);
    secret_done(&owned->sealed);
    secret_done(&owned->api_key);
    free(owned);
}

void credentials_release(struct credentials *credentials)
{
    if (credentials == NULL)
        return;
    credentials->n_users--;
    if (credentials->n_users == 0 && credentials->is_evicted)
        owned_free(container_of(credentials, struct owned, credentials));
}

void credentials_cache_clear(struct credentials_cache *cache)
{
    size_t cursor = 0;
    struct bytes key;
    void *value;
    const uint64_t seed[2] = {cache->by_input.seed[0], cache->by_input.seed[1]};

    while (map_next(&cache->by_input, &cursor, &key, &value)) {
        struct credentials *credentials = value;

        credentials->is_evicted = true;
        if (credentials->n_users == 0)
            owned_free(container_of(credentials, struct owned, credentials));
    }
    map_done(&cache->by_input);
    map_init(&cache->by_input, seed);
}

void credentials_cache_free(struct credentials_cache *cache)
{
    if (cache == NULL)
        return;
    credentials_cache_clear(cache);
    buf_done(&cache->key);
    free(cache);
}

/* Objects only, checked when they were accepted; NULL on anything else. */
static struct json *parse_object(struct bytes text)
{
    struct json *json = NULL;

    if (text.len == 0 || json_parse(text, &json, NULL) < 0)
        return NULL;
    if (json_kind(json) == JSON_OBJECT)
        return json;
    json_free(json);
    return NULL;
}

static void merge(struct owned *owned, const struct config_subscription *config,
                  struct bytes sealed)
{
    cleanup(json_freep) struct json *merged =
        parse_object(bytes_str(config->settings_json));
    cleanup(json_freep) struct json *over = parse_object(sealed);
    cleanup(buf_done) struct buf text = {0};

    buf_init(&text, KEY_BYTES * 2);
    if (merged == NULL)
        merged = json_object();
    /* The subscription's endpoint is what code finds as settings.endpoint (interface §7).
     */
    if (config->endpoint != NULL && json_get(merged, "endpoint") == NULL)
        json_set_string(merged, "endpoint", bytes_str(config->endpoint));
    if (over != NULL)
        json_merge(merged, over);
    if (secret_is_set(&owned->api_key))
        json_set_string(merged, "apiKey", secret_bytes(&owned->api_key));
    json_print(merged, false, &text);
    secret_set(&owned->settings, buf_bytes(&text));
    secret_wipe(text.ptr, text.len);
}

static struct owned *build(struct credentials_cache *cache,
                           const struct config_subscription *config,
                           const struct parcel *parcel)
{
    struct owned *owned = mem_new(struct owned);
    struct credentials *credentials = &owned->credentials;

    if (parcel->key != 0)
        keyring_key_text(cache->keyring, parcel->key, &owned->api_key);
    secret_set(&owned->sealed, parcel->settings);
    /* Of a request to a source it is what must not be shown, and no settings. */
    merge(owned, config,
          parcel->head.kind == EVENT_REQUEST ? bytes_of(NULL, 0) : parcel->settings);
    credentials->settings = secret_bytes(&owned->settings);
    redact_add_settings(&credentials->redact, secret_bytes(&owned->sealed));
    if (secret_is_set(&owned->api_key))
        redact_add(&credentials->redact, secret_bytes(&owned->api_key));
    if (secret_is_set(&config->write_key))
        redact_add(&credentials->redact, secret_bytes(&config->write_key));
    return owned;
}

struct credentials *credentials_get(struct credentials_cache *cache,
                                    const struct config_subscription *config,
                                    const struct parcel *parcel)
{
    struct credentials *credentials;

    buf_clear(&cache->key);
    buf_add(&cache->key, bytes_of(&config, sizeof(config)));
    buf_add(&cache->key, bytes_of(&parcel->key, sizeof(parcel->key)));
    buf_add(&cache->key, parcel->settings);
    credentials = map_find(&cache->by_input, buf_bytes(&cache->key));
    if (credentials == NULL) {
        if (cache->by_input.n_entries >= CACHE_ENTRIES)
            credentials_cache_clear(cache);
        credentials = &build(cache, config, parcel)->credentials;
        map_put(&cache->by_input, buf_bytes(&cache->key), credentials);
    }
    credentials->n_users++;
    return credentials;
}
