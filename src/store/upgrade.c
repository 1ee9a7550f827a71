/* SPDX-License-Identifier: MIT */

#include "store/upgrade.h"

#include <stdio.h>

#include "segment/event.h"
#include "store/head.h"
#include "store/inside.h"

enum { BATCH = 1000, NAME_BYTES = 40, TEXT_BYTES = 300 };

struct batch {
    int64_t after; /* the last row whose head is there */
    bool is_last;
};

static int add_heads(struct store *store, void *arg, struct err *err)
{
    struct batch *batch = arg;
    cleanup(sql_resetp) struct sql_statement *walk =
        sql_use(store->sql,
                "SELECT id, received_at, subscription, key, payload FROM event"
                " WHERE id > ?1 ORDER BY id LIMIT ?2",
                err);
    int result = -1, n = 0;

    if (walk == NULL)
        return -1;
    sql_bind(walk, 1, batch->after);
    sql_bind(walk, 2, BATCH);
    while ((result = sql_step(walk, err)) == SQL_ROW) {
        const struct store_event event = {.row = sql_i64(walk, 0),
                                          .received_at_ms = sql_i64(walk, 1),
                                          .subscription = (uint16_t)sql_i64(walk, 2),
                                          .key = sql_i64(walk, 3),
                                          .payload = sql_bytes(walk, 4)};

        if (head_add(store->sql, &event, &store->scratch, err) < 0)
            return -1;
        batch->after = event.row;
        n++;
    }
    batch->is_last = n < BATCH;
    return result;
}

int upgrade_heads(struct store *store, struct err *err)
{
    struct batch batch = {0};
    int64_t last;

    if (sql_number(store->sql, "SELECT max(id) FROM search", 0, &batch.after, err) < 0 ||
        sql_number(store->sql, "SELECT max(id) FROM event", 0, &last, err) < 0)
        return -1;
    batch.is_last = last <= batch.after;
    while (!batch.is_last) {
        if (store_transact(store, add_heads, &batch, err) < 0)
            return -1;
    }
    return 0;
}

static int take_marks(struct store *store, void *arg, struct err *err)
{
    const char *table = arg;
    char text[TEXT_BYTES];

    snprintf(text, sizeof(text),
             "INSERT OR IGNORE INTO mark_left SELECT event, received_at, mark FROM %s"
             " WHERE event > (SELECT indexed FROM progress) AND event NOT IN"
             " (SELECT id FROM event); DROP TABLE %s",
             table, table);
    return sql_exec(store->sql, text, err);
}

/* 1 and a table of marks as they were, 0 there is none, -1. */
static int next_table(struct store *store, char ret_name[NAME_BYTES], struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *tables =
        sql_use(store->sql,
                "SELECT substr(name, 8) FROM sqlite_schema"
                " WHERE type = 'table' AND name GLOB 'dedupe_[0-9]*' LIMIT 1",
                err);
    int result = tables != NULL ? sql_step(tables, err) : -1;

    if (result == SQL_ROW)
        snprintf(ret_name, NAME_BYTES, "dedupe_%lld", (long long)sql_i64(tables, 0));
    return result;
}

int upgrade_marks(struct store *store, struct err *err)
{
    char name[NAME_BYTES];
    int result;

    while ((result = next_table(store, name, err)) == 1) {
        if (store_transact(store, take_marks, name, err) < 0)
            return -1;
    }
    return result;
}
