/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * reseal - a store and its vault: that they belong together, and how they get another
 * master key.
 *
 * A rotation: vault_add_key, so that what is sealed from now on has the new key; then
 * walks over all rows with sealed values that seal with the new key what has an old one,
 * in small transactions between everybody else's; then, when a whole walk found nothing
 * to do, vault_drop_old_keys. It may be killed anywhere: all keys of the file open until
 * the end, and the next rotation goes on instead of making one more key.
 */

#include "base/attr.h"
#include "base/bytes.h"

struct err;
struct store;
struct vault;

/*
 * After both are open, before anything is looked up: the store's hashing key becomes the
 * vault's, and is put in when it has none. -1 with PA1031: another store's master key.
 */
must_check
int reseal_marry(struct store *store, struct vault *vault, struct err *err);

struct reseal {        /* zeroed at first */
    size_t part;       /* which table */
    int64_t after_row; /* of it */
    int64_t n_stale;   /* of this walk */
    int64_t n_looked, n_done, n_broken;
    bool is_over; /* a whole walk found nothing with an old key */
};

/*
 * Goes on for some hundred rows and about 4 MiB, inside a transaction of the writer; on
 * a rollback put back the value that *reseal had. Values that do not open are left, and
 * counted in n_broken; the old keys must stay for them, and it is over without them.
 */
must_check
int reseal_step(struct store *store, const struct vault *vault, struct reseal *reseal,
                struct err *err);
