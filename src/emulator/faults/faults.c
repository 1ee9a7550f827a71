/* SPDX-License-Identifier: MIT */

#include "emulator/faults/faults.h"

#include "base/err.h"
#include "emulator/faults/faults_row.h"
#include "emulator/world/invent.h"
#include "emulator/world/world.h"
#include "json/json.h"
#include "json/write.h"

enum { BODY_BYTES = 65536 };

/* Those whose time is up or whose count is used up are gone, whoever looks. */
static void sweep(struct world *world)
{
    struct sql_statement *statement =
        world_use(world, "DELETE FROM fault WHERE until <= ?1 OR fired >= times");

    sql_bind(statement, 1, world_now_ms(world));
    world_run(world, statement);
}

/* --- drawing ------------------------------------------------------------------------ */

static bool is_wanted(enum fault_what what, const enum fault_what *wanted,
                      size_t n_wanted)
{
    for (size_t i = 0; i < n_wanted; i++) {
        if (wanted[i] == what)
            return true;
    }
    return false;
}

static int64_t draw_delay(struct world *world, int64_t min_ms, int64_t max_ms)
{
    if (max_ms <= min_ms)
        return min_ms;
    return min_ms + (int64_t)(invent_u32(world) % (uint64_t)(max_ms - min_ms + 1));
}

static struct fault read_fault(struct world *world, struct sql_statement *row)
{
    return (struct fault){
        .id = (unsigned)sql_i64(row, 0),
        .what = fault_what_of(sql_bytes(row, 1)),
        .status = (int)sql_i64(row, 2),
        .code = (int)sql_i64(row, 3),
        .delay_ms = draw_delay(world, sql_i64(row, 4), sql_i64(row, 5)),
        .after_bytes = sql_i64(row, 6),
    };
}

static void count(struct world *world, unsigned id)
{
    struct sql_statement *statement =
        world_use(world, "UPDATE fault SET fired = fired + 1 WHERE id = ?1");

    sql_bind(statement, 1, id);
    world_run(world, statement);
}

/* Looked up once until something changes (known.h has the argument). */
static bool is_faultless(struct world *world)
{
    const struct bytes none = bytes_of(NULL, 0);

    if (world->faultless_at == world->n_changes)
        return true;
    if (world_number(world, "SELECT 1 FROM fault LIMIT 1", none, /* otherwise= */ 0) != 0)
        return false;
    world->faultless_at = world->n_changes;
    return true;
}

struct fault faults_draw(struct world *world, const char *where, struct bytes method,
                         struct bytes path, const enum fault_what *wanted,
                         size_t n_wanted)
{
    struct sql_statement *row;
    struct fault fault = {0};

    if (is_faultless(world))
        return fault;
    row = world_use(
        world,
        "SELECT id, what, status, code, delay_min, delay_max, after_bytes, percent"
        " FROM fault WHERE place = ?1 AND (method IS NULL OR ?2 IS NULL OR method = ?2)"
        " AND (path IS NULL OR ?3 IS NULL OR instr(?3, path) > 0)"
        " AND (until IS NULL OR until > ?4) AND (times IS NULL OR fired < times)"
        " ORDER BY id");
    sql_bind_text(row, 1, bytes_str(where));
    sql_bind_text(row, 2, method);
    sql_bind_text(row, 3, path);
    sql_bind(row, 4, world_now_ms(world));
    while (fault.id == 0 && world_step(world, row)) {
        const int64_t percent = sql_i64(row, 7);

        if (is_wanted(fault_what_of(sql_bytes(row, 1)), wanted, n_wanted) &&
            (percent >= 100 || invent_u32(world) % 100 < (uint64_t)percent))
            fault = read_fault(world, row);
    }
    sql_reset(row);
    if (fault.id != 0)
        count(world, fault.id);
    return fault;
}

/* --- rows --------------------------------------------------------------------------- */

/* A clock that runs fast would end one at once. */
static int64_t forgotten_ms(const struct world *world)
{
    const double rate = world->clock.rate > 1 ? world->clock.rate : 1;

    return (int64_t)(FAULT_ROW_FORGOTTEN_MS * rate);
}

static void bind_limit(struct sql_statement *statement, int index, int64_t value)
{
    if (value > 0)
        sql_bind(statement, index, value);
    else
        sql_bind_null(statement, index);
}

static void insert(struct world *world, unsigned id, const struct fault_row *row,
                   struct bytes body)
{
    struct sql_statement *statement = world_use(
        world, "INSERT INTO fault (id, place, method, path, what, status, code, body,"
               " delay_min, delay_max, after_bytes, percent, until, times)"
               " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)");

    sql_bind(statement, 1, id);
    sql_bind_text(statement, 2, bytes_str(row->where));
    sql_bind_text(statement, 3, row->method);
    sql_bind_text(statement, 4, row->path);
    sql_bind_text(statement, 5, bytes_str(fault_what_text(row->what)));
    sql_bind(statement, 6, row->status);
    sql_bind(statement, 7, row->code);
    sql_bind_text(statement, 8, body);
    sql_bind(statement, 9, row->delay_min_ms);
    sql_bind(statement, 10, row->delay_max_ms);
    sql_bind(statement, 11, row->after_bytes);
    sql_bind(statement, 12, row->percent);
    bind_limit(statement, 13, row->until_ms);
    bind_limit(statement, 14, row->times);
    world_run(world, statement);
}

static int print_body(const struct fault_row *row, struct buf *body, struct err *err)
{
    buf_init(body, BODY_BYTES);
    if (row->body != NULL && json_print(row->body, /* indented= */ false, body) != 0)
        return err_set(err, "body is at most %d bytes", BODY_BYTES);
    return 0;
}

