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

/* It was judged when it came in: what it lacks now, it was allowed to lack. */
static struct event_head read_head(struct bytes payload, struct buf *scratch)
{
    struct event event;

    if (event_judge_stored(payload, scratch, &event) == EVENT_MALFORMED)
        return (struct event_head){0};
    return event_head_of(&event);
}

int head_add(struct sql *sql, const struct store_event *stored, struct buf *scratch,
             struct err *err)
{
    struct sql_statement *insert = sql_use(
        sql,
        "INSERT INTO search VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        err);
    struct event_head head;

    if (insert == NULL)
        return -1;
    head = stored->head != NULL ? *stored->head : read_head(stored->payload, scratch);
    sql_bind(insert, 1, stored->row);
    sql_bind(insert, 2, stored->received_at_ms);
    sql_bind(insert, 3, stored->subscription);
    sql_bind(insert, 4, stored->key);
    sql_bind(insert, 5, (int64_t)head.kind);
    sql_bind_text(insert, 6, head.name);
    sql_bind_text(insert, 7, head.user_id);
    sql_bind_text(insert, 8, head.anonymous_id);
    sql_bind_text(insert, 9, head.group_id);
    sql_bind_text(insert, 10, head.previous_id);
    sql_bind_text(insert, 11, head.message_id);
    sql_bind(insert, 12, (int64_t)stored->payload.len);
    return sql_run(insert, err) == 0 ? 0 : -1;
}
