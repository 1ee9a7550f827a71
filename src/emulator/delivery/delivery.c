/* SPDX-License-Identifier: MIT */

#include "emulator/delivery/delivery.h"

#include "emulator/delivery/attempt.h"
#include "emulator/delivery/deliveries.h"
#include "emulator/world/world.h"
#include "json/write.h"

/* Of one attempt's calls, bodies and logs in a report; ten attempts may be in one. */
enum {
    SHOWN_CALLS = 3, /* a lambda's with a role: Invoke, its token too old, STS, Invoke */
    SHOWN_BYTES = 4096,
    SHOWN_LOGS = 20,
    REPORT_BYTES = 256 << 10,
};

static struct bytes keep(struct arena *arena, struct bytes text)
{
    return bytes_of(arena_copy(arena, text), text.len);
}

/* --- rows --------------------------------------------------------------------------- */

void delivery_add(struct world *world, const struct delivery *delivery)
{
    struct sql_statement *row = world_use(
        world, "INSERT INTO delivery (id, destination, message_id, event, received_at,"
               " next_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)");

    sql_bind(row, 1, delivery->id);
    sql_bind_text(row, 2, delivery->destination);
    sql_bind_text(row, 3, delivery->message_id);
    sql_bind_text(row, 4, delivery->event);
    sql_bind(row, 5, delivery->received_at_ms);
    sql_bind(row, 6, delivery->next_at_ms);
    world_run_traffic(row);
}

bool delivery_read(struct world *world, int64_t id, struct arena *arena,
                   struct delivery *ret_delivery)
{
    struct sql_statement *row = world_use(
        world, "SELECT destination, message_id, received_at, attempts, first_attempt_at,"
               " next_at, report FROM delivery WHERE id = ?1");
    bool is_there;

    sql_bind(row, 1, id);
    is_there = world_step(world, row);
    if (is_there)
        *ret_delivery = (struct delivery){
            .id = id,
            .destination = keep(arena, sql_bytes(row, 0)),
            .message_id = keep(arena, sql_bytes(row, 1)),
            .received_at_ms = sql_i64(row, 2),
            .n_attempts = (unsigned)sql_i64(row, 3),
            .first_attempt_at_ms = sql_i64(row, 4),
            .next_at_ms = sql_i64(row, 5),
            .report = keep(arena, sql_bytes(row, 6)),
        };
    sql_reset(row);
    return is_there;
}

bool delivery_read_event(struct world *world, struct arena *arena,
                         struct delivery *delivery)
{
    struct sql_statement *row =
        world_use(world, "SELECT event FROM delivery WHERE id = ?1");
    bool is_there;

    sql_bind(row, 1, delivery->id);
    is_there = world_step(world, row);
    if (is_there)
        delivery->event = keep(arena, sql_bytes(row, 0));
    sql_reset(row);
    return is_there;
}

void delivery_begin(struct world *world, struct delivery *delivery, int64_t at_ms)
{
    struct sql_statement *row;

    if (delivery->first_attempt_at_ms != 0)
        return;
    delivery->first_attempt_at_ms = at_ms;
    row = world_use(world, "UPDATE delivery SET first_attempt_at = ?2 WHERE id = ?1");
    sql_bind(row, 1, delivery->id);
    sql_bind(row, 2, delivery->first_attempt_at_ms);
    world_run_traffic(row);
}

int64_t delivery_deadline_ms(const struct delivery *delivery)
{
    return delivery->first_attempt_at_ms != 0
               ? delivery->first_attempt_at_ms + RETRY_WINDOW_MS
               : 0;
}

void delivery_wait(struct world *world, const struct delivery *delivery)
{
    struct sql_statement *row =
        world_use(world, "UPDATE delivery SET attempts = ?2, next_at = ?3, report = ?4 "
                         "WHERE id = ?1");

    sql_bind(row, 1, delivery->id);
    sql_bind(row, 2, delivery->n_attempts);
    sql_bind(row, 3, delivery->next_at_ms);
    sql_bind_text(row, 4, delivery->report);
    world_run_traffic(row);
}

static void remove_row(struct world *world, int64_t id)
{
    struct sql_statement *row = world_use(world, "DELETE FROM delivery WHERE id = ?1");

    sql_bind(row, 1, id);
    world_run_traffic(row);
}

static void keep_ended(struct world *world, const struct delivery *delivery,
                       int64_t number, struct bytes body)
{
    struct sql_statement *row =
        world_use(world, "INSERT INTO delivered (number, id, destination, body)"
                         " VALUES (?1, ?2, ?3, ?4)");
    struct sql_statement *old =
        world_use(world, "DELETE FROM delivered WHERE number <= ?1");

    sql_bind(row, 1, number);
    sql_bind(row, 2, delivery->id);
    sql_bind_text(row, 3, delivery->destination);
    sql_bind_text(row, 4, body);
    world_run_traffic(row);
    sql_bind(old, 1, number - DELIVERIES_KEPT);
    world_run_traffic(old);
}

