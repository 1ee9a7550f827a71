/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * installs - whose destinations we set up: one row an install of our app, and one an
 * attempt that is on its way through the browser.
 *
 * Tokens, keys' texts and PKCE verifiers are sealed by the vault (context "install" or
 * "attempt", the row as associated data); state and cookie are stored as keyed hashes
 * only. Everything below is inside a transaction of the store's writer (an errand).
 */

#include "store/store.h"

struct sql;
struct store;

/* Contexts of store/vault for these rows. */
#define INSTALLS_TOKEN "install"
#define INSTALLS_ATTEMPT "attempt"

struct store_oauth_attempt {
    int64_t row;
    uint8_t state_hash[STORE_HASH_LEN], cookie_hash[STORE_HASH_LEN];
    struct bytes subscription; /* the key is made for it; empty: all */
    struct bytes sealed;       /* PKCE verifier */
    int64_t expires_at_ms;
};
/* Of the last STORE_MAX_ATTEMPTS: older ones go; what has expired goes too. */
enum { STORE_MAX_ATTEMPTS = 100000 };
/* Numbers, here and for installs, ascend and are never used twice: a sealed value fits
 * one row for good. */
must_check
int store_new_attempt_row(struct store *store, int64_t *ret_row, struct err *err);
/* STORE_EXISTS when an attempt has this state. */
must_check
int store_add_attempt(struct store *store, const struct store_oauth_attempt *attempt,
                      int64_t now_ms, struct err *err);
/*
 * Takes the attempt with this state out of the table: single use, whatever happens next.
 * 0; STORE_LATE when its time was up (it is kept for another hour, so that who comes late
 * can be told); STORE_NONE when there is none, or it began in another browser (then it
 * stays: a stranger's guess must not spoil it). *ret_attempt's texts live in @arena.
 * Commit after all answers.
 */
struct arena;
enum { STORE_NONE = 3, STORE_LATE = 4, STORE_LATE_MS = 3600000 };
struct store_claim { /* what the browser brings back */
    uint8_t state_hash[STORE_HASH_LEN], cookie_hash[STORE_HASH_LEN];
    int64_t now_ms;
};
must_check
int store_take_attempt(struct store *store, const struct store_claim *claim,
                       struct arena *arena, struct store_oauth_attempt *ret_attempt,
                       struct err *err);

/* Upkeep, in a transaction of its own: removes up to @max_rows attempts
 * that expired more than STORE_LATE_MS ago. */
must_check
int store_expire_step(struct store *store, int64_t now_ms, size_t max_rows, size_t *ret_n,
                      struct err *err);

struct store_install {
    int64_t row;            /* 0: a new one */
    int64_t number;         /* Segment's: installs/7; unique */
    struct bytes app;       /* "apps/2"; may be empty */
    struct bytes workspace; /* "workspaces/acme" */
    struct bytes source;    /* name; empty: the scope has none */
    struct bytes scope, subscription;
    struct bytes destination; /* name; empty: none yet */
    struct bytes state;       /* core/enabling.h's words */
    struct bytes sealed;      /* the token; empty: none */
    int64_t expires_at_ms;
    int64_t generation; /* one more for each token */
    int64_t key;        /* row of its key, 0: none */
    bool was_created;   /* we made the destination; else it existed */
    struct bytes drift; /* JSON of the last sync; empty: none or never */
    struct bytes fault; /* code of the last failure; empty: none */
    int64_t created_at_ms, updated_at_ms, synced_at_ms;
};
must_check
int store_new_install_row(struct store *store, int64_t *ret_row, struct err *err);
/* The install of Segment's @number, if we hold it. 0; STORE_NONE. Texts in @arena. */
must_check
int store_find_install(struct store *store, int64_t number, struct arena *arena,
                       struct store_install *ret_install, struct err *err);
/*
 * Inserts or, by row, replaces; all members as given. An install whose number is there
 * already (the same one, exchanged anew) takes that row's place and keeps its number of
 * row: *ret_row says which. So look with store_find_install before you seal its token and
 * go on from its generation: a token sealed for another row is refused. A token of the
 * generation that is there stays as it lies in the store, which may have sealed it anew
 * since this one was read; only an empty one takes it away.
 */
must_check
int store_put_install(struct store *store, const struct store_install *install,
                      int64_t *ret_row, struct err *err);
struct store_renewal {
    int64_t row;
    int64_t generation; /* of the token that is replaced */
    struct bytes sealed;
    int64_t expires_at_ms, now_ms;
};
/* Sets a new token if nobody else did. False in *ret_won: another refresher was first, or
 * the install is forgotten; nothing has changed. */
must_check
int store_renew_install(struct store *store, const struct store_renewal *renewal,
                        bool *ret_won, struct err *err);
must_check
int store_forget_install(struct store *store, int64_t row, bool *ret_changed,
                         struct err *err);
typedef void store_install_fn(void *arg, const struct store_install *install);
/* Newest first. @fn must not call the store. */
must_check
int store_each_install(struct store *store, store_install_fn *fn, void *arg,
                       struct err *err);
/* The same walk for a reader (store/reader.h's connection), without the tokens. */
must_check
int installs_each(struct sql *sql, store_install_fn *fn, void *arg, struct err *err);
