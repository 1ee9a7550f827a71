/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * errand - a small write that somebody asked for: a key, a token, a pause, a replay.
 *
 * Runs in keeper's thread inside its next transaction; finish_fn is called there once it
 * is durable, or was refused. Embedded in the asker's own object.
 */

#include "base/err.h"
#include "service/mail.h"
#include "store/store.h"

struct errand {
    struct mail mail; /* MAIL_ERRAND */
    /* 0 done; STORE_FULL or -1 with @err: everything in this transaction is undone. An
     * answer that is not an error (not found …) belongs in the asker's object. */
    int (*run_fn)(struct errand *errand, struct store *store, struct err *err);
    struct store_tally change; /* set by run_fn: what it adds to the saved counters */
    /* @err is NULL when it is durable. Owns the errand from here on. */
    void (*finish_fn)(struct errand *errand, const struct err *err);
};

/* The same for a thread that may block until it is durable. @fn may run more than once.
 */
struct keeper;
must_check
int errand_do(struct keeper *keeper,
              int (*fn)(void *arg, struct store *store, struct err *err), void *arg,
              struct err *err);
