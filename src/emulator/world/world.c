/* SPDX-License-Identifier: MIT */

#include "emulator/world/world.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "emulator/delivery/assumed.h"
#include "emulator/delivery/counters.h"
#include "emulator/delivery/deliveries.h"
#include "emulator/frame/emulator.h"
#include "emulator/frame/exchange.h"
#include "emulator/frame/files.h"
#include "emulator/frame/limits.h"
#include "emulator/inspector/inspector.h"
#include "emulator/tracking/journal.h"
#include "emulator/tracking/known.h"
#include "emulator/tracking/seen.h"
#include "emulator/world/seed.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/rand.h"

enum { VALUE_BYTES = 4 << 20, CHECKPOINT_BYTES = 4 << 20, LEFT_OPEN = 64 };

/* Of the schema; a database of another one is not touched. */
#define SCHEMA_VERSION "1"

/* --- statements --------------------------------------------------------------------- */

/* Nothing that an emulator says afterwards would be true. */
noreturn_fn static void give_up(const struct err *err)
{
    log_line(LOG_ERROR, "the local Segment cannot keep its state",
             LOG_TEXT("why", err->text));
    exit(ERR_FAILED);
}

void world_begin(struct world *world)
{
    struct err err = {0};

    if (world->is_in_transaction)
        return;
    if (sql_begin(world->sql, &err) < 0)
        give_up(&err);
    world->is_in_transaction = true;
}

struct sql_statement *world_use(struct world *world, const char *literal)
{
    struct err err = {0};
    struct sql_statement *statement;

    world_begin(world);
    statement = sql_use(world->sql, literal, &err);
    if (statement == NULL)
        give_up(&err);
    return statement;
}

bool world_step(struct world *world, struct sql_statement *statement)
{
    struct err err = {0};
    const int result = sql_step(statement, &err);

    world->n_changes += sql_is_write(statement);
    if (result < 0)
        give_up(&err);
    return result == SQL_ROW;
}

static bool run_unique(struct sql_statement *statement)
{
    struct err err = {0};
    const int result = sql_run(statement, &err);

    if (result < 0)
        give_up(&err);
    return result != SQL_EXISTS;
}

bool world_run_unique(struct world *world, struct sql_statement *statement)
{
    world->n_changes += sql_is_write(statement);
    return run_unique(statement);
}

void world_run_traffic(struct sql_statement *statement)
{
    if (!run_unique(statement))
        log_line(LOG_ERROR, "a row of the local Segment was there already");
}

void world_run(struct world *world, struct sql_statement *statement)
{
    world->n_changes += sql_is_write(statement);
    world_run_traffic(statement);
}

int64_t world_number(struct world *world, const char *literal, struct bytes text,
                     int64_t otherwise)
{
    struct sql_statement *statement = world_use(world, literal);
    int64_t number = otherwise;

    if (text.ptr != NULL)
        sql_bind_text(statement, 1, text);
    if (world_step(world, statement) && !sql_is_null(statement, 0))
        number = sql_i64(statement, 0);
    sql_reset(statement);
    return number;
}

static struct sql_statement *setting(struct world *world, const char *key,
                                     struct bytes value)
{
    struct sql_statement *statement =
        world_use(world, "INSERT INTO world (key, value) VALUES (?1, ?2) "
                         "ON CONFLICT (key) DO UPDATE SET value = excluded.value");

    sql_bind_text(statement, 1, bytes_str(key));
    sql_bind_text(statement, 2, value);
    return statement;
}

/* Nobody remembers this one, so it does not count as a change. */
static void save_counters(struct world *world)
{
    char text[24];

    counters_settle(world);
    seen_settle(world);
    if (world->n_invented == world->n_invented_saved)
        return;
    snprintf(text, sizeof(text), "%lld", (long long)world->n_invented);
    world_run_traffic(setting(world, "invented", bytes_str(text)));
    world->n_invented_saved = world->n_invented;
}

void world_commit(struct world *world)
{
    struct err err = {0};
    bool is_whole;

    if (!world->is_in_transaction)
        return;
    save_counters(world);
    if (sql_commit(world->sql, &err) < 0)
        give_up(&err);
    world->is_in_transaction = false;
    world->n_left_open = 0;
    if (world->is_persistent && sql_log_bytes(world->sql) > CHECKPOINT_BYTES &&
        sql_checkpoint(world->sql, SQL_TRUNCATE, &is_whole, &err) < 0)
        give_up(&err);
}

