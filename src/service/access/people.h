/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * people - users, their sessions and invitations, in memory.
 *
 * What the store has, read at the start; keeper changes both in one go, in its thread,
 * so that an errand of keeper's may decide by what stands here. Everybody else reads:
 * thread-safe behind one lock, and what comes out are copies. Secrets are known by the
 * vault's keyed hashes alone.
 *
 * A session ends PEOPLE_IDLE_MS after its last use, PEOPLE_SESSION_MS after its
 * beginning, with its user, with a change of the password (but the one that changed it),
 * or when it is ended. A change of the role is in force at once. Bounded: PEOPLE_MAX
 * users, PEOPLE_SESSIONS sessions each (the oldest goes).
 */

#include "service/access/principal.h"

struct err;
struct people;
struct store;

enum {
    PEOPLE_MAX = 1000,
    PEOPLE_SESSIONS = 20,
    PEOPLE_NAME_BYTES = 65,      /* with its NUL */
    PEOPLE_PASSWORD_BYTES = 129, /* of argon2id's text, with its NUL */
    PEOPLE_IDLE_MS = 30 * 60 * 1000,
    PEOPLE_SESSION_MS = 12 * 60 * 60 * 1000,
    PEOPLE_SETUP_MS = 60 * 60 * 1000,
    PEOPLE_INVITATION_MS = 24 * 60 * 60 * 1000,
};

struct person {
    int64_t row;
    char name[PEOPLE_NAME_BYTES];
    enum keyring_role role;
    char password[PEOPLE_PASSWORD_BYTES]; /* "": not set yet */
    int64_t created_at_ms, changed_at_ms;
};
struct session {
    int64_t row, user;
    uint8_t hash[VAULT_HASH_LEN];
    int64_t created_at_ms, used_at_ms, expires_at_ms;
};
struct invitation {
    int64_t user; /* 0: the first user is made with it */
    uint8_t hash[VAULT_HASH_LEN];
    int64_t expires_at_ms;
};

must_check
struct people *people_new(void);
void people_free(struct people *people);
/* Before keeper has the store. */
must_check
int people_load(struct people *people, struct store *store, struct err *err);

/* --- questions: false when there is none ------------------------------------------- */

size_t people_count(struct people *people);
must_check
bool people_by_name(struct people *people, struct bytes name, struct person *ret_person);
must_check
bool people_by_row(struct people *people, int64_t row, struct person *ret_person);
/* An admin besides @row who has a password. */
must_check
bool people_have_admin_but(struct people *people, int64_t row);
/* Who has the session with this hash, if it lasts. It is used now; *ret_is_news says that
 * the store should know (once a minute). */
must_check
bool people_enter(struct people *people, const uint8_t hash[VAULT_HASH_LEN],
                  int64_t now_ms, struct principal *ret_principal, bool *ret_is_news);
/* The same without being a use of it. */
must_check
bool people_know(struct people *people, const uint8_t hash[VAULT_HASH_LEN],
                 int64_t now_ms, struct principal *ret_principal);
must_check
bool people_session(struct people *people, int64_t row, struct session *ret_session);
/* Usable at @now_ms. */
must_check
bool people_invitation(struct people *people, const uint8_t hash[VAULT_HASH_LEN],
                       int64_t now_ms, struct invitation *ret_invitation);
/* Calls @fn with copies; it may ask people again. */
typedef void people_fn(void *arg, const struct person *person);
void people_each(struct people *people, people_fn *fn, void *arg);
typedef void people_session_fn(void *arg, const struct session *session);
void people_each_session(struct people *people, int64_t now_ms, people_session_fn *fn,
                         void *arg);
/* The user's session that was begun first, when there are PEOPLE_SESSIONS; 0: none. */
must_check
int64_t people_oldest_session(struct people *people, int64_t user);

/* --- changes: keeper's, when they are durable --------------------------------------- */

void people_put(struct people *people, const struct person *person); /* by row */
/* With sessions and invitation. */
void people_remove(struct people *people, int64_t row);
void people_put_session(struct people *people, const struct session *session);
void people_end_session(struct people *people, int64_t row);
/* All of a user's, but that one; 0: really all. */
void people_end_sessions(struct people *people, int64_t user, int64_t except);
/* Those that have ended by themselves. */
void people_forget(struct people *people, int64_t now_ms);
void people_put_invitation(struct people *people, const struct invitation *invitation);
void people_drop_invitation(struct people *people, int64_t user);