static int read_row(struct world *world, const struct json *json, struct fault_row *row,
                    struct buf *body, struct err *err)
{
    if (fault_row_read(json, world_now_ms(world), forgotten_ms(world), row, err) < 0 ||
        print_body(row, body, err) < 0)
        return -1;
    return 0;
}

int faults_add(struct world *world, const struct json *json, unsigned *ret_id,
               struct err *err)
{
    cleanup(buf_done) struct buf body = {0};
    struct fault_row row;

    if (read_row(world, json, &row, &body, err) < 0)
        return -1;
    if (faults_n_active(world) >= FAULTS_MAX)
        return err_set(err, "%d faults are on already", FAULTS_MAX);
    *ret_id = (unsigned)world_next(world, "fault");
    insert(world, *ret_id, &row, buf_bytes(&body));
    return 0;
}

static unsigned find_same(struct world *world, const struct fault_row *row)
{
    struct sql_statement *statement = world_use(
        world, "SELECT id FROM fault WHERE place = ?1 AND what = ?2 AND method IS ?3"
               " AND path IS ?4");
    unsigned id = 0;

    sql_bind_text(statement, 1, bytes_str(row->where));
    sql_bind_text(statement, 2, bytes_str(fault_what_text(row->what)));
    sql_bind_text(statement, 3, row->method);
    sql_bind_text(statement, 4, row->path);
    if (world_step(world, statement))
        id = (unsigned)sql_i64(statement, 0);
    sql_reset(statement);
    return id;
}

int faults_set(struct world *world, const struct json *json, unsigned id,
               unsigned *ret_id, struct err *err)
{
    cleanup(buf_done) struct buf body = {0};
    struct fault_row row;

    if (read_row(world, json, &row, &body, err) < 0)
        return -1;
    sweep(world);
    *ret_id = id != 0 ? id : find_same(world, &row);
    if (*ret_id == 0)
        return faults_add(world, json, ret_id, err);
    (void)faults_remove(world, *ret_id);
    insert(world, *ret_id, &row, buf_bytes(&body));
    return 0;
}

bool faults_remove(struct world *world, unsigned id)
{
    struct sql_statement *statement;

    sweep(world);
    statement = world_use(world, "DELETE FROM fault WHERE id = ?1");
    sql_bind(statement, 1, id);
    world_run(world, statement);
    return sql_n_changed(world->sql) > 0;
}

void faults_clear(struct world *world)
{
    world_run(world, world_use(world, "DELETE FROM fault"));
}

size_t faults_n_active(struct world *world)
{
    sweep(world);
    return (size_t)world_number(world, "SELECT count(*) FROM fault", bytes_of(NULL, 0),
                                0);
}

/* --- writing ------------------------------------------------------------------------ */

/* One literal for both walks: they never overlap. */
#define SELECT_ROWS                                                                      \
    "SELECT id, place, what, method, path, status, code, body, delay_min, delay_max,"    \
    " after_bytes, percent, until, times, fired FROM fault"                              \
    " WHERE ?1 IS NULL OR id = ?1 ORDER BY id"

static void write_answer(struct sql_statement *row, struct write *write)
{
    write_member_i64(write, "status", sql_i64(row, 5));
    if (sql_i64(row, 6) >= 0)
        write_member_i64(write, "code", sql_i64(row, 6));
    if (!sql_is_null(row, 7))
        write_member_raw(write, "body", sql_bytes(row, 7));
}

static void write_delay(struct sql_statement *row, struct write *write)
{
    write_key(write, "delay_ms");
    if (sql_i64(row, 8) == sql_i64(row, 9)) {
        write_i64(write, sql_i64(row, 8));
        return;
    }
    write_array(write);
    write_i64(write, sql_i64(row, 8));
    write_i64(write, sql_i64(row, 9));
    write_array_end(write);
}

static void write_row(struct sql_statement *row, struct write *write)
{
    write_object(write);
    write_member_i64(write, "id", sql_i64(row, 0));
    write_member_string(write, "where", sql_bytes(row, 1));
    write_member_string(write, "what", sql_bytes(row, 2));
    if (!sql_is_null(row, 3))
        write_member_string(write, "method", sql_bytes(row, 3));
    if (!sql_is_null(row, 4))
        write_member_string(write, "path", sql_bytes(row, 4));
    if (fault_what_of(sql_bytes(row, 2)) == FAULT_STATUS)
        write_answer(row, write);
    if (sql_i64(row, 9) > 0)
        write_delay(row, write);
    if (sql_i64(row, 10) >= 0)
        write_member_i64(write, "after_bytes", sql_i64(row, 10));
    write_member_i64(write, "percent", sql_i64(row, 11));
    if (!sql_is_null(row, 12))
        write_member_time(write, "until", sql_i64(row, 12));
    if (!sql_is_null(row, 13))
        write_member_i64(write, "times", sql_i64(row, 13));
    write_member_i64(write, "fired", sql_i64(row, 14));
    write_object_end(write);
}

static bool write_rows(struct world *world, unsigned id, struct write *write)
{
    struct sql_statement *row;
    bool is_any = false;

    sweep(world);
    row = world_use(world, SELECT_ROWS);
    if (id != 0)
        sql_bind(row, 1, id);
    else
        sql_bind_null(row, 1);
    while (world_step(world, row)) {
        write_row(row, write);
        is_any = true;
    }
    return is_any;
}

void faults_write(struct world *world, struct write *write)
{
    write_array(write);
    (void)write_rows(world, 0, write);
    write_array_end(write);
}

bool faults_write_one(struct world *world, unsigned id, struct write *write)
{
    return id != 0 && write_rows(world, id, write);
}
