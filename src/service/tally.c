/* SPDX-License-Identifier: MIT */

#include "service/tally.h"

#include <stdio.h>

const char *tally_refusal_text(enum tally_refusal refusal)
{
    static const char *const texts[REFUSED_N] = {
        [REFUSED_NONE] = "none",           [REFUSED_AUTH] = "auth",
        [REFUSED_SIGNATURE] = "signature", [REFUSED_SIZE] = "size",
        [REFUSED_JSON] = "json",           [REFUSED_EVENT] = "event",
        [REFUSED_REQUEST] = "request",     [REFUSED_BUSY] = "busy",
    };

    return refusal < REFUSED_N ? texts[refusal] : "none";
}

const char *tally_sync_text(enum tally_sync sync)
{
    static const char *const texts[SYNC_N] = {
        [SYNC_FAILED] = "failed", [SYNC_DRIFT] = "drift", [SYNC_FINE] = "ok"};

    return texts[sync];
}

const char *tally_token_text(enum oauth_token_verdict verdict)
{
    static const char *const texts[] = {
        [OAUTH_TOKEN_MALFORMED] = "malformed",
        [OAUTH_TOKEN_GOOD] = "ok",
        [OAUTH_TOKEN_EXPIRED_CODE] = "expired_code",
        [OAUTH_TOKEN_WRONG_CLIENT] = "wrong_client",
        [OAUTH_TOKEN_WRONG_REDIRECT] = "wrong_redirect",
        [OAUTH_TOKEN_REFUSED] = "refused",
        [OAUTH_TOKEN_REVOKED] = "revoked",
        [OAUTH_TOKEN_LIMITED] = "limited",
        [OAUTH_TOKEN_UNAVAILABLE] = "unavailable",
        [OAUTH_TOKEN_SCOPE] = "wrong_scope",
    };

    return texts[verdict];
}

void tally_init(struct tally *tally, const struct store_tally *saved)
{
    *tally = (struct tally){0};
    pthread_mutex_init(&tally->lock, NULL);
    tally->counts.accepted = saved->accepted;
    tally->counts.duplicates = saved->duplicates;
    tally->counts.replayed = saved->replayed;
    tally->counts.by_state[DELIVERY_DELIVERED] = saved->delivered;
    tally->counts.by_state[DELIVERY_DISCARDED] = saved->discarded;
    tally->counts.by_state[DELIVERY_DEAD] = saved->dead;
}

void tally_done(struct tally *tally)
{
    pthread_mutex_destroy(&tally->lock);
}

static struct tally_subscription *of(struct tally *tally, uint16_t subscription)
{
    size_t index = subscription > 0 ? subscription - 1u : 0;

    return &tally->subscriptions[index < TALLY_SUBSCRIPTIONS ? index
                                                             : TALLY_SUBSCRIPTIONS - 1];
}

static void times_add(struct tally_times *times, int64_t duration_us)
{
    int64_t limit_us = 100;
    size_t bucket = 0;

    while (bucket < TALLY_BUCKETS && duration_us > limit_us) {
        limit_us *= 2;
        bucket++;
    }
    times->buckets[bucket]++;
    times->n++;
    times->sum_us += duration_us;
}

void tally_name(struct tally *tally, uint16_t subscription, const char *name)
{
    struct tally_subscription *counters = of(tally, subscription);

    pthread_mutex_lock(&tally->lock);
    snprintf(counters->name, sizeof(counters->name), "%s",
             subscription <= TALLY_SUBSCRIPTIONS ? name : "other");
    pthread_mutex_unlock(&tally->lock);
}

void tally_store(struct tally *tally, uint16_t subscription,
                 const struct tally_stored *stored)
{
    struct tally_subscription *counters = of(tally, subscription);

    pthread_mutex_lock(&tally->lock);
    for (size_t kind = 0; kind < EVENT_N_KINDS; kind++) {
        tally->counts.accepted += stored->accepted[kind];
        tally->counts.by_state[DELIVERY_QUEUED] += stored->accepted[kind];
        counters->received[kind] += stored->accepted[kind];
    }
    tally->counts.duplicates += stored->duplicates;
    counters->duplicates += stored->duplicates;
    pthread_mutex_unlock(&tally->lock);
}

