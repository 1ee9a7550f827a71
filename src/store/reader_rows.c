/* SPDX-License-Identifier: MIT */

#include "store/reader_rows.h"

#include "base/err.h"
#include "base/mem.h"

#define DELIVERY_COLUMNS                                                                 \
    "d.id, d.event, d.created_at, d.subscription, d.replay, d.function_version, "        \
    "d.state,"                                                                           \
    " d.attempts, d.next_at, d.settled_at, d.error_name, d.superseded"

/* --- heads -------------------------------------------------------------------------- */

static const char *const filed_heads =
    "SELECT id, received_at, subscription, key, kind, name, user, anonymous, grp,"
    " previous, message, coalesce(size, (SELECT length(payload) FROM event"
    " WHERE event.id = search.id)) FROM search WHERE id <= ?1 ORDER BY id DESC";
static const char *const first_deliveries =
    "SELECT " DELIVERY_COLUMNS ", 0, d.detail FROM delivery AS d"
    " WHERE d.id <= ?1 ORDER BY d.id DESC";
static const char *const payloads =
    "SELECT id, payload FROM event WHERE id <= ?1 ORDER BY id DESC";

void rows_cursors_init(struct rows_cursors *cursors)
{
    *cursors = (struct rows_cursors){.heads = {.literal = filed_heads},
                                     .deliveries = {.literal = first_deliveries},
                                     .payloads = {.literal = payloads}};
}

void rows_cursors_done(struct rows_cursors *cursors)
{
    cursor_done(&cursors->heads);
    cursor_done(&cursors->deliveries);
    cursor_done(&cursors->payloads);
}

int rows_head(struct reader *reader, int64_t row, struct rows_cursors *cursors,
              struct rows_head *ret_head, struct err *err)
{
    int result = cursor_seek(&cursors->heads, reader->sql, row, err);
    struct sql_statement *select = cursors->heads.statement;

    if (result == 1)
        *ret_head = (struct rows_head){
            .row = row,
            .received_at_ms = sql_i64(select, 1),
            .subscription = (uint16_t)sql_i64(select, 2),
            .key = sql_i64(select, 3),
            .kind = (enum event_kind)sql_i64(select, 4),
            .name = sql_bytes(select, 5),
            .user_id = sql_bytes(select, 6),
            .anonymous_id = sql_bytes(select, 7),
            .group_id = sql_bytes(select, 8),
            .previous_id = sql_bytes(select, 9),
            .message_id = sql_bytes(select, 10),
            .size_bytes = sql_i64(select, 11),
        };
    return result;
}

/* --- deliveries --------------------------------------------------------------------- */

static const char *const first_delivery =
    "SELECT " DELIVERY_COLUMNS ", 0, d.detail FROM delivery AS d"
    " WHERE d.id = ?1 AND d.replay IS NULL";
static const char *const replayed_deliveries =
    "SELECT " DELIVERY_COLUMNS ", r.created_at, d.detail FROM delivery AS d"
    " LEFT JOIN replay AS r ON r.id = d.replay"
    " WHERE d.event = ?1 AND d.replay IS NOT NULL ORDER BY d.id";

static enum delivery_state live_state(const struct rows_deliveries *walk, int64_t row,
                                      enum delivery_state stored)
{
    if (walk->live_state == NULL || delivery_is_terminal(stored))
        return stored;
    return walk->live_state(walk->arg, row, stored);
}

struct bytes rows_attempts(const struct rows_deliveries *walk)
{
    return walk->statement != NULL ? sql_bytes(walk->statement, 13) : bytes_of(NULL, 0);
}

static void read_delivery(const struct rows_deliveries *walk,
                          struct reader_delivery *ret_delivery)
{
    struct sql_statement *row = walk->statement;

    *ret_delivery = (struct reader_delivery){
        .row = sql_i64(row, 0),
        .event = sql_i64(row, 1),
        .created_at_ms = sql_i64(row, 2),
        .subscription = (uint16_t)sql_i64(row, 3),
        .replay = sql_i64(row, 4),
        .function_version = sql_i64(row, 5),
        .state = live_state(walk, sql_i64(row, 0), (enum delivery_state)sql_i64(row, 6)),
        .attempts = (unsigned)sql_i64(row, 7),
        .next_at_ms = sql_i64(row, 8),
        .settled_at_ms = sql_i64(row, 9),
        .error_name = sql_bytes(row, 10),
        .superseded_by = sql_i64(row, 11),
        .replay_created_at_ms = sql_i64(row, 12),
    };
    if (walk->needs_attempts)
        ret_delivery->attempts_json = rows_attempts(walk);
}

