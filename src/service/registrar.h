/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * registrar - who talks to Segment about installs: a few threads that block on purpose.
 *
 * A job is a script: call, decide (core/enabling), commit through keeper, call again. It
 * reads from top to bottom and may be killed anywhere: what was committed is where the
 * next run goes on. One job at a time for an install (its lease); who wants the same
 * refresh waits for the one that is under way and reads its result. Jobs are bounded;
 * when there are too many, the asker is told to try later. Every day each install is
 * compared with what we set.
 *
 * Installs in memory are copies of the committed rows (registrar_put), tokens sealed.
 *
 * A code is good for one exchange, and a lost answer to it would leave an install that
 * nobody has the token of, and a customer who cannot press again ("install already
 * exists"). So the code is committed, sealed, before it is sent, as a row with a number
 * below zero; a start that finds one sends it once more: either it had not arrived, or
 * Segment takes back what it had given for it, and the button works again.
 */

#include "core/enabling.h"
#include "store/installs.h"

struct config;
struct secret;
struct keeper;
struct keyring;
struct registrar;
struct snapshot;
struct vault;

enum { REGISTRAR_THREADS = 4, REGISTRAR_JOBS = 2048 };

/* How a job ended. Texts live during the callback. */
struct registrar_result {
    enum enabling_fault fault; /* NONE: it went well */
    char why[256];             /* Segment's own words, for people; to be escaped */
    bool is_created;           /* the destination was made now, not only set */
    const struct store_install *install; /* as committed; NULL: there is none */
    struct bytes destination;            /* the API's JSON of it, the key that we made
                                            masked; empty: none */
    struct bytes drift;                  /* of a sync */
};
typedef void registrar_done_fn(void *arg, const struct registrar_result *result);

enum registrar_event {
    REGISTRAR_GRANTED = 0, /* a token was stored for the first time */
    REGISTRAR_CREATED,     /* the destination */
    REGISTRAR_UPDATED,
    REGISTRAR_FAILED,
    REGISTRAR_CHANGED, /* anything else: a new token, a look, forgotten */
};
struct registrar_options {
    struct keyring *keyring;
    const struct vault *vault;
    /* In the registrar's threads, after the commit. May be NULL. */
    void (*event_fn)(void *arg, enum registrar_event event,
                     const struct registrar_result *result);
    void *arg;
};

must_check
struct registrar *registrar_new(const struct registrar_options *options);
/* Takes up what a crash left unfinished, begins the daily look. */
void registrar_start(struct registrar *registrar, struct keeper *keeper);
/* A configuration, from now on; it stays until the process ends (service/snapshot.h). */
void registrar_use(struct registrar *registrar, const struct snapshot *snapshot);
/* Jobs under way end their call first; those that wait are told that we stop. */
void registrar_stop(struct registrar *registrar);
void registrar_free(struct registrar *registrar);
/* A committed row, at the start and after each write. */
void registrar_put(struct registrar *registrar, const struct store_install *install);

/* The committed rows, oldest first, without those of codes under way. @fn must not call
 * the registrar. */
void registrar_each(struct registrar *registrar, store_install_fn *fn, void *arg);
/* How many those are; *ret_number is the oldest one's, 0: none. */
must_check
size_t registrar_count(struct registrar *registrar, int64_t *ret_number);
/* The install that this key (store's row) was made for, 0: none. */
must_check
int64_t registrar_of_key(struct registrar *registrar, int64_t key);
must_check
bool registrar_has(struct registrar *registrar, int64_t number);

/* Each is false when there are too many jobs: answer 503. @fn is called once, in one of
 * the registrar's threads. */
struct registrar_code {
    struct bytes code, verifier, redirect_uri;
    struct bytes subscription; /* the key is made for it; empty: all */
    int64_t pressed_at_ms;     /* wall; 0: not known */
};
must_check
bool registrar_exchange(struct registrar *registrar, const struct registrar_code *code,
                        registrar_done_fn *fn, void *arg);
/* The install of @number: goes on, updates the destination. "installed already" leads
 * here too, when we hold that one. */
must_check
bool registrar_sync(struct registrar *registrar, int64_t number, bool may_mend,
                    registrar_done_fn *fn, void *arg);
must_check
bool registrar_refresh(struct registrar *registrar, int64_t number, registrar_done_fn *fn,
                       void *arg);
/* Forgets our copy; its key stays valid for a day. */
must_check
bool registrar_forget(struct registrar *registrar, int64_t number, registrar_done_fn *fn,
                      void *arg);
/* The token itself, refreshed when it is near its end; for `install token --reveal`. */
typedef void registrar_token_fn(void *arg, const struct secret *token,
                                const struct registrar_result *result);
must_check
bool registrar_token(struct registrar *registrar, int64_t number, registrar_token_fn *fn,
                     void *arg);
/* A press, a consent and a callback without a browser, at the local Segment only; or the
 * sync of the install that is there already. */
must_check
bool registrar_approve(struct registrar *registrar, struct bytes redirect_uri,
                       registrar_done_fn *fn, void *arg);
