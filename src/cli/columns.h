/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * columns - a table for people: as wide as its content, cut at the terminal's edge.
 *
 * On a terminal the cells of the widest column are shortened so that a line does not
 * wrap, but for ids, which are what the next command is given; elsewhere nothing is cut.
 */

#include "base/arena.h"
#include "cli/print.h"

enum { COLUMNS_MAX = 10 };

struct columns {
    struct arena arena;
    size_t n_columns;
    struct bytes *cells; /* n_columns a row; the first row holds the titles */
    size_t n_cells;
};

/* @titles: "WHEN ID TYPE", separated by blanks, '_' shown as a blank. End with _done. */
void columns_init(struct columns *columns, const char *titles);
void columns_done(struct columns *columns);
/* The next cell, row by row; cleaned and copied. */
void columns_add(struct columns *columns, struct bytes text);
void columns_add_text(struct columns *columns, const char *text);
void columns_add_i64(struct columns *columns, int64_t number);
bool columns_has_rows(const struct columns *columns);
void columns_print(const struct columns *columns, const struct print *print);
