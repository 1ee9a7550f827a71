/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * enable_state - what the files of enable share: cookies, hashes, and visits.
 *
 * Two cookies, both HttpOnly and SameSite=Lax: one an attempt (its name ends in the tag),
 * and one that says which install this browser has made, so that a later press can be
 * told about it. With https they have the __Host- prefix, which browsers then insist on.
 */

#include <pthread.h>

#include "base/map.h"
#include "service/desk.h"
#include "service/enable.h"
#include "store/vault.h"

enum { ENABLE_COOKIE_BYTES = 512, ENABLE_WHY_BYTES = 256 };

/* What became of an attempt whose browser has come back. */
struct visit {
    struct list_link age; /* the oldest first */
    char tag[ENABLE_TAG_LEN + 1];
    uint8_t cookie_hash[VAULT_HASH_LEN];
    int64_t began_ms; /* monotonic */
    bool is_over;
    bool is_discreet; /* the browser did not prove that the install is its own */
    char why[ENABLE_WHY_BYTES];
    struct enable_story story; /* its texts in the arena */
    struct arena arena;
    struct list parked;
};

/* A request that waits for the end of a visit. The desk's until its time has come. */
struct parked {
    struct desk_job timer;
    struct list_link link;
    struct site *site;
    struct server_request *request;
    char tag[ENABLE_TAG_LEN + 1];
    bool is_callback, wants_json;
    bool is_answered;
};

struct enable {
    pthread_mutex_t lock;
    struct map visits; /* by tag */
    struct list by_age;
    size_t n_parked;
};

/* The keyed hash under which state and cookie are stored. */
void enable_hash(const struct site *site, struct bytes text,
                 uint8_t ret_hash[VAULT_HASH_LEN]);
/* Set-Cookie of the attempt with @state. */
void enable_write_cookie(const struct site *site, struct bytes state, const char *value,
                         char ret_text[ENABLE_COOKIE_BYTES]);
/* What the browser sent for the tag; empty: nothing. */
struct bytes enable_read_cookie(const struct site *site, struct server_request *request,
                                struct bytes tag);
/* Set-Cookie for the browser that has made this install; and whether one says so. */
void enable_write_known(const struct site *site, int64_t number,
                        char ret_text[ENABLE_COOKIE_BYTES]);
must_check
int64_t enable_read_known(const struct site *site, struct server_request *request);

/* --- enable_visit.c: under the lock of enable, but for the last three ------------------
 */

must_check
struct visit *visit_new(struct enable *enable, const char *tag,
                        const uint8_t cookie_hash[VAULT_HASH_LEN]);
/* Now when it is over, or later if @what, which is copied, is a callback. */
void visit_answer(struct visit *visit, const struct parked *what);
/* Tells all who wait. */
void visit_end(struct visit *visit);
/* The attempt is over, or under way, and this is its browser once more: reload, back. */
must_check
bool visit_answer_again(const struct parked *parked,
                        const uint8_t cookie_hash[VAULT_HASH_LEN]);
/* For visit_job_done, which frees it: a registrar_done_fn of the visit's job. */
struct pending;
must_check
struct pending *visit_pending(struct site *site, const char *tag);
struct registrar_result;
void visit_job_done(void *arg, const struct registrar_result *result);
