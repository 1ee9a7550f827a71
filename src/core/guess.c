/* SPDX-License-Identifier: MIT */

#include "core/guess.h"

#include "base/list.h"
#include "base/map.h"
#include "base/mem.h"

enum { KEY_BYTES = 8, FIRST_PAUSE_MS = 2000, MAX_DOUBLINGS = 16 };

struct bucket {
    double tokens;
    int64_t at_ms; /* when that was true */
};

struct kind { /* how a bucket fills */
    double burst, per_ms;
};

static const struct kind of_account = {10, 90.0 / 3600000};
static const struct kind of_address = {30, 360.0 / 3600000};
static const struct kind of_all = {20, 2.0 / 1000};

struct entry {
    struct list_link link; /* by last use, the oldest first */
    uint64_t key;
    int64_t used_at_ms;
    struct bucket bucket; /* of an account or address */
    unsigned n_failures;  /* of a pair, as the next one */
    int64_t next_at_ms;
};

struct table {
    struct map map; /* owns the entries */
    struct list by_use;
};

struct guess {
    uint64_t seed[2];
    struct table pairs, accounts, addresses;
    struct bucket strangers, known;
    bool has_begun;
};

static void table_done(struct table *table)
{
    struct list_link *link;

    while ((link = list_pop(&table->by_use)) != NULL)
        free(list_entry(link, struct entry, link));
    map_done(&table->map);
}

struct guess *guess_new(const uint64_t seed[2])
{
    struct guess *guess = mem_new(struct guess);

    memcpy(guess->seed, seed, sizeof(guess->seed));
    map_init(&guess->pairs.map, seed);
    map_init(&guess->accounts.map, seed);
    map_init(&guess->addresses.map, seed);
    return guess;
}

void guess_free(struct guess *guess)
{
    if (guess == NULL)
        return;
    table_done(&guess->pairs);
    table_done(&guess->accounts);
    table_done(&guess->addresses);
    free(guess);
}

/* Strangers choose the texts, so what is kept of them has one length. */
static uint64_t key_of(const struct guess *guess, struct bytes a, struct bytes b)
{
    const uint64_t seed[2] = {guess->seed[0] ^ map_hash(guess->seed, a), guess->seed[1]};

    return map_hash(seed, b);
}

static void forget_oldest(struct table *table)
{
    struct entry *oldest = list_entry(list_pop(&table->by_use), struct entry, link);

    map_remove(&table->map, bytes_of(&oldest->key, KEY_BYTES));
    free(oldest);
}

static struct entry *enter(struct table *table, uint64_t key, const struct kind *kind,
                           int64_t now_ms)
{
    struct entry *entry = map_find(&table->map, bytes_of(&key, KEY_BYTES));

    if (entry != NULL) {
        list_remove(&table->by_use, &entry->link);
    } else {
        if (table->by_use.n_links >= GUESS_MAX)
            forget_oldest(table);
        entry = mem_new(struct entry);
        entry->key = key;
        entry->used_at_ms = now_ms;
        entry->bucket = (struct bucket){kind != NULL ? kind->burst : 0, now_ms};
        map_put(&table->map, bytes_of(&entry->key, KEY_BYTES), entry);
    }
    list_push(&table->by_use, &entry->link);
    return entry;
}

static void fill(struct bucket *bucket, const struct kind *kind, int64_t now_ms)
{
    if (now_ms > bucket->at_ms)
        bucket->tokens += (double)(now_ms - bucket->at_ms) * kind->per_ms;
    if (bucket->tokens > kind->burst)
        bucket->tokens = kind->burst;
    bucket->at_ms = now_ms;
}

/* How long until it has one; 0: it has. */
static int64_t wait_for(struct bucket *bucket, const struct kind *kind, int64_t now_ms)
{
    fill(bucket, kind, now_ms);
    return bucket->tokens >= 1 ? 0 : (int64_t)((1 - bucket->tokens) / kind->per_ms) + 1;
}

