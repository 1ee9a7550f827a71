/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * people - rows of users, sessions and invitations. What may be done is decided in
 * service/access/; here it is written. All inside a transaction of the store's writer.
 */

#include "store/store.h"

struct store_user {
    int64_t row; /* 0: a new one */
    struct bytes name;
    struct bytes role;
    struct bytes password; /* argon2id's text; empty: none yet */
    int64_t created_at_ms, changed_at_ms;
};
/* STORE_EXISTS when a user has this name, in whatever case. */
must_check
int store_add_user(struct store *store, const struct store_user *user, int64_t *ret_row,
                   struct err *err);
/* Role, password and changed_at of the row. */
must_check
int store_set_user(struct store *store, const struct store_user *user, struct err *err);
/* With sessions and invitation. */
must_check
int store_remove_user(struct store *store, int64_t row, struct err *err);
typedef void store_user_fn(void *arg, const struct store_user *user);
must_check
int store_each_user(struct store *store, store_user_fn *fn, void *arg, struct err *err);

struct store_session {
    int64_t row;
    uint8_t hash[STORE_HASH_LEN];
    int64_t user;
    int64_t created_at_ms, used_at_ms, expires_at_ms;
};
must_check
int store_add_session(struct store *store, const struct store_session *session,
                      int64_t *ret_row, struct err *err);
must_check
int store_use_session(struct store *store, int64_t row, int64_t now_ms, struct err *err);
must_check
int store_end_session(struct store *store, int64_t row, struct err *err);
/* All of a user's but @except (0: none). */
must_check
int store_end_sessions(struct store *store, int64_t user, int64_t except,
                       struct err *err);
/* Those that expired, or were used last before @used_before_ms. */
must_check
int store_expire_sessions(struct store *store, int64_t now_ms, int64_t used_before_ms,
                          struct err *err);
typedef void store_session_fn(void *arg, const struct store_session *session);
must_check
int store_each_session(struct store *store, store_session_fn *fn, void *arg,
                       struct err *err);

struct store_invitation {
    int64_t user; /* 0: the first user is made with it */
    uint8_t hash[STORE_HASH_LEN];
    int64_t expires_at_ms;
};
/* In the place of the user's last one. */
must_check
int store_put_invitation(struct store *store, const struct store_invitation *invitation,
                         struct err *err);
must_check
int store_drop_invitation(struct store *store, int64_t user, struct err *err);
typedef void store_invitation_fn(void *arg, const struct store_invitation *invitation);
must_check
int store_each_invitation(struct store *store, store_invitation_fn *fn, void *arg,
                          struct err *err);