static int ask(struct reader *reader, struct rows_deliveries *walk, const char *literal,
               struct err *err)
{
    walk->statement = sql_use(reader->sql, literal, err);
    if (walk->statement == NULL)
        return -1;
    sql_bind(walk->statement, 1, walk->head->row);
    return sql_step(walk->statement, err);
}

static int ask_first(struct reader *reader, struct rows_deliveries *walk, struct err *err)
{
    struct cursor *cursor;
    int result;

    if (walk->cursors == NULL)
        return ask(reader, walk, first_delivery, err);
    cursor = &walk->cursors->deliveries;
    result = cursor_seek(cursor, reader->sql, walk->head->row, err);
    walk->statement = cursor->statement;
    return result;
}

static int take_first(struct reader *reader, struct rows_deliveries *walk,
                      struct reader_delivery *ret_delivery, struct err *err)
{
    int result = ask_first(reader, walk, err);

    walk->stage = walk->has_no_replays ? ROWS_END : ROWS_ASK;
    if (result < 0)
        return -1;
    if (result == SQL_ROW) {
        read_delivery(walk, ret_delivery);
        return 1;
    }
    walk->statement = NULL;
    *ret_delivery = (struct reader_delivery){
        .row = walk->head->row,
        .event = walk->head->row,
        .created_at_ms = walk->head->received_at_ms,
        .subscription = walk->head->subscription,
        .state = live_state(walk, walk->head->row, DELIVERY_QUEUED),
    };
    return 1;
}

int rows_next_delivery(struct reader *reader, struct rows_deliveries *walk,
                       struct reader_delivery *ret_delivery, struct err *err)
{
    int result;

    if (walk->stage == ROWS_END)
        return 0;
    if (walk->stage == ROWS_FIRST)
        return take_first(reader, walk, ret_delivery, err);
    if (walk->stage == ROWS_ASK)
        result = ask(reader, walk, replayed_deliveries, err);
    else
        result = sql_step(walk->statement, err);
    walk->stage = result == SQL_ROW ? ROWS_REPLAYS : ROWS_END;
    if (result == SQL_ROW)
        read_delivery(walk, ret_delivery);
    return result;
}

/* --- names -------------------------------------------------------------------------- */

static struct bytes keep(struct arena *arena, struct bytes bytes)
{
    return bytes.len > 0 ? bytes_of(arena_copy(arena, bytes), bytes.len)
                         : bytes_of(NULL, 0);
}

int reader_origin(struct reader *reader, int64_t key, struct arena *arena,
                  struct reader_origin *ret_origin, struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *select =
        sql_use(reader->sql,
                "SELECT key.name, key.created_at, install.number, install.source FROM key"
                " LEFT JOIN install ON install.key = key.id WHERE key.id = ?1"
                " ORDER BY install.id DESC LIMIT 1",
                err);
    int result;

    *ret_origin = (struct reader_origin){0};
    if (select == NULL)
        return -1;
    sql_bind(select, 1, key);
    result = sql_step(select, err);
    if (result == SQL_ROW) {
        ret_origin->key_name = keep(arena, sql_bytes(select, 0));
        ret_origin->key_created_at_ms = sql_i64(select, 1);
        ret_origin->install = sql_i64(select, 2);
        ret_origin->source = keep(arena, sql_bytes(select, 3));
    }
    return result < 0 ? -1 : 0;
}

int reader_function(struct reader *reader, int64_t version, struct arena *arena,
                    struct bytes *ret_name, struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *select =
        sql_use(reader->sql, "SELECT name FROM function_version WHERE id = ?1", err);
    int result;

    *ret_name = bytes_of(NULL, 0);
    if (select == NULL)
        return -1;
    sql_bind(select, 1, version);
    result = sql_step(select, err);
    if (result == SQL_ROW)
        *ret_name = keep(arena, sql_bytes(select, 0));
    return result < 0 ? -1 : 0;
}