void world_leave_open(struct world *world)
{
    if (!world->is_in_transaction)
        return;
    if (world->is_persistent || ++world->n_left_open >= LEFT_OPEN)
        world_commit(world);
}

void world_abort(struct world *world)
{
    if (world->is_in_transaction)
        sql_rollback(world->sql);
    world->is_in_transaction = false;
    world->n_changes++;
    counters_forget(world);
    seen_forget(world);
    world->n_invented_saved = UINT64_MAX;
}

/* --- small values ------------------------------------------------------------------- */

bool world_get(struct world *world, const char *key, struct buf *ret_value)
{
    struct sql_statement *statement =
        world_use(world, "SELECT value FROM world WHERE key = ?1");
    bool is_there;

    sql_bind_text(statement, 1, bytes_str(key));
    is_there = world_step(world, statement);
    if (is_there && ret_value != NULL)
        buf_add(ret_value, sql_bytes(statement, 0));
    sql_reset(statement);
    return is_there;
}

int64_t world_get_i64(struct world *world, const char *key, int64_t otherwise)
{
    return world_number(world, "SELECT CAST(value AS INTEGER) FROM world WHERE key = ?1",
                        bytes_str(key), otherwise);
}

void world_set(struct world *world, const char *key, struct bytes value)
{
    world_run(world, setting(world, key, value));
}

void world_set_i64(struct world *world, const char *key, int64_t value)
{
    char text[24];

    snprintf(text, sizeof(text), "%lld", (long long)value);
    world_set(world, key, bytes_str(text));
}

int64_t world_next(struct world *world, const char *sequence)
{
    char key[64];
    int64_t number;

    snprintf(key, sizeof(key), "next:%s", sequence);
    number = world_get_i64(world, key, 1);
    world_set_i64(world, key, number + 1);
    return number;
}

/* --- time --------------------------------------------------------------------------- */

int64_t world_now_ms(const struct world *world)
{
    return virtual_clock_read(&world->clock, clock_now_ms());
}

/* How far the clock is from the machine's, and its rate: what a restart goes on with. */
static void save_clock(struct world *world)
{
    char rate[32];

    /* Base and wall are of the same moment. */
    virtual_clock_set_rate(&world->clock, world->clock.rate, clock_now_ms());
    snprintf(rate, sizeof(rate), "%.17g", world->clock.rate);
    world_set_i64(world, "clock_base", world->clock.base_ms);
    world_set_i64(world, "clock_wall", clock_wall_ms());
    world_set(world, "clock_rate", bytes_str(rate));
    emulator_wake(world->emulator);
}

/* Time went on, at its rate, while nobody was there; a frozen clock stood still. */
static void load_clock(struct world *world, double default_rate)
{
    const int64_t now_ms = clock_wall_ms();
    const int64_t base_ms = world_get_i64(world, "clock_base", -1);
    cleanup(buf_done) struct buf rate = {0};

    buf_init(&rate, 64);
    world->clock = (struct virtual_clock){
        .base_ms = now_ms, .real_base_ms = clock_now_ms(), .rate = default_rate};
    if (base_ms >= 0) {
        if (world_get(world, "clock_rate", &rate))
            world->clock.rate = strtod(buf_text(&rate), NULL);
        if (!(world->clock.rate >= 0 && world->clock.rate <= VIRTUAL_CLOCK_RATE_MAX))
            world->clock.rate = default_rate; /* a snapshot of somebody's making */
        world->clock.base_ms = base_ms;
        world->clock.real_base_ms -= now_ms - world_get_i64(world, "clock_wall", now_ms);
    }
    save_clock(world);
}

void world_advance(struct world *world, int64_t by_ms)
{
    virtual_clock_advance(&world->clock, by_ms, clock_now_ms());
    save_clock(world);
}

void world_set_rate(struct world *world, double rate)
{
    virtual_clock_set_rate(&world->clock, rate, clock_now_ms());
    save_clock(world);
}

/* --- life --------------------------------------------------------------------------- */

static struct bytes file(const char *path)
{
    return files_find(path);
}

static int make_tables(struct world *world, struct err *err)
{
    return sql_exec(world->sql, file("schema.sql").ptr, err);
}

static void plant(struct world *world)
{
    const struct emulator_options *options = emulator_options(world->emulator);

    world->seed = options->seed;
    world->n_invented = 0;
    world->n_invented_saved = UINT64_MAX;
    world_set(world, "schema", BYTES(SCHEMA_VERSION));
    world_set_i64(world, "seed", (int64_t)world->seed);
    seed_plant(world, options);
}

