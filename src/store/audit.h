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
struct store_audit_page {
    int64_t before; /* rows below this one; 0: from the newest */
    int64_t limit;
    struct bytes actor; /* "ana", or "user ana"; empty: anybody's */
    int64_t total;      /* is set: how many there are of the actor */
};
/* The newest first. */
must_check
int reader_audit(struct reader *reader, struct store_audit_page *page, store_audit_fn *fn,
                 void *arg, struct err *err);
