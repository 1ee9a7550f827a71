/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * marks - the dedupe marks of events that the background has not filed yet.
 *
 * In memory, rebuilt at start from the events above the filed slices. What a transaction
 * put in is taken out again when it is rolled back: a mark without its event would make
 * us drop an event for nothing.
 */

#include "core/dedupe.h"

struct marks_entry {
    struct dedupe_mark mark;
    int64_t row; /* 0: a free place */
    int64_t received_at_ms;
};

struct marks {
    struct marks_entry *entries; /* open addressing; the mark is its own hash */
    size_t capacity;             /* a power of two, or 0 */
    size_t n_entries;
    struct marks_entry *undo; /* what stood there before; row 0: nothing */
    size_t n_undo, undo_capacity;
};

void marks_done(struct marks *marks);
/* The event with this mark, or NULL; valid until the next change. */
const struct marks_entry *marks_find(const struct marks *marks,
                                     const struct dedupe_mark *mark);
/* A newer event takes the place of an older one with the same mark. */
void marks_put(struct marks *marks, const struct marks_entry *entry);
/* Those of rows up to @up_to, in no order; the caller frees them. */
must_check
struct marks_entry *marks_list(const struct marks *marks, int64_t up_to, size_t *ret_n);
/* Takes them out. Not while puts are unsettled. */
void marks_forget(struct marks *marks, int64_t up_to);
/* The puts since the last one of these two stay, or are undone. */
void marks_commit(struct marks *marks);
void marks_rollback(struct marks *marks);
