/* SPDX-License-Identifier: MIT */

#include "store/head.h"

#include <assert.h>

#include "segment/event.h"
#include "store/sql.h"
#include "store/store.h"

static_assert(EVENT_IDENTIFY == 1 && EVENT_TRACK == 2 && EVENT_PAGE == 3 &&
                  EVENT_SCREEN == 4 && EVENT_GROUP == 5 && EVENT_ALIAS == 6 &&
                  EVENT_DELETE == 7 && EVENT_REQUEST == 8,
              "kinds are stored as their numbers");

int head_add(struct sql *sql, const struct store_event *stored, struct buf *scratch,
             struct err *err)
{
    struct sql_statement *insert = sql_use(
        sql,
        "INSERT INTO search VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        err);
    struct event event;

    if (insert == NULL)
        return -1;
    buf_clear(scratch);
    /* It was judged when it came in: what it lacks now, it was allowed to lack. */
    if (event_judge_stored(stored->payload, scratch, &event) != EVENT_GOOD)
        event.type = bytes_of(NULL, 0);
    sql_bind(insert, 1, stored->row);
    sql_bind(insert, 2, stored->received_at_ms);
    sql_bind(insert, 3, stored->subscription);
    sql_bind(insert, 4, stored->key);
    sql_bind(insert, 5, (int64_t)event.kind);
    sql_bind_text(insert, 6, event.name);
    sql_bind_text(insert, 7, event.user_id);
    sql_bind_text(insert, 8, event.anonymous_id);
    sql_bind_text(insert, 9, event.group_id);
    sql_bind_text(insert, 10, event.previous_id);
    sql_bind_text(insert, 11, event.message_id);
    sql_bind(insert, 12, (int64_t)stored->payload.len);
    return sql_run(insert, err) == 0 ? 0 : -1;
}
