/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * access - keys and tokens: through a running service, else in the store itself.
 *
 * A service holds its store locked; so who gets the lock is alone, and may write. Both
 * ways answer in the admin API's words, so the commands see no difference.
 */

#include "base/buf.h"

struct call;
struct err;

enum access_kind { ACCESS_KEYS = 0, ACCESS_TOKENS };

struct access_new {
    const char *name;
    struct bytes subscriptions; /* of a key: names joined by ','; empty: all */
    const char *role;           /* of a token */
    struct bytes value;         /* of a key; empty: make one */
};

/* Adds {"id","key"|"token","name"[,"role"]}. */
must_check
int access_create(const struct call *call, enum access_kind kind,
                  const struct access_new *wanted, struct buf *ret_json, struct err *err);
/* Adds {"data":[…],"next":null,"total":N}. */
must_check
int access_list(const struct call *call, enum access_kind kind, struct buf *ret_json,
                struct err *err);
/* @id may be a unique prefix; the whole one is added to @ret_id. An unknown one is
 * exit 5. */
must_check
int access_revoke(const struct call *call, enum access_kind kind, const char *id,
                  struct buf *ret_id, struct err *err);
