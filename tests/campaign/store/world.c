/* SPDX-License-Identifier: MIT */

#include "world.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdio.h>

#include "base/mem.h"
#include "steps.h"
#include "store/due.h"
#include "store/inside.h"
#include "store/migrate.h"

enum {
    HOUR_MS = 3600000,
    FIRST_MS = 1700000000,
    DEDUPE_MS = 20 * HOUR_MS,
    QUEUED_PART = 16,
};

void world_wrong(struct world *world, const char *text, int64_t row)
{
    if (world->wrong[0] == '\0')
        snprintf(world->wrong, sizeof(world->wrong), "%s (row %lld)", text,
                 (long long)row);
}

/* --- an old store ------------------------------------------------------------------- */

static void must(int code, const char *what)
{
    if (code == SQLITE_OK)
        return;
    fprintf(stderr, "%s: %s\n", what, sqlite3_errstr(code));
    abort();
}

/* What an earlier program would have left: its schema, an event that waits, a key. */
static void make_old_store(struct world *world, int version)
{
    sqlite3 *db = NULL;
    char text[200];

    must(sqlite3_open(world->path, &db), "an old store");
    must(sqlite3_exec(db, "PRAGMA page_size=4096; PRAGMA journal_mode=WAL", NULL, NULL,
                      NULL),
         "its log");
    for (int step = 0; step < version; step++)
        must(sqlite3_exec(db, migrate_steps[step], NULL, NULL, NULL), "its schema");
    snprintf(text, sizeof(text), "PRAGMA user_version=%d", version);
    must(sqlite3_exec(db, text, NULL, NULL, NULL), "its version");
    must(sqlite3_exec(db, "INSERT INTO subscription VALUES (1, 'old')", NULL, NULL, NULL),
         "its row");
    must(sqlite3_close(db), "its end");
    (void)disk_sync_folder(world->disk);
    ledger_begin(&world->ledger);
    ledger_fact(&world->ledger, "sub 1 ", "old");
    ledger_commit(&world->ledger);
}

/* --- life --------------------------------------------------------------------------- */

void world_init(struct world *world, struct disk *disk, const char *folder)
{
    *world = (struct world){.disk = disk};
    snprintf(world->path, sizeof(world->path), "%s/weak.db", folder);
}

void world_begin(struct world *world, uint64_t seed, int version)
{
    disk_format(world->disk, seed);
    ledger_reset(&world->ledger);
    world->chance = (struct chance){chance_mix(seed + UINT64_C(1))};
    world->now_ms = FIRST_MS;
    world->n_contents = 0;
    world->n_turns = world->n_keys = world->n_versions = world->n_replays = 0;
    world->wrong[0] = '\0';
    if (version > 0)
        make_old_store(world, version);
}

void world_done(struct world *world)
{
    ledger_done(&world->ledger);
    watermark_done(&world->mark);
    free(world->open_rows);
}

static void add_open_row(struct world *world, int64_t row)
{
    if (world->n_open_rows == world->open_capacity) {
        world->open_capacity = 2 * world->open_capacity + 64;
        world->open_rows =
            mem_grow(world->open_rows, world->open_capacity, sizeof(*world->open_rows));
    }
    world->open_rows[world->n_open_rows++] = row;
}

void world_list_open(struct world *world)
{
    world->n_open_rows = 0;
    for (size_t row = 1; row < world->ledger.n_slots; row++) {
        const struct slot *slot = &world->ledger.slots[row];

        if (slot->kind != SLOT_GAP && !slot->is_gone && !slot_has_ended(slot))
            add_open_row(world, (int64_t)row);
    }
}

/* What is due, as the store told: rows as they came, and those without a delivery row. */
struct dues {
    struct world *world;
    size_t n;
    int64_t *unrecorded;
    size_t n_unrecorded, capacity;
};

static void on_due(void *arg, const struct store_delivery *delivery)
{
    struct dues *dues = arg;

    if (dues->n_unrecorded == dues->capacity) {
        dues->capacity = 2 * dues->capacity + 64;
        dues->unrecorded =
            mem_grow(dues->unrecorded, dues->capacity, sizeof(*dues->unrecorded));
    }
    if (delivery->replay == 0 && delivery->state == DELIVERY_QUEUED)
        dues->unrecorded[dues->n_unrecorded++] = delivery->row;
    dues->n++;
}

/* In parts, as service/backfill does it. */
static int each_queued(struct world *world, struct dues *dues)
{
    struct store_range range = {.from = store_low_water(world->store, &world->err),
                                .below = store_next_row(world->store) + 1,
                                .max_deliveries = QUEUED_PART};
    int64_t n_read = range.max_deliveries;

    if (range.from < 0)
        return -1;
    while (n_read == range.max_deliveries) {
        const size_t n_before = dues->n_unrecorded;

        if (store_each_queued(world->store, &range, on_due, dues, &n_read, &world->err) <
            0)
            return -1;
        if (dues->n_unrecorded > n_before)
            range.from = dues->unrecorded[dues->n_unrecorded - 1] + 1;
    }
    return 0;
}

