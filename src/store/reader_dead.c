/* SPDX-License-Identifier: MIT */

#include "store/reader_rows.h"
#include "json/json.h"

enum { DETAIL_BYTES = 1 << 20 };

/* Literals are remembered by their address. ?1: how many letters are looked at. Counting
 * needs the head of each row only; what is far behind in it, the attempts, is read of two
 * rows of each group. */
static const char *const groups_select =
    "SELECT s.name, error_name, count(*), min(settled_at), max(settled_at),"
    " min(d.id), max(d.id), sum(count(*)) OVER () FROM (SELECT id, subscription,"
    " error_name, settled_at, superseded FROM delivery WHERE state = 6 AND state <> 4"
    " ORDER BY event DESC LIMIT ?1) d LEFT JOIN subscription s ON s.id = d.subscription"
    " WHERE d.superseded = 0 GROUP BY d.subscription, error_name"
    " ORDER BY max(settled_at) DESC";

static const struct json *last_of(const struct json *array)
{
    size_t n = json_count(array);

    return n > 0 ? json_at(array, n - 1) : NULL;
}

/* The attempts of a delivery; NULL: there are none, or they are no JSON. */
static int read_attempts(struct reader *reader, int64_t row, struct json **ret_attempts,
                         struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *select =
        sql_use(reader->sql, "SELECT detail FROM delivery WHERE id = ?1", err);
    cleanup(buf_done) struct buf text = {0};
    int result;

    *ret_attempts = NULL;
    if (select == NULL)
        return -1;
    sql_bind(select, 1, row);
    result = sql_step(select, err);
    if (result != SQL_ROW)
        return result;
    buf_init(&text, DETAIL_BYTES);
    buf_add_char(&text, '[');
    buf_add(&text, sql_bytes(select, 0));
    buf_add_char(&text, ']');
    if (text.full || json_parse(buf_bytes(&text), ret_attempts, NULL) < 0)
        *ret_attempts = NULL;
    return 0;
}

static int read_sample(struct reader *reader, int64_t row, struct arena *arena,
                       struct reader_dead_sample *ret, struct err *err)
{
    cleanup(json_freep) struct json *attempts = NULL;
    const struct json *attempt, *request;
    struct bytes message, url;

    if (read_attempts(reader, row, &attempts, err) < 0)
        return -1;
    attempt = last_of(attempts);
    request = last_of(json_get(attempt, "requests"));
    message = json_string(json_path(attempt, "error.message"));
    url = json_string(json_get(request, "url"));
    ret->message = bytes_of(arena_copy(arena, message), message.len);
    ret->url = bytes_of(arena_copy(arena, url), url.len);
    ret->status = (int)json_i64(json_path(request, "response.status"));
    return 0;
}

static struct bytes keep(struct arena *arena, struct bytes text)
{
    return bytes_of(arena_copy(arena, text), text.len);
}

static int read_samples(struct reader *reader, struct arena *arena,
                        struct reader_dead_groups *groups, struct err *err)
{
    for (size_t i = 0; i < groups->n; i++) {
        struct reader_dead_group *group = &groups->list[i];

        if (read_sample(reader, group->first_row, arena, &group->oldest, err) < 0 ||
            read_sample(reader, group->last_row, arena, &group->newest, err) < 0)
            return -1;
    }
    return 0;
}

static int read_groups(struct reader *reader, struct arena *arena,
                       struct reader_dead_groups *groups, struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *select =
        sql_use(reader->sql, groups_select, err);
    int result;

    if (select == NULL)
        return -1;
    sql_bind(select, 1, READER_DEAD_LOOKS);
    while ((result = sql_step(select, err)) == SQL_ROW) {
        groups->n_letters = sql_i64(select, 7);
        groups->total++;
        if (groups->n == READER_DEAD_GROUPS)
            continue;
        groups->list[groups->n++] = (struct reader_dead_group){
            .subscription = keep(arena, sql_bytes(select, 0)),
            .error_name = keep(arena, sql_bytes(select, 1)),
            .count = sql_i64(select, 2),
            .first_at_ms = sql_i64(select, 3),
            .last_at_ms = sql_i64(select, 4),
            .first_row = sql_i64(select, 5),
            .last_row = sql_i64(select, 6),
        };
    }
    return result;
}

int reader_dead_groups(struct reader *reader, struct arena *arena,
                       struct reader_dead_groups *ret_groups, struct err *err)
{
    int result;

    *ret_groups = (struct reader_dead_groups){0};
    if (sql_begin(reader->sql, err) < 0)
        return -1;
    result = read_groups(reader, arena, ret_groups, err);
    if (result == 0)
        result = read_samples(reader, arena, ret_groups, err);
    sql_rollback(reader->sql);
    return result;
}
