/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * tally - how many deliveries are in which state, at every moment one looks.
 *
 * One lock, held for a few additions: a snapshot is never torn, so
 * accepted + replayed = queued + running + retrying + delivered + discarded + dead.
 * Keeper adds what was accepted and moves what was settled (both after their commit);
 * courier moves what starts to run. Counters for /metrics live here too, so console and
 * Grafana cannot disagree. Thread-safe.
 */

#include <pthread.h>

#include "base/bytes.h"
#include "core/delivery.h"
#include "core/oauth.h"
#include "core/outcome.h"
#include "core/segment_api.h"
#include "segment/event.h"
#include "store/store.h"

enum {
    TALLY_SUBSCRIPTIONS = 64, /* with counters of their own; later ones share the last */
    TALLY_CLASSES = 6,        /* hundreds of the status; 0: no answer */
};

enum tally_refusal {
    REFUSED_NONE = 0,
    REFUSED_AUTH,
    REFUSED_SIGNATURE,
    REFUSED_SIZE,
    REFUSED_JSON,
    REFUSED_EVENT,   /* type or a required field */
    REFUSED_REQUEST, /* path, method, content type */
    REFUSED_BUSY,    /* 503: ours */
    REFUSED_N,
};
const char *tally_refusal_text(enum tally_refusal refusal);

/* How a look at an install's destination ended. */
enum tally_sync {
    SYNC_FAILED = 0,
    SYNC_DRIFT, /* it is not as we set it, and nobody allowed to mend it */
    SYNC_FINE,
    SYNC_N,
};
const char *tally_sync_text(enum tally_sync sync);
const char *tally_token_text(enum oauth_token_verdict verdict);

/* A histogram of durations: bucket i counts those up to 2^i × 0.1 ms. */
enum { TALLY_BUCKETS = 20 };
struct tally_times {
    uint64_t buckets[TALLY_BUCKETS + 1];
    uint64_t n;
    int64_t sum_us;
};

struct tally_subscription {
    char name[64]; /* empty: not used */
    uint64_t received[EVENT_N_KINDS];
    uint64_t duplicates;
    uint64_t settled[DELIVERY_N_STATES]; /* attempts by what the delivery is then */
    uint64_t runs[OUTCOME_DEAD + 1];     /* function runs by outcome */
    uint64_t requests[TALLY_CLASSES];
    struct tally_times receive, latency, request, run;
};

struct tally_counts {
    int64_t accepted, duplicates, rejected, replayed;
    int64_t by_state[DELIVERY_N_STATES];
};

struct tally {
    pthread_mutex_t lock;
    struct tally_counts counts;
    uint64_t refusals[REFUSED_N];
    uint64_t tokens[OAUTH_REFRESH + 1][OAUTH_TOKEN_SCOPE + 1]; /* asked of Segment */
    uint64_t config_api[SEGMENT_DELETE + 1][TALLY_CLASSES];
    uint64_t syncs[SYNC_N];
    struct tally_subscription subscriptions[TALLY_SUBSCRIPTIONS];
};

void tally_init(struct tally *tally, const struct store_tally *saved);
void tally_done(struct tally *tally);
/* Names the counters of a subscription number (store's, from 1). */
void tally_name(struct tally *tally, uint16_t subscription, const char *name);

/* Of one request, once it is stored. */
struct tally_stored {
    unsigned accepted[EVENT_N_KINDS];
    unsigned duplicates;
};
void tally_store(struct tally *tally, uint16_t subscription,
                 const struct tally_stored *stored);
void tally_reject(struct tally *tally);
void tally_replay(struct tally *tally, int64_t n_deliveries);
/* At start: a delivery that was waiting. */
void tally_recover(struct tally *tally, enum delivery_state state, int64_t n_deliveries);
void tally_move(struct tally *tally, enum delivery_state from, enum delivery_state to);
void tally_refuse(struct tally *tally, enum tally_refusal refusal);
/* An attempt's end; a latency counts when it is DELIVERED. */
void tally_settled(struct tally *tally, uint16_t subscription, enum delivery_state state,
                   int64_t latency_us);
void tally_run(struct tally *tally, uint16_t subscription, enum outcome outcome,
               int64_t duration_us);
void tally_request(struct tally *tally, uint16_t subscription, int status,
                   int64_t duration_us);
void tally_receive(struct tally *tally, uint16_t subscription, int64_t duration_us);
void tally_token(struct tally *tally, enum oauth_token_purpose purpose,
                 enum oauth_token_verdict verdict);
void tally_config_api(struct tally *tally, enum segment_verb verb, int status);
void tally_synced(struct tally *tally, enum tally_sync sync);

void tally_counts(struct tally *tally, struct tally_counts *ret_counts);
/* queued + running + retrying. */
int64_t tally_waiting(struct tally *tally);
