/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * reader_cursor - one row after another of a table, by falling number.
 *
 * A search asks for rows in falling order, mostly the very next: stepping there costs a
 * tenth of looking it up. Rows that lie further on are looked up.
 */

#include "base/bytes.h"

struct err;
struct sql;
struct sql_statement;

struct cursor {
    const char *literal; /* first column the number; WHERE id <= ?1 ORDER BY id DESC */
    struct sql_statement *statement; /* on the row that was found */
    int64_t at;                      /* its row; 0: at the end */
    int64_t asked;                   /* there is none above at, up to this; 0: not used */
};

/* 1 on the row, 0 there is none, -1. What was read before is gone. */
must_check
int cursor_seek(struct cursor *cursor, struct sql *sql, int64_t row, struct err *err);
/* Before its transaction ends. */
void cursor_done(struct cursor *cursor);
