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
 */

#include "core/enabling.h"
#include "store/installs.h"

struct config;
struct secret;
struct keeper;
struct keyring;
struct registrar;
struct site;
struct vault;

enum { REGISTRAR_THREADS = 4, REGISTRAR_JOBS = 2048 };

/* How a job ended. Texts live during the callback. */
struct registrar_result {
    enum enabling_fault fault; /* NONE: it went well */
    char why[256];             /* Segment's own words, for people; to be escaped */
    bool is_created;           /* the destination was made now, not only set */
    const struct store_install *install; /* as committed; NULL: there is none */
    struct bytes destination;            /* the API's JSON of it; empty: none */
    struct bytes drift;                  /* of a sync */
};
typedef void registrar_done_fn(void *arg, const struct registrar_result *result);

must_check
struct registrar *registrar_new(struct keeper *keeper, struct keyring *keyring,
                                const struct vault *vault);
/* Takes up what a crash left unfinished, begins the daily look. */
void registrar_start(struct registrar *registrar);
void registrar_use(struct registrar *registrar, const struct config *config);
void registrar_stop(
    struct registrar *registrar); /* jobs under way end their call first */
void registrar_free(struct registrar *registrar);
/* A committed row, at the start and after each write. */
must_check
int registrar_put(struct registrar *registrar, const struct store_install *install,
                  struct err *err);
void registrar_drop(struct registrar *registrar, int64_t row);

/* Each is false when there are too many jobs: answer 503. @fn is called once, in one of
 * the registrar's threads. */
must_check
bool registrar_exchange(struct registrar *registrar, struct bytes code,
                        const struct store_oauth_attempt *attempt, registrar_done_fn *fn,
                        void *arg);
/* The install of @number: goes on, updates the destination. "installed already" leads
 * here too, when we hold one of that workspace. */
must_check
bool registrar_sync(struct registrar *registrar, int64_t number, bool may_mend,
                    registrar_done_fn *fn, void *arg);
must_check
bool registrar_refresh(struct registrar *registrar, int64_t number, registrar_done_fn *fn,
                       void *arg);
/* The token itself, refreshed when it is near its end; for `install token --reveal`. */
must_check
bool registrar_token(struct registrar *registrar, int64_t number,
                     void (*fn)(void *arg, const struct secret *token,
                                const struct registrar_result *result),
                     void *arg);
