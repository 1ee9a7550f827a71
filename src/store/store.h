/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * store - what survives: events, deliveries, keys, and what is derived from them.
 *
 * One writer (struct store, keeper's) that also owns the checkpoints, and any number of
 * read-only readers (store/reader.h). SQLite in WAL mode, synchronous=FULL, automatic
 * checkpoints off. A commit that returned 0 is on stable storage. After a failed write,
 * sync or checkpoint the store is latched: every later call fails, and the process must
 * end (reliability D3), because nobody knows what the disk holds.
 *
 * The rule that shapes it (architecture §4): accepting an event appends (to event, and
 * its head to search), settling a delivery appends (to delivery). An event's first
 * delivery has the event's own row number, so it needs no row until it is settled or
 * retried; a replay takes the next number of the same sequence. What is looked up by a
 * value, and dedupe marks, are filed by a background step, slice by slice
 * (store_index_step).
 *
 * Not thread-safe: the keeper's thread only.
 */

#include "base/buf.h"
#include "core/dedupe.h"
#include "core/delivery.h"

struct err;
struct event_head;
struct store;

enum { STORE_FULL = 1 }; /* the disk is full: rolled back, nothing is lost, try later */

struct store_options {
    int64_t dedupe_ms;  /* window; marks older than it are dropped */
    int64_t disk_bytes; /* the whole store may not pass this; see store_has_room */
    int64_t free_bytes; /* and this much of the file system must stay free */
};

/*
 * Opens or creates @path ("/dir/partnerapp.db"), migrates (each step one transaction).
 * Takes an exclusive lock beside it (path + "-lock"): ERR_CONFLICT names the holder's
 * pid. A store of a newer version is refused with PA6002. -1 with @err.
 */
must_check
int store_open(const char *path, const struct store_options *options,
               struct store **ret_store, struct err *err);
/* Whether @path, which another process may have open, is of a version that store_open
 * takes; 0 also when it is not there. */
must_check
int store_check(const char *path, struct err *err);
/* Checkpoints and closes. NULL is fine. */
void store_close(struct store *store);
bool store_is_latched(const struct store *store);
/* False when the disk limit or the free-space watermark is reached, or the write-ahead
 * log grew past 256 MiB: answer 503. Looks at the file system at most every 100 ms
 * (@now_ms). */
must_check
bool store_has_room(struct store *store, int64_t now_ms);
/* -1: its file was removed or replaced, and nobody would find what is written into it:
 * latched, PA6008. Asks the file system at most every 100 ms. */
must_check
int store_check_place(struct store *store, int64_t now_ms, struct err *err);
int64_t store_bytes(struct store *store);          /* files on disk */
uint64_t store_n_syncs(const struct store *store); /* commits that synced */

/* A transaction. Every put below happens inside one. STORE_FULL or -1: none is begun.
 * PA6007: another program has held the lock for five seconds, try later. */
must_check
int store_begin(struct store *store, struct err *err);
/*
 * 0: durable. STORE_FULL: rolled back. -1: rolled back too; ask store_is_latched.
 *
 * A put that meets a full disk answers -1 like any failure; every put after it fails as
 * well, until the commit answers STORE_FULL. So a caller may go on and ask once.
 */
must_check
int store_commit(struct store *store, struct err *err);
void store_rollback(struct store *store);

/* --- events ----------------------------------------------------------------------- */

struct store_event {
    int64_t row; /* from store_next_row */
    int64_t received_at_ms;
    uint16_t subscription;
    int64_t key; /* 0: none */
    bool has_mark;
    struct dedupe_mark mark;
    uint8_t sha256[SHA256_LEN]; /* of payload */
    struct bytes settings;      /* sealed (context "settings", this row); empty: none */
    struct bytes payload;       /* as received */
    const struct event_head *head; /* of payload; NULL: whoever needs it reads that */
};

/* The next number of the sequence of events and replays; they begin at 1. One that was
 * rolled back is a gap; the next process may give it again, but none below the mark. */
int64_t store_next_row(struct store *store);
int64_t store_last_row(const struct store *store); /* given last; 0: none yet */
/* The payload is not empty (that means erased). Rows come in the order of their numbers
 * over transactions: one below what the background has filed is refused. */
must_check
int store_add_event(struct store *store, const struct store_event *event,
                    struct err *err);
/* The live event with this mark within the window, also one added in this transaction.
 * 1 and *ret_row, *ret_received_at_ms when found, 0 when not, -1. */
must_check
int store_find_mark(struct store *store, const struct dedupe_mark *mark, int64_t now_ms,
                    int64_t *ret_row, int64_t *ret_received_at_ms, struct err *err);
/* Settings (sealed) and payload added to the bufs, the rest in *ret_event (slices into
 * the bufs; an erased payload is empty). 1 found, 0 not there, -1. */
must_check
int store_load_event(struct store *store, int64_t row, struct buf *settings,
                     struct buf *payload, struct store_event *ret_event, struct err *err);

/* --- deliveries ------------------------------------------------------------------- */

struct store_delivery {
    int64_t row; /* the event's for the first delivery, its own for a replay */
    int64_t event;
    int64_t created_at_ms; /* of the event: received; of a replay: asked for */
    uint16_t subscription;
    int64_t replay;            /* 0: the first delivery */
    int64_t function_version;  /* 0: none */
    enum delivery_state state; /* QUEUED (only replays), RETRYING or terminal */
    unsigned attempts;
    int64_t first_attempt_ms; /* 0: none yet */
    int64_t next_at_ms;       /* when RETRYING */
    int64_t settled_at_ms;    /* when terminal */
    struct bytes error_name; /* of the last attempt: "RetryError", "timeout", "503" … */
    /* One attempt as a JSON object's text, appended to what is stored; empty: none. */
    struct bytes attempt_json;
};

/* Inserts, or updates and appends the attempt (at most 256 KiB of attempts are kept: then
 * the middle ones go, first and newest stay). Of a delivery that has ended already: -1.
 */
must_check
int store_put_delivery(struct store *store, const struct store_delivery *delivery,
                       struct err *err);
/* A dead letter: it was replayed by @replay and leaves the list, or is given up for good
 * (state becomes DISCARDED, error "discarded by operator"). 0 also when it was not dead.
 */
must_check
int store_supersede_dead(struct store *store, int64_t delivery_row, int64_t replay,
                         struct err *err);
must_check
int store_discard_dead(struct store *store, int64_t delivery_row, int64_t now_ms,
                       bool *ret_changed, struct err *err);
/* The mark: every event below this row has a delivery row, and no other will come. Makes
 * the start quick. Saved inside a transaction. */
must_check
int store_save_low_water(struct store *store, int64_t row, struct err *err);

/* Counts since the store was made; saved in the same transaction as what they count. */
struct store_tally {
    int64_t accepted, duplicates, replayed;
    int64_t delivered, discarded, dead;
    int64_t attempts;
};
must_check
int store_load_tally(struct store *store, struct store_tally *ret, struct err *err);
must_check
int store_save_tally(struct store *store, const struct store_tally *tally,
                     struct err *err);

/* --- background: each in its own transactions, so never inside one ---------------- */
/* A failure that does not latch is a full disk: try again later. */

/* Files the next slice when all its row numbers were handed out: about every 8,192 events
 * (store/slice.h). Numbers of a transaction that is under way must not be among them. */
must_check
int store_index_step(struct store *store, bool *ret_has_filed, struct err *err);
/* Removes up to @max_events terminal events received before @before_ms, and old marks.
 * Looks at a bounded number of events and goes on from there the next time: 0 may only
 * mean that many still wait. */
must_check
int store_retain_step(struct store *store, int64_t before_ms, int64_t now_ms,
                      size_t max_events, size_t *ret_n, struct err *err);
/* Moves the log into the file when it is larger than 16 MiB or @is_idle. -1: latched. */
must_check
int store_checkpoint(struct store *store, bool is_idle, struct err *err);

/* --- names, keys, tokens, functions, endpoints: each inside a transaction ------------
 */

/* The number of a subscription's name, made on first sight; 1 to 65535. */
must_check
int store_subscription(struct store *store, struct bytes name, uint16_t *ret_number,
                       struct err *err);

enum { STORE_HASH_LEN = 16 };

struct store_key {
    int64_t row; /* 0: a new one */
    struct bytes name;
    struct bytes subscriptions; /* names joined by ','; empty: all */
    uint8_t hash[STORE_HASH_LEN];
    struct bytes sealed; /* the key itself, sealed (context "key", row) */
    int64_t created_at_ms;
    int64_t revoked_at_ms; /* 0: valid */
};
enum { STORE_EXISTS = 2 };
/* *ret_row before the insert, so that the value can be sealed for it. */
must_check
int store_new_key_row(struct store *store, int64_t *ret_row, struct err *err);
/* STORE_EXISTS when a key with this hash is there. */
must_check
int store_add_key(struct store *store, const struct store_key *key, struct err *err);
typedef void store_key_fn(void *arg, const struct store_key *key);
must_check
int store_each_key(struct store *store, store_key_fn *fn, void *arg, struct err *err);
/* @now_ms may be yet to come; an earlier time than the one that is set replaces it. */
must_check
int store_revoke_key(struct store *store, int64_t row, int64_t now_ms, bool *ret_changed,
                     struct err *err);

struct store_token { /* for the admin listener */
    int64_t row;
    struct bytes name, role; /* role: viewer, operator, admin */
    uint8_t hash[STORE_HASH_LEN];
    int64_t created_at_ms, revoked_at_ms;
};
/* STORE_EXISTS when a token with this hash is there. */
must_check
int store_add_token(struct store *store, const struct store_token *token,
                    int64_t *ret_row, struct err *err);
typedef void store_token_fn(void *arg, const struct store_token *token);
must_check
int store_each_token(struct store *store, store_token_fn *fn, void *arg, struct err *err);
must_check
int store_revoke_token(struct store *store, int64_t row, int64_t now_ms,
                       bool *ret_changed, struct err *err);

/* The version with this source, made on first sight. */
must_check
int store_function_version(struct store *store, struct bytes name,
                           const uint8_t sha256[SHA256_LEN], struct bytes source,
                           int64_t now_ms, int64_t *ret_version, struct err *err);

must_check
int store_set_paused(struct store *store, struct bytes endpoint, bool is_paused,
                     int64_t now_ms, struct err *err);
typedef void store_name_fn(void *arg, struct bytes name);
must_check
int store_each_paused(struct store *store, store_name_fn *fn, void *arg, struct err *err);

/* A replay's job row; its deliveries are put by store_put_delivery. */
must_check
int store_add_replay(struct store *store, struct bytes query, int64_t matched,
                     int64_t now_ms, int64_t *ret_row, struct err *err);
