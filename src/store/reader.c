/* SPDX-License-Identifier: MIT */

#include "store/reader.h"

#include "base/err.h"
#include "base/mem.h"
#include "store/keys.h"
#include "store/migrate.h"
#include "store/reader_rows.h"

int reader_open(const char *path, struct reader **ret_reader, struct err *err)
{
    struct reader *reader = mem_new(struct reader);

    if (sql_open(path, SQL_READ, &reader->sql, err) < 0 ||
        migrate_check(reader->sql, path, err) < 0) {
        reader_close(reader);
        return -1;
    }
    *ret_reader = reader;
    return 0;
}

void reader_close(struct reader *reader)
{
    if (reader == NULL)
        return;
    sql_close(reader->sql);
    free(reader);
}

static int get(struct reader *reader, int64_t event_row, struct arena *arena,
               struct reader_event *ret_event, struct err *err)
{
    const struct rows_deliveries walk = {.needs_attempts = true};
    cleanup(rows_cursors_done) struct rows_cursors cursors = {0};
    struct rows_head head;
    int result;

    rows_cursors_init(&cursors);
    result = rows_head(reader, event_row, &cursors, &head, err);
    if (result != SQL_ROW)
        return result;
    return rows_event(reader, &head, &walk, arena, ret_event, err) < 0 ? -1 : 1;
}

int reader_get(struct reader *reader, int64_t event_row, struct arena *arena,
               struct reader_event *ret_event, struct err *err)
{
    int result;

    if (sql_begin(reader->sql, err) < 0)
        return -1;
    result = get(reader, event_row, arena, ret_event, err);
    sql_rollback(reader->sql);
    return result;
}

int reader_event_of(struct reader *reader, int64_t delivery_row, int64_t *ret_event_row,
                    struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *select =
        sql_use(reader->sql,
                "SELECT coalesce((SELECT event FROM delivery WHERE id = ?1),"
                " (SELECT id FROM event WHERE id = ?1))",
                err);

    if (select == NULL)
        return -1;
    sql_bind(select, 1, delivery_row);
    if (sql_step(select, err) != SQL_ROW)
        return -1;
    if (sql_is_null(select, 0))
        return 0;
    *ret_event_row = sql_i64(select, 0);
    return 1;
}

int reader_replay(struct reader *reader, int64_t row, struct arena *arena,
                  struct reader_replay *ret_replay, struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *select =
        sql_use(reader->sql,
                "SELECT created_at, query, matched,"
                " (SELECT count(*) FROM delivery WHERE replay = ?1 AND state = 4),"
                " (SELECT count(*) FROM delivery WHERE replay = ?1 AND state = 5),"
                " (SELECT count(*) FROM delivery WHERE replay = ?1 AND state = 6)"
                " FROM replay WHERE id = ?1",
                err);
    struct bytes query;
    int result;

    if (select == NULL)
        return -1;
    sql_bind(select, 1, row);
    result = sql_step(select, err);
    if (result != SQL_ROW)
        return result;
    query = sql_bytes(select, 1);
    *ret_replay = (struct reader_replay){
        .row = row,
        .created_at_ms = sql_i64(select, 0),
        .query = bytes_of(arena_copy(arena, query), query.len),
        .matched = sql_i64(select, 2),
        .delivered = sql_i64(select, 3),
        .discarded = sql_i64(select, 4),
        .dead = sql_i64(select, 5),
    };
    return 1;
}

int reader_newest_replay(struct reader *reader, int64_t *ret_row, struct err *err)
{
    return sql_number(reader->sql, "SELECT max(id) FROM replay", 0, ret_row, err);
}

int reader_replays(struct reader *reader, struct arena *arena,
                   struct reader_replays *ret_replays, struct err *err)
{
    int64_t row;

    ret_replays->n = 0;
    if (reader_newest_replay(reader, &row, err) < 0)
        return -1;
    for (; row > 0 && ret_replays->n < READER_REPLAYS; row--) {
        int found =
            reader_replay(reader, row, arena, &ret_replays->list[ret_replays->n], err);

        if (found < 0)
            return -1;
        ret_replays->n += found > 0;
    }
    return 0;
}

int reader_each_key(struct reader *reader, store_key_fn *fn, void *arg, struct err *err)
{
    return keys_each(reader->sql, KEYS_WITHOUT_SEALED, fn, arg, err);
}

int reader_each_token(struct reader *reader, store_token_fn *fn, void *arg,
                      struct err *err)
{
    return keys_each_token(reader->sql, fn, arg, err);
}

int reader_each_install(struct reader *reader, store_install_fn *fn, void *arg,
                        struct err *err)
{
    return installs_each(reader->sql, fn, arg, err);
}

static int count_deliveries(struct reader *reader, struct store_tally *counted,
                            struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *walk =
        sql_use(reader->sql,
                "SELECT state, count(*), sum(attempts), count(replay) FROM delivery"
                " GROUP BY state",
                err);
    int result = -1;

    if (walk == NULL)
        return -1;
    while ((result = sql_step(walk, err)) == SQL_ROW) {
        enum delivery_state state = (enum delivery_state)sql_i64(walk, 0);

        if (state == DELIVERY_DELIVERED)
            counted->delivered = sql_i64(walk, 1);
        else if (state == DELIVERY_DISCARDED)
            counted->discarded = sql_i64(walk, 1);
        else if (state == DELIVERY_DEAD)
            counted->dead = sql_i64(walk, 1);
        counted->attempts += sql_i64(walk, 2);
        counted->replayed += sql_i64(walk, 3);
    }
    return result;
}

int reader_count(struct reader *reader, struct store_tally *ret_counted, struct err *err)
{
    struct store_tally counted = {0};
    int result;

    if (sql_begin(reader->sql, err) < 0)
        return -1;
    result =
        sql_number(reader->sql, "SELECT count(*) FROM event", 0, &counted.accepted, err);
    if (result == 0)
        result = count_deliveries(reader, &counted, err);
    sql_rollback(reader->sql);
    if (result == 0)
        *ret_counted = counted;
    return result;
}