/* As recovery_read and keeper_new do it. */
static void begin_mark(struct world *world, const struct dues *dues)
{
    int64_t next_row = store_next_row(world->store) + 1;
    int64_t low = dues->n_unrecorded > 0 ? dues->unrecorded[0] : next_row;
    size_t next = 0;

    watermark_done(&world->mark);
    watermark_init(&world->mark, low);
    for (int64_t row = low; row < next_row; row++) {
        while (next < dues->n_unrecorded && dues->unrecorded[next] < row)
            next++;
        if (next == dues->n_unrecorded || dues->unrecorded[next] != row)
            watermark_record(&world->mark, row);
    }
}

static int begin_work(struct world *world, struct dues *dues)
{
    struct store *store = world->store;

    assert(store != NULL);
    if (world->syncs_normally &&
        sql_exec(store->sql, "PRAGMA synchronous=NORMAL", &world->err) < 0)
        return -1;
    if (store_each_started(store, on_due, dues, &world->err) < 0 ||
        each_queued(world, dues) < 0)
        return -1;
    begin_mark(world, dues);
    return 0;
}

enum world_end world_open(struct world *world)
{
    const struct store_options options = {.dedupe_ms = DEDUPE_MS,
                                          .disk_bytes = INT64_C(1) << 40};
    const unsigned n_failed = disk_n_failed_syncs(world->disk);
    struct dues dues = {.world = world};
    int result = -1;

    world->err = (struct err){0};
    world->n_openings++;
    if (store_open(world->path, &options, &world->store, &world->err) < 0) {
        world->store = NULL;
        return WORLD_ENDS;
    }
    if (n_failed != disk_n_failed_syncs(world->disk))
        world_wrong(world, "it opened though a sync failed", 0);
    result = begin_work(world, &dues);
    world->n_due = dues.n;
    world_list_open(world);
    free(dues.unrecorded);
    return result == 0 ? WORLD_GOES_ON : WORLD_ENDS;
}

void world_close(struct world *world)
{
    store_close(world->store);
    world->store = NULL;
}

/* --- the other process -------------------------------------------------------------- */

void world_leave_reader(struct world *world)
{
    sqlite3_close(world->reader);
    world->reader = NULL;
}

/* Looks at something and keeps looking: the log cannot begin anew behind it. */
static void enter_reader(struct world *world)
{
    disk_as(world->disk, DISK_OTHER);
    if (sqlite3_open_v2(world->path, &world->reader, SQLITE_OPEN_READONLY, NULL) !=
            SQLITE_OK ||
        sqlite3_exec(world->reader, "BEGIN; SELECT max(id) FROM event", NULL, NULL,
                     NULL) != SQLITE_OK)
        world_leave_reader(world);
    disk_as(world->disk, DISK_SERVICE);
}

/* --- a step ------------------------------------------------------------------------- */

enum world_end world_judge(struct world *world, int result)
{
    if (result == 0)
        return WORLD_GOES_ON;
    return store_is_latched(world->store) ? WORLD_ENDS : WORLD_UNDONE;
}

static void pass_time(struct world *world)
{
    unsigned what = chance_below(&world->chance, 100);

    if (what < 70)
        world->now_ms += chance_below(&world->chance, 60000);
    else if (what < 76)
        world->now_ms += (int64_t)HOUR_MS * (1 + chance_below(&world->chance, 9));
    world->ledger.marks_after_ms = world->now_ms - DEDUPE_MS;
}

static enum world_end restart(struct world *world)
{
    world_close(world);
    return world_open(world);
}

static enum world_end do_index(struct world *world)
{
    bool has_filed;

    return world_judge(world, store_index_step(world->store, &has_filed, &world->err));
}

static enum world_end do_retain(struct world *world)
{
    int64_t before_ms =
        world->now_ms - (int64_t)HOUR_MS * (2 + chance_below(&world->chance, 20));
    size_t n;

    ledger_may_retain(&world->ledger, before_ms);
    return world_judge(world, store_retain_step(world->store, before_ms, world->now_ms,
                                                1 + chance_below(&world->chance, 30), &n,
                                                &world->err));
}

static enum world_end do_erase(struct world *world)
{
    bool is_over;

    if (!store_has_erasures(world->store))
        return WORLD_GOES_ON;
    ledger_may_erase(&world->ledger);
    return world_judge(world, store_erase_step(world->store, &is_over, &world->err));
}

static enum world_end do_checkpoint(struct world *world)
{
    return world_judge(
        world,
        store_checkpoint(world->store, chance_in(&world->chance, 80), &world->err));
}

enum world_end world_step(struct world *world)
{
    unsigned what = chance_below(&world->chance, 100);

    pass_time(world);
    if (what < 55)
        return steps_batch(world);
    if (what < 67)
        return steps_errand(world);
    if (what < 79)
        return do_index(world);
    if (what < 84)
        return do_retain(world);
    if (what < 88)
        return do_erase(world);
    if (what < 96)
        return do_checkpoint(world);
    if (what < 98)
        return restart(world);
    if (world->reader != NULL)
        world_leave_reader(world);
    else
        enter_reader(world);
    return WORLD_GOES_ON;
}
