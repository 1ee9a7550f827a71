/* SPDX-License-Identifier: MIT */

#include "store/reader_cursor.h"

#include "store/sql.h"

enum { STEPS = 8 }; /* as many as one look-up costs */

void cursor_done(struct cursor *cursor)
{
    sql_resetp(&cursor->statement);
    *cursor = (struct cursor){.literal = cursor->literal};
}

static int step(struct cursor *cursor, struct err *err)
{
    int result = sql_step(cursor->statement, err);

    cursor->at = result == SQL_ROW ? sql_i64(cursor->statement, 0) : 0;
    return result < 0 ? -1 : 0;
}

static int look_up(struct cursor *cursor, struct sql *sql, int64_t row, struct err *err)
{
    cursor->asked = 0;
    cursor->statement = sql_use(sql, cursor->literal, err);
    if (cursor->statement == NULL)
        return -1;
    sql_bind(cursor->statement, 1, row);
    return step(cursor, err);
}

int cursor_seek(struct cursor *cursor, struct sql *sql, int64_t row, struct err *err)
{
    if (row < 1)
        return 0; /* numbers begin at 1: 0 is where a cursor stands that is at no row */
    for (int n = 0; row <= cursor->asked && cursor->at > row && n < STEPS; n++) {
        if (step(cursor, err) < 0)
            return -1;
    }
    if ((row > cursor->asked || cursor->at > row) && look_up(cursor, sql, row, err) < 0)
        return -1;
    cursor->asked = row;
    return cursor->at == row ? 1 : 0;
}
