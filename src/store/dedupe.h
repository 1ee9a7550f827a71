/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * dedupe - the filed marks: the tables mark and mark_block.
 *
 * An entry is 24 bytes: the mark, then a little-endian number, the row's place in its
 * slice in the low 13 bits and above it when the event was received. Entries of a part
 * are sorted. Sixty-four slices are a block: it has a Bloom filter, in memory, which
 * answers nearly every question without touching a table; when the block is full it is
 * saved, so that a start reads the marks of the last block only. A block whose marks are
 * all older than the window is dropped.
 */

#include "store/bloom.h"
#include "store/marks.h"

struct err;
struct sql;
struct dedupe_block;

struct dedupe {
    struct dedupe_block *blocks; /* by number, ascending */
    size_t n_blocks;
};

/* Reads the filters, and the marks of slices that are in no full block. */
must_check
int dedupe_open(struct dedupe *dedupe, struct sql *sql, struct err *err);
void dedupe_done(struct dedupe *dedupe);
/* The newest event with @mark received after @after_ms. 1 found, 0 not, -1. */
must_check
int dedupe_find(struct dedupe *dedupe, struct sql *sql, const struct dedupe_mark *mark,
                int64_t after_ms, struct marks_entry *ret_entry, struct err *err);

/* Marks of one slice, each once. */
struct dedupe_slice {
    int64_t number;
    struct marks_entry *entries;
    size_t n_entries;
};
/* Files them inside a transaction. A filter that knows a mark that was
 * rolled back only asks its slices once too often. */
must_check
int dedupe_add(struct dedupe *dedupe, struct sql *sql, const struct dedupe_slice *slice,
               struct err *err);
/* Drops some slices of the oldest block when all its marks are older than @before_ms,
 * inside a transaction. *ret_dropped: that was all of it; after the commit call
 * dedupe_forget_oldest. */
must_check
int dedupe_drop(struct dedupe *dedupe, struct sql *sql, int64_t before_ms,
                bool *ret_dropped, struct err *err);
void dedupe_forget_oldest(struct dedupe *dedupe);
