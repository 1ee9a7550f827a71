/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * filed - which rows may have a name, or the id of a user: the table of that name.
 *
 * An entry is 8 bytes, little-endian: a hash of the value in the upper 51 bits, below it
 * the row's place in its slice. Entries of a part are sorted. Equal hashes are no proof:
 * who finds a row looks at its head. That is also why the hash needs no secret: who would
 * aim at a value with others of the same hash can as well send the value itself, which
 * costs the reader just as much.
 */

#include "base/bytes.h"
#include "store/slice.h"

struct err;
struct sql;

/* What is looked for: an id of a user (user or anonymous), or a name. */
enum filed_kind { FILED_ID = 0, FILED_NAME };
uint64_t filed_key(enum filed_kind kind, struct bytes value);

/* Rows of one slice, a bit each. */
struct filed_rows {
    uint64_t bits[(SLICE_ROWS + 63) / 64];
};

/* Files the full slice, inside a transaction: also the times of its spans. */
must_check
int filed_add(struct sql *sql, int64_t slice, struct err *err);
/* Adds those of the slice that may have the value. */
must_check
int filed_find(struct sql *sql, int64_t slice, uint64_t key, struct filed_rows *rows,
               struct err *err);
/* Takes the row's entries of its slice out, if it is filed: before its head is blanked.
 */
must_check
int filed_forget(struct sql *sql, int64_t row, struct err *err);
/* Drops the oldest slice when all of it lies below the row; inside a transaction. */
must_check
int filed_drop(struct sql *sql, int64_t below_row, struct err *err);

/* Takes the highest row out: its place in the slice, -1 when none is left. */
int filed_pop_highest(struct filed_rows *rows);
int filed_pop_lowest(struct filed_rows *rows);
