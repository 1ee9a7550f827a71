/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * dedupe - the filed marks: one table for every six hours of events.
 *
 * A table is filled in sorted order by the background step and dropped whole when all of
 * it is older than the window. A Bloom filter per table, rebuilt at start, answers nearly
 * every question without touching the table.
 */

#include "store/bloom.h"
#include "store/marks.h"

struct err;
struct sql;
struct dedupe_slice;

struct dedupe {
    struct dedupe_slice *slices; /* by number, ascending */
    size_t n_slices;
};

/* Finds the tables and reads their marks. */
must_check
int dedupe_open(struct dedupe *dedupe, struct sql *sql, struct err *err);
void dedupe_done(struct dedupe *dedupe); /* before its sql is closed */
/* The newest event with @mark received after @after_ms. 1 found, 0 not, -1. */
must_check
int dedupe_find(struct dedupe *dedupe, const struct dedupe_mark *mark, int64_t after_ms,
                struct marks_entry *ret_entry, struct err *err);
/* Makes the tables that @entries need, each in a transaction of its own, so that none can
 * be known here and rolled back there. */
must_check
int dedupe_ensure(struct dedupe *dedupe, struct sql *sql,
                  const struct marks_entry *entries, size_t n_entries, struct err *err);
/* Files @entries (sorts them) inside a transaction, after dedupe_ensure. A filter that
 * knows a mark that was rolled back only asks its table once too often. */
must_check
int dedupe_add(struct dedupe *dedupe, struct marks_entry *entries, size_t n_entries,
               struct err *err);
/* Drops the oldest table when all its marks are older than @before_ms, inside a
 * transaction. *ret_dropped: there was one; after the commit call
 * dedupe_forget_oldest. */
must_check
int dedupe_drop(struct dedupe *dedupe, struct sql *sql, int64_t before_ms,
                bool *ret_dropped, struct err *err);
void dedupe_forget_oldest(struct dedupe *dedupe);