int rows_subscription(struct reader *reader, uint16_t number, struct arena *arena,
                      struct bytes *ret_name, struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *select =
        sql_use(reader->sql, "SELECT name FROM subscription WHERE id = ?1", err);
    int result;

    *ret_name = bytes_of(NULL, 0);
    if (select == NULL)
        return -1;
    sql_bind(select, 1, number);
    result = sql_step(select, err);
    if (result == SQL_ROW)
        *ret_name = keep(arena, sql_bytes(select, 0));
    return result < 0 ? -1 : 0;
}

/* --- whole events ------------------------------------------------------------------- */

int rows_payload(struct reader *reader, int64_t row, struct rows_cursors *cursors,
                 struct bytes *ret_payload, struct err *err)
{
    int result = cursor_seek(&cursors->payloads, reader->sql, row, err);

    *ret_payload =
        result == 1 ? sql_bytes(cursors->payloads.statement, 1) : bytes_of(NULL, 0);
    return result < 0 ? -1 : 0;
}

static int add_bodies(struct reader *reader, struct arena *arena,
                      struct reader_event *event, struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *select = sql_use(
        reader->sql,
        "SELECT sha256, settings IS NOT NULL, payload FROM event WHERE id = ?1", err);
    int result;

    if (select == NULL)
        return -1;
    sql_bind(select, 1, event->row);
    result = sql_step(select, err);
    if (result != SQL_ROW)
        return result;
    if (sql_bytes(select, 0).len == SHA256_LEN)
        memcpy(event->sha256, sql_bytes(select, 0).ptr, SHA256_LEN);
    event->has_settings = sql_i64(select, 1) != 0;
    event->payload = keep(arena, sql_bytes(select, 2));
    event->is_erased = event->payload.len == 0;
    return 0;
}

static int add_deliveries(struct reader *reader, struct rows_deliveries walk,
                          struct arena *arena, struct reader_event *event,
                          struct err *err)
{
    struct reader_delivery delivery, *found = NULL;
    size_t n_found = 0;
    int result;

    while ((result = rows_next_delivery(reader, &walk, &delivery, err)) == 1) {
        delivery.error_name = keep(arena, delivery.error_name);
        delivery.attempts_json = keep(arena, delivery.attempts_json);
        if ((n_found & (n_found + 1)) == 0)
            found = mem_grow(found, 2 * n_found + 1, sizeof(*found));
        found[n_found++] = delivery;
    }
    if (n_found > 0) {
        event->deliveries = arena_zero(arena, n_found * sizeof(*found));
        memcpy(event->deliveries, found, n_found * sizeof(*found));
        event->n_deliveries = n_found;
    }
    free(found);
    return result;
}

int rows_event(struct reader *reader, const struct rows_head *head,
               const struct rows_deliveries *walk, struct arena *arena,
               struct reader_event *ret_event, struct err *err)
{
    struct rows_deliveries deliveries = *walk;
    struct rows_head first = *head; /* its slices end with the next head */
    struct reader_origin origin;

    *ret_event = (struct reader_event){
        .row = head->row,
        .received_at_ms = head->received_at_ms,
        .subscription = head->subscription,
        .key = head->key,
        .kind = head->kind,
        .name = keep(arena, head->name),
        .user_id = keep(arena, head->user_id),
        .anonymous_id = keep(arena, head->anonymous_id),
        .group_id = keep(arena, head->group_id),
        .previous_id = keep(arena, head->previous_id),
        .message_id = keep(arena, head->message_id),
    };
    deliveries.head = &first;
    deliveries.stage = ROWS_FIRST;
    if (add_bodies(reader, arena, ret_event, err) < 0 ||
        reader_origin(reader, head->key, arena, &origin, err) < 0 ||
        rows_subscription(reader, head->subscription, arena,
                          &ret_event->subscription_name, err) < 0)
        return -1;
    ret_event->key_name = origin.key_name;
    ret_event->key_created_at_ms = origin.key_created_at_ms;
    return add_deliveries(reader, deliveries, arena, ret_event, err);
}