static int check_version(struct world *world, struct err *err)
{
    cleanup(buf_done) struct buf version = {0};

    buf_init(&version, 32);
    if (world_get(world, "schema", &version) &&
        bytes_eq(buf_bytes(&version), BYTES(SCHEMA_VERSION)))
        return 0;
    err_set(err, "the local Segment's database is of another version");
    return err_help(err, "remove its folder, or name another one: --data DIR");
}

static int fill(struct world *world, struct err *err)
{
    const double rate = emulator_options(world->emulator)->clock_rate;
    int64_t n_tables = 0;

    if (sql_number(world->sql, "SELECT count(*) FROM sqlite_master", 0, &n_tables, err) <
        0)
        return -1;
    if (n_tables > 0) {
        if (check_version(world, err) < 0)
            return -1;
        world->seed = (uint64_t)world_get_i64(world, "seed", 0);
        world->n_invented = (uint64_t)world_get_i64(world, "invented", 0);
        world->n_invented_saved = world->n_invented;
        load_clock(world, rate);
        seed_adjust(world, emulator_options(world->emulator));
        return 0;
    }
    if (make_tables(world, err) < 0)
        return -1;
    load_clock(world, rate);
    plant(world);
    return 0;
}

int world_open(struct emulator *emulator, struct bytes name, const char *path,
               struct world **ret_world, struct err *err)
{
    struct world *world = mem_new(struct world);
    uint64_t hash_seed[2];

    rand_bytes(hash_seed, sizeof(hash_seed));
    world->emulator = emulator;
    world->is_persistent = path != NULL;
    snprintf(world->name, sizeof(world->name), "%.*s", BYTES_FMT(name));
    world->n_changes = 1;
    world->known = known_new();
    world->counting = counters_new();
    world->seen = seen_new();
    world->limits = limits_new(hash_seed);
    world->assumed = assumed_new();
    world->journal = journal_new(world);
    world->inspector = inspector_new(world);
    if (sql_open(path != NULL ? path : ":memory:", SQL_LIGHT, &world->sql, err) < 0 ||
        fill(world, err) < 0) {
        world_free(world);
        return -1;
    }
    world->deliveries = deliveries_new(world);
    *ret_world = world;
    return 0;
}

void world_free(struct world *world)
{
    exchange_end_all(world->emulator, world);
    if (world->sql != NULL && world->is_in_transaction) {
        save_clock(world);
        world_commit(world);
    }
    inspector_free(world->inspector);
    deliveries_free(world->deliveries);
    journal_free(world->journal);
    limits_free(world->limits);
    assumed_free(world->assumed);
    known_free(world->known);
    counters_free(world->counting);
    seen_free(world->seen);
    heap_done(&world->alarms);
    sql_close(world->sql);
    free(world);
}

void world_empty(struct world *world)
{
    struct sql_statement *tables;
    cleanup(buf_done) struct buf script = {0};
    struct err err = {0};

    buf_init(&script, 65536);
    tables = world_use(world, "SELECT name FROM sqlite_master WHERE type = 'table'");
    while (world_step(world, tables))
        buf_addf(&script, "DELETE FROM \"%.*s\";", BYTES_FMT(sql_bytes(tables, 0)));
    if (sql_exec(world->sql, buf_text(&script), &err) < 0)
        give_up(&err);
    world->n_changes++;
    counters_forget(world);
    seen_forget(world);
}

void world_save(struct world *world)
{
    save_clock(world);
    save_counters(world);
}

static void forget(struct world *world)
{
    journal_clear(world->journal);
    inspector_clear(world->inspector);
    limits_clear(world->limits);
    assumed_clear(world->assumed);
    world->n_changes++;
    seen_forget(world);
}

void world_reload(struct world *world)
{
    forget(world);
    world->seed = (uint64_t)world_get_i64(world, "seed", 1);
    world->n_invented = (uint64_t)world_get_i64(world, "invented", 0);
    /* Time did not go on while it lay in a file. */
    world_set_i64(world, "clock_wall", clock_wall_ms());
    load_clock(world, emulator_options(world->emulator)->clock_rate);
    deliveries_reload(world->deliveries);
}

void world_reset(struct world *world)
{
    world_empty(world);
    forget(world);
    load_clock(world, emulator_options(world->emulator)->clock_rate);
    plant(world);
    deliveries_reload(world->deliveries);
}