void delivery_end(struct world *world, const struct delivery *delivery,
                  enum delivery_end end, int64_t number)
{
    static const char *const states[] = {
        [DELIVERY_DISCARDED] = "discarded",
        [DELIVERY_DELIVERED] = "delivered",
        [DELIVERY_UNSUPPORTED] = "unsupported",
        [DELIVERY_EXPIRED] = "expired",
    };
    cleanup(buf_done) struct buf body = {0};
    struct write write;

    buf_init(&body, 2 * REPORT_BYTES);
    write_init(&write, &body);
    delivery_write(delivery, states[end], &write);
    keep_ended(world, delivery, number, buf_bytes(&body));
    remove_row(world, delivery->id);
}

/* --- the report --------------------------------------------------------------------- */

static struct bytes cut(struct bytes text)
{
    return bytes_slice(text, 0, SHOWN_BYTES);
}

/* A function's return value is JSON: half of one would be none. */
static struct bytes cut_json(struct bytes json)
{
    return json.len <= SHOWN_BYTES ? json : bytes_of(NULL, 0);
}

/* As every attempt is shown, but no more of it than a report has room for. */
static void write_result(const struct attempt_result *result, struct write *write)
{
    struct attempt_result shown = *result;
    struct attempt_call calls[SHOWN_CALLS];
    struct bytes logs[SHOWN_LOGS];

    if (shown.n_calls > SHOWN_CALLS)
        shown.n_calls = SHOWN_CALLS;
    for (size_t i = 0; i < shown.n_calls; i++) {
        calls[i] = result->calls[i];
        calls[i].body = cut(calls[i].body);
        calls[i].response_body = cut(calls[i].response_body);
    }
    shown.calls = calls;
    shown.returned = cut_json(result->returned);
    shown.error = cut_json(result->error);
    if (shown.n_logs > SHOWN_LOGS)
        shown.n_logs = SHOWN_LOGS;
    for (size_t i = 0; i < shown.n_logs; i++)
        logs[i] = bytes_slice(result->logs[i], 0, SHOWN_BYTES / SHOWN_LOGS);
    shown.logs = logs;
    attempt_write(&shown, write);
}

/* Of a partner whose headers alone are too much. */
static void write_briefly(const struct attempt_result *result, struct write *write)
{
    const struct attempt_result shown = {
        .reading = result->reading,
        .retry_after_ms = result->retry_after_ms,
        .duration_us = result->duration_us,
    };

    attempt_write(&shown, write);
}

/* "[a]" and "b" are "[a,b]". False: it does not fit. */
static bool add_entry(struct buf *report, const struct delivery *delivery,
                      const struct delivery_attempt *attempt, bool is_brief)
{
    const struct bytes before = delivery->report;
    struct write write;

    buf_clear(report);
    buf_add(report, bytes_slice(before, 0, before.len - 1));
    if (before.len > 2)
        buf_add_char(report, ',');
    write_init(&write, report);
    write_object(&write);
    write_member_time(&write, "at", attempt->began_at_ms);
    write_member_time(&write, "ended_at", attempt->ended_at_ms);
    if (is_brief)
        write_briefly(attempt->result, &write);
    else
        write_result(attempt->result, &write);
    write_member_time(&write, "next_at", attempt->next_at_ms);
    write_object_end(&write);
    buf_add_char(report, ']');
    return !report->full;
}

void delivery_note_attempt(struct delivery *delivery, struct arena *arena,
                           const struct delivery_attempt *attempt)
{
    cleanup(buf_done) struct buf report = {0};

    buf_init(&report, REPORT_BYTES);
    delivery->n_attempts++;
    delivery->next_at_ms = attempt->next_at_ms;
    if (add_entry(&report, delivery, attempt, /* is_brief= */ false) ||
        add_entry(&report, delivery, attempt, /* is_brief= */ true))
        delivery->report = keep(arena, buf_bytes(&report));
}

void delivery_write(const struct delivery *delivery, const char *state,
                    struct write *write)
{
    write_object(write);
    write_member_i64(write, "id", delivery->id);
    write_member_string(write, "destination", delivery->destination);
    write_member_string(write, "message_id", delivery->message_id);
    write_member_text(write, "state", state);
    write_member_time(write, "received_at", delivery->received_at_ms);
    write_member_raw(write, "attempts", delivery->report);
    write_member_time(write, "next_at", delivery->next_at_ms);
    write_member_time(write, "deadline", delivery_deadline_ms(delivery));
    write_object_end(write);
}
