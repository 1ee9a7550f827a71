/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * recovery - what the store knows when the service starts: numbers, keys, and which
 * deliveries are still to be made. One thread, before all others.
 */

#include "service/due.h"
#include "service/keyring.h"
#include "service/snapshot.h"
#include "service/tally.h"

struct recovery {
    struct due
        *due; /* what has been tried already; the rest comes by and by (backfill.h) */
    int64_t n_due; /* with the rest */
    int64_t low_water, next_row;
    char **paused; /* endpoint hosts */
    size_t n_paused;
    /* while reading */
    struct keyring *keyring;
    struct tally *tally;
    struct err *err;
    bool has_failed;
};

must_check
int recovery_read(struct recovery *recovery, struct store *store,
                  struct snapshot *snapshot, struct keyring *keyring, struct tally *tally,
                  struct err *err);
void recovery_done(struct recovery *recovery);
/* Makes DATA/admin.token (0600) and its token when there is none yet. */
must_check
int recovery_admin_token(struct store *store, const struct vault *vault,
                         struct keyring *keyring, const char *data, struct err *err);
