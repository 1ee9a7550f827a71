/* SPDX-License-Identifier: MIT */
#pragma once

/* audit - rows of what was done by whom (service/access/audit.h). */

#include "store/store.h"

struct reader;

enum { STORE_AUDIT_ROWS = 100000, STORE_AUDIT_STRANGERS = 10000 };

struct store_audit {
    int64_t row; /* 0: a new one */
    int64_t at_ms;
    struct bytes actor, role, action, subject, peer;
    int64_t status; /* 0: not known (yet) */
    bool is_stranger;
};
/* Inside a transaction. The oldest rows go when there are too many. */
must_check
int store_add_audit(struct store *store, const struct store_audit *audit,
                    int64_t *ret_row, struct err *err);
must_check
int store_set_audit_status(struct store *store, int64_t row, int64_t status,
                           struct err *err);

typedef void store_audit_fn(void *arg, const struct store_audit *audit);
/* The newest first, below row @before (0: from the newest), @limit of them; and how many
 * there are in all. */
must_check
int reader_audit(struct reader *reader, int64_t before, int64_t limit, store_audit_fn *fn,
                 void *arg, int64_t *ret_total, struct err *err);
