/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * credentials - what a function is given as settings, and what must never be shown of it.
 *
 * Settings are the subscription's own, under what X-Segment-Settings brought, under the
 * customer's key as apiKey. Merging and collecting the secrets costs more than a run, and
 * the same customer's events bring the same settings, so results are kept by what went
 * in. Courier's thread only.
 */

#include "core/redact.h"
#include "service/parcel.h"

struct config_subscription;
struct keyring;

struct credentials {
    struct bytes settings; /* JSON object's text */
    struct redact redact;
    unsigned n_users; /* attempts that look at it; freed with the last after eviction */
    bool is_evicted;
};

struct credentials_cache;

must_check
struct credentials_cache *credentials_cache_new(struct keyring *keyring);
void credentials_cache_free(struct credentials_cache *cache);
/* Forgets everything: keys or configuration changed. */
void credentials_cache_clear(struct credentials_cache *cache);
/* To be given back with credentials_release. */
must_check
struct credentials *credentials_get(struct credentials_cache *cache,
                                    const struct config_subscription *config,
                                    const struct parcel *parcel);
void credentials_release(struct credentials *credentials);
