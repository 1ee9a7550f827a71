/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * access_store - keys and tokens in a store that no service has open.
 */

#include "base/buf.h"

struct access_new;
struct access_store;
struct call;
struct err;

enum { ACCESS_STORE_LOCKED = 1 };

/* Opens (or makes) store and vault where the configuration and --data say.
 * ACCESS_STORE_LOCKED when a service has them. */
must_check
int access_store_open(const struct call *call, struct access_store **ret_store,
                      struct err *err);
void access_store_close(struct access_store *store); /* NULL is fine */

/* Borrowed. */
struct store;
struct vault;
void access_store_parts(struct access_store *access, struct store **ret_store,
                        struct vault **ret_vault);

must_check
int access_store_add_key(struct access_store *store, const struct access_new *wanted,
                         struct buf *ret_json, struct err *err);
must_check
int access_store_add_token(struct access_store *store, const struct access_new *wanted,
                           struct buf *ret_json, struct err *err);
must_check
int access_store_list_keys(struct access_store *store, struct buf *ret_json,
                           struct err *err);
must_check
int access_store_list_tokens(struct access_store *store, struct buf *ret_json,
                             struct err *err);
/* @id whole. Revoking again is fine. */
must_check
int access_store_revoke(struct access_store *store, bool is_key, const char *id,
                        struct err *err);
