/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * reader_source - the rows of events that may match, newest first.
 *
 * One source for each group of the query, from the index that serves it best; they are
 * merged. Sources use what the background has filed, and look through the slice that it
 * has not. They may give rows that do not match, never leave out one that does.
 */

#include "store/filed.h"
#include "store/reader_rows.h"

struct source {
    struct sql_statement *statement; /* then, of a source with a key: the slices */
    int64_t row;                     /* the next one; 0: no more */
    uint64_t key;                    /* what is looked for; 0: nothing */
    int64_t low, high;               /* in filed rows from here to below there */
    int64_t slice;                   /* at hand */
    struct filed_rows rows;          /* of it, still to come */
};

struct sources {
    struct sql *sql;
    struct source of_group[QUERY_MAX_TERMS];
    size_t n_sources;
};

struct sources_wanted {
    const struct query *query;
    bool is_dead_list;
    int64_t below_row; /* INT64_MAX: all */
    int64_t indexed;
};

must_check
int sources_open(struct sources *sources, struct reader *reader,
                 const struct sources_wanted *wanted, struct err *err);
/* Before the transaction ends. */
void sources_done(struct sources *sources);
/* 1 and *ret_row, 0 no more, -1. */
must_check
int sources_next(struct sources *sources, int64_t *ret_row, struct err *err);
