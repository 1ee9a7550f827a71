/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * exports - which exports there are and how far each has come, so that one goes on where
 * it was after a restart. Their files lie beside the store (service/console/exports.h).
 */

#include "store/store.h"

enum store_export_state { EXPORT_FAILED = 0, EXPORT_RUNNING, EXPORT_DONE };

struct store_export {
    int64_t row; /* 0: a new one */
    int64_t created_at_ms;
    struct bytes query;
    enum store_export_state state;
    int64_t below;   /* events below this row follow; 0: from the newest */
    int64_t matched; /* -1: not known */
    int64_t done;    /* events that are in the file, */
    int64_t bytes;   /* which has so many bytes on disk */
    int64_t ended_at_ms;
    struct bytes why; /* it failed; else empty */
};

/* Each inside a transaction. Inserts, or sets how far it is; the row is then known. */
must_check
int store_put_export(struct store *store, struct store_export *export, struct err *err);
must_check
int store_remove_export(struct store *store, int64_t row, struct err *err);
/* The oldest first. @fn must not call the store. */
typedef void store_export_fn(void *arg, const struct store_export *export);
must_check
int store_each_export(struct store *store, store_export_fn *fn, void *arg,
                      struct err *err);