static int64_t longer(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t pause_after(unsigned n_failures)
{
    int64_t pause_ms;

    if (n_failures < GUESS_FREE)
        return 0;
    if (n_failures - GUESS_FREE > MAX_DOUBLINGS)
        return GUESS_PAUSE_MS;
    pause_ms = (int64_t)FIRST_PAUSE_MS << (n_failures - GUESS_FREE);
    return pause_ms < GUESS_PAUSE_MS ? pause_ms : GUESS_PAUSE_MS;
}

static void begin(struct guess *guess, int64_t now_ms)
{
    if (guess->has_begun)
        return;
    guess->has_begun = true;
    guess->strangers = (struct bucket){of_all.burst, now_ms};
    guess->known = guess->strangers;
}

static struct entry *find_pair(struct guess *guess, const struct guess_try *try)
{
    const uint64_t key = key_of(guess, try->account, try->address);

    return map_find(&guess->pairs.map, bytes_of(&key, KEY_BYTES));
}

/* A refused try leaves no entry behind: those are bounded by the tries looked at. */
static int64_t wait_of_pair(struct guess *guess, const struct guess_try *try,
                            int64_t now_ms)
{
    struct entry *pair = find_pair(guess, try);

    if (pair == NULL)
        return 0;
    if (now_ms - pair->used_at_ms > GUESS_FORGET_MS)
        pair->n_failures = 0;
    else if (pair->next_at_ms > now_ms)
        return pair->next_at_ms - now_ms;
    return 0;
}

static int64_t wait_in(struct table *table, uint64_t key, const struct kind *kind,
                       int64_t now_ms)
{
    struct entry *entry = map_find(&table->map, bytes_of(&key, KEY_BYTES));

    return entry != NULL ? wait_for(&entry->bucket, kind, now_ms) : 0;
}

enum guess_verdict guess_ask(struct guess *guess, const struct guess_try *try,
                             int64_t now_ms, int64_t *ret_wait_ms)
{
    const uint64_t account = key_of(guess, try->account, BYTES("account"));
    const uint64_t address = key_of(guess, try->address, BYTES("address"));
    struct bucket *all = try->is_known ? &guess->known : &guess->strangers;
    struct entry *pair;

    begin(guess, now_ms);
    *ret_wait_ms =
        longer(wait_of_pair(guess, try, now_ms), wait_for(all, &of_all, now_ms));
    if (!try->is_known)
        *ret_wait_ms =
            longer(*ret_wait_ms,
                   longer(wait_in(&guess->accounts, account, &of_account, now_ms),
                          wait_in(&guess->addresses, address, &of_address, now_ms)));
    if (*ret_wait_ms > 0)
        return GUESS_LATER;
    all->tokens--;
    if (!try->is_known) {
        enter(&guess->accounts, account, &of_account, now_ms)->bucket.tokens--;
        enter(&guess->addresses, address, &of_address, now_ms)->bucket.tokens--;
    }
    pair = enter(&guess->pairs, key_of(guess, try->account, try->address), NULL, now_ms);
    pair->n_failures++;
    pair->used_at_ms = now_ms;
    pair->next_at_ms = now_ms + pause_after(pair->n_failures);
    return GUESS_LOOK;
}

/* What the next filling makes of it is no more than the burst. */
static void give_back(struct table *table, uint64_t key)
{
    struct entry *entry = map_find(&table->map, bytes_of(&key, KEY_BYTES));

    if (entry != NULL)
        entry->bucket.tokens++;
}

void guess_right(struct guess *guess, const struct guess_try *try)
{
    struct entry *pair = find_pair(guess, try);

    if (pair == NULL)
        return;
    if (!try->is_known) {
        give_back(&guess->accounts, key_of(guess, try->account, BYTES("account")));
        give_back(&guess->addresses, key_of(guess, try->address, BYTES("address")));
    }
    pair->n_failures = 0;
    pair->next_at_ms = 0;
}