void tally_reject(struct tally *tally)
{
    pthread_mutex_lock(&tally->lock);
    tally->counts.rejected++;
    pthread_mutex_unlock(&tally->lock);
}

void tally_replay(struct tally *tally, int64_t n_deliveries)
{
    pthread_mutex_lock(&tally->lock);
    tally->counts.replayed += n_deliveries;
    tally->counts.by_state[DELIVERY_QUEUED] += n_deliveries;
    pthread_mutex_unlock(&tally->lock);
}

void tally_recover(struct tally *tally, enum delivery_state state, int64_t n_deliveries)
{
    pthread_mutex_lock(&tally->lock);
    tally->counts.by_state[state] += n_deliveries;
    pthread_mutex_unlock(&tally->lock);
}

void tally_move(struct tally *tally, enum delivery_state from, enum delivery_state to)
{
    pthread_mutex_lock(&tally->lock);
    tally->counts.by_state[from]--;
    tally->counts.by_state[to]++;
    pthread_mutex_unlock(&tally->lock);
}

void tally_refuse(struct tally *tally, enum tally_refusal refusal)
{
    pthread_mutex_lock(&tally->lock);
    tally->refusals[refusal]++;
    pthread_mutex_unlock(&tally->lock);
}

void tally_settled(struct tally *tally, uint16_t subscription, enum delivery_state state,
                   int64_t latency_us)
{
    pthread_mutex_lock(&tally->lock);
    of(tally, subscription)->settled[state]++;
    if (state == DELIVERY_DELIVERED)
        times_add(&of(tally, subscription)->latency, latency_us);
    pthread_mutex_unlock(&tally->lock);
}

void tally_run(struct tally *tally, uint16_t subscription, enum outcome outcome,
               int64_t duration_us)
{
    pthread_mutex_lock(&tally->lock);
    of(tally, subscription)->runs[outcome]++;
    times_add(&of(tally, subscription)->run, duration_us);
    pthread_mutex_unlock(&tally->lock);
}

static size_t class_of(int status)
{
    return status >= 100 && status < 600 ? (size_t)status / 100 : 0;
}

void tally_request(struct tally *tally, uint16_t subscription, int status,
                   int64_t duration_us)
{
    pthread_mutex_lock(&tally->lock);
    of(tally, subscription)->requests[class_of(status)]++;
    times_add(&of(tally, subscription)->request, duration_us);
    pthread_mutex_unlock(&tally->lock);
}

void tally_receive(struct tally *tally, uint16_t subscription, int64_t duration_us)
{
    pthread_mutex_lock(&tally->lock);
    times_add(&of(tally, subscription)->receive, duration_us);
    pthread_mutex_unlock(&tally->lock);
}

void tally_token(struct tally *tally, enum oauth_token_purpose purpose,
                 enum oauth_token_verdict verdict)
{
    pthread_mutex_lock(&tally->lock);
    tally->tokens[purpose][verdict]++;
    pthread_mutex_unlock(&tally->lock);
}

void tally_config_api(struct tally *tally, enum segment_verb verb, int status)
{
    pthread_mutex_lock(&tally->lock);
    tally->config_api[verb][class_of(status)]++;
    pthread_mutex_unlock(&tally->lock);
}

void tally_synced(struct tally *tally, enum tally_sync sync)
{
    pthread_mutex_lock(&tally->lock);
    tally->syncs[sync]++;
    pthread_mutex_unlock(&tally->lock);
}

void tally_counts(struct tally *tally, struct tally_counts *ret_counts)
{
    pthread_mutex_lock(&tally->lock);
    *ret_counts = tally->counts;
    pthread_mutex_unlock(&tally->lock);
}

int64_t tally_waiting(struct tally *tally)
{
    struct tally_counts counts;

    tally_counts(tally, &counts);
    return counts.by_state[DELIVERY_QUEUED] + counts.by_state[DELIVERY_RUNNING] +
           counts.by_state[DELIVERY_RETRYING];
}
