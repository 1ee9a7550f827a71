/* SPDX-License-Identifier: MIT */

#include "simulation/fake_store.h"

#include <assert.h>

#include "base/err.h"
#include "base/map.h"
#include "base/mem.h"
#include "simulation/customers.h"
#include "simulation/fakes.h"
#include "simulation/jumps.h"
#include "simulation/kernel.h"
#include "simulation/oracle.h"
#include "store/due.h"
#include "store/erase.h"
#include "store/vault.h"

enum {
    NAMES = 64,
    COMMIT_LEAST_US = 300,
    COMMIT_MOST_US = 4000,
    SLOW_LEAST_US = 50000,
    SLOW_MOST_US = 3000000,
    FULL_LEAST_US = 100000,
    FULL_MOST_US = 60000000,
};

enum change_kind { CHANGE_ROW, CHANGE_SUPERSEDED, CHANGE_MARK, CHANGE_PAUSED };

struct change { /* what was there before */
    enum change_kind kind;
    int64_t row;
    struct fake_row before;
    struct dedupe_mark mark;
    int64_t marked; /* row that had the mark; 0: none */
    size_t name;
    bool was_paused;
};

struct store_numbers { /* saved inside transactions, as a whole */
    struct store_tally tally;
    int64_t low_water;
};

static struct {
    struct fake_row *rows;
    size_t n_rows, capacity;
    struct map by_mark; /* to the row, as a pointer */
    char *subscriptions[NAMES];
    char *paused_names[NAMES];
    bool is_paused[NAMES];
    int64_t n_replays;
    struct store_numbers numbers, before;
    struct change *changes;
    size_t n_changes, changes_capacity;
    bool is_open, is_committing, is_latched;
    bool put_failed;
    int64_t full_until_us;
    int64_t trouble_us;
    int64_t dedupe_ms;
    struct fake_store_faults faults;
    struct chance chance;
} fake;

/* --- the world's side --------------------------------------------------------------- */

void fake_store_reset(uint64_t seed, const struct fake_store_faults *faults,
                      int64_t dedupe_ms)
{
    fake_store_done();
    fake.faults = *faults;
    fake.dedupe_ms = dedupe_ms;
    fake.n_rows = 1; /* numbers begin at 1 */
    fake.capacity = 1024;
    fake.rows = mem_grow(NULL, fake.capacity, sizeof(*fake.rows));
    fake.rows[0] = (struct fake_row){0};
    fake.numbers.low_water = 1;
    fake.before = fake.numbers;
    chance_init(&fake.chance, seed, "store");
    map_init(&fake.by_mark, (const uint64_t[]){seed, 1});
}

void fake_store_done(void)
{
    for (size_t i = 0; i < fake.n_rows; i++) {
        free(fake.rows[i].payload);
        free(fake.rows[i].settings);
    }
    for (size_t i = 0; i < NAMES; i++) {
        free(fake.subscriptions[i]);
        free(fake.paused_names[i]);
    }
    free(fake.rows);
    free(fake.changes);
    map_done(&fake.by_mark);
    memset(&fake, 0, sizeof(fake));
}

void fake_store_heal(void)
{
    fake.faults = (struct fake_store_faults){0};
    fake.full_until_us = 0;
}

int64_t fake_store_n_rows(void)
{
    return (int64_t)fake.n_rows;
}

const struct fake_row *fake_store_row(int64_t row)
{
    assert(row > 0 && row < (int64_t)fake.n_rows);
    return &fake.rows[row];
}

bool fake_store_is_calm(void)
{
    return !fake.is_open && !fake.is_latched &&
           fake.trouble_us + FULL_MOST_US < kernel_now_us();
}

int64_t fake_store_trouble_us(void)
{
    return fake.trouble_us;
}

const struct store_tally *fake_store_tally(void)
{
    return &fake.numbers.tally;
}

/* --- transactions ------------------------------------------------------------------- */

static struct change *note_change(enum change_kind kind)
{
    if (fake.n_changes == fake.changes_capacity) {
        fake.changes_capacity =
            fake.changes_capacity > 0 ? fake.changes_capacity * 2 : 64;
        fake.changes =
            mem_grow(fake.changes, fake.changes_capacity, sizeof(*fake.changes));
    }
    fake.changes[fake.n_changes] = (struct change){.kind = kind};
    return &fake.changes[fake.n_changes++];
}

static struct fake_row *change_row(enum change_kind kind, int64_t row)
{
    struct change *change = note_change(kind);

    change->row = row;
    change->before = fake.rows[row];
    return &fake.rows[row];
}

static struct bytes mark_name(const struct dedupe_mark *mark)
{
    return bytes_of(mark->bytes, sizeof(mark->bytes));
}

static void *row_pointer(int64_t row)
{
    return (void *)(uintptr_t)row;
}

static void undo_row(const struct change *change)
{
    struct fake_row *row = &fake.rows[change->row];

    if (row->is_event && !change->before.is_event) {
        free(row->payload);
        free(row->settings);
    }
    *row = change->before;
}

static void undo(void)
{
    while (fake.n_changes > 0) {
        const struct change *change = &fake.changes[--fake.n_changes];

        if (change->kind == CHANGE_ROW || change->kind == CHANGE_SUPERSEDED)
            undo_row(change);
        else if (change->kind == CHANGE_PAUSED)
            fake.is_paused[change->name] = change->was_paused;
        else if (change->marked != 0)
            (void)map_put(&fake.by_mark, mark_name(&change->mark),
                          row_pointer(change->marked));
        else
            (void)map_remove(&fake.by_mark, mark_name(&change->mark));
    }
    fake.numbers = fake.before;
}

static void end_transaction(void)
{
    fake.is_open = false;
    fake.is_committing = false;
    fake.n_changes = 0;
    fake.before = fake.numbers;
}

static void tell_durable(void)
{
    for (size_t i = 0; i < fake.n_changes; i++) {
        if (fake.changes[i].kind == CHANGE_ROW)
            oracle_durable(fake.changes[i].row, &fake.changes[i].before);
    }
    oracle_committed(&fake.numbers.tally);
}

/* Numbers in no table are given again by the next process, but below the mark. */
static void forget_gaps(void)
{
    while ((int64_t)fake.n_rows > fake.numbers.low_water &&
           !fake.rows[fake.n_rows - 1].is_event &&
           !fake.rows[fake.n_rows - 1].has_delivery)
        fake.n_rows--;
}

void fake_store_open(void)
{
    assert(!fake.is_open);
    fake.is_latched = false;
    forget_gaps();
}

void fake_store_crash(void)
{
    if (fake.is_open && fake.is_committing && chance_is(&fake.chance, 500))
        tell_durable();
    else
        undo();
    end_transaction();
}

int store_begin(struct store *store, struct err *err)
{
    (void)store;
    if (fake.is_latched || fake_sys_is_dead())
        return err_set(err, "the store is latched");
    assert(!fake.is_open);
    fake.is_open = true;
    fake.put_failed = false;
    return 0;
}

void store_rollback(struct store *store)
{
    (void)store;
    if (fake_sys_is_dead())
        return;
    undo();
    end_transaction();
}

static bool is_full(void)
{
    return kernel_now_us() < fake.full_until_us;
}

static void trouble_until(int64_t at_us)
{
    if (fake.trouble_us < at_us)
        fake.trouble_us = at_us;
}

static void take_time(void)
{
    int64_t us = chance_between(&fake.chance, COMMIT_LEAST_US, COMMIT_MOST_US);

    if (chance_is(&fake.chance, fake.faults.slow)) {
        us = chance_scale(&fake.chance, SLOW_LEAST_US, SLOW_MOST_US);
        trouble_until(kernel_now_us() + us);
    }
    if (chance_is(&fake.chance, fake.faults.full)) {
        fake.full_until_us =
            kernel_now_us() + chance_scale(&fake.chance, FULL_LEAST_US, FULL_MOST_US);
        trouble_until(fake.full_until_us);
    }
    if (thread_current() != NULL)
        thread_sleep(us);
}

static int fail_sync(struct err *err)
{
    fake.is_latched = true;
    trouble_until(kernel_now_us());
    if (chance_is(&fake.chance, 500))
        tell_durable();
    else
        undo();
    end_transaction();
    return err_set(err, "fsync: Input/output error");
}

int store_commit(struct store *store, struct err *err)
{
    (void)store;
    if (chance_is(&fake.chance, fake.faults.dies_before))
        oracle_process_dies();
    if (fake_sys_is_dead())
        return err_set(err, "the process is dead");
    fake.is_committing = true;
    take_time();
    if (fake_sys_is_dead())
        return err_set(err, "the process is dead");
    if (chance_is(&fake.chance, fake.faults.failed_sync))
        return fail_sync(err);
    if (is_full() || fake.put_failed) {
        undo();
        end_transaction();
        jumps_perhaps();
        return STORE_FULL;
    }
    tell_durable();
    end_transaction();
    if (chance_is(&fake.chance, fake.faults.dies_after))
        oracle_process_dies();
    return 0;
}

bool store_is_latched(const struct store *store)
{
    (void)store;
    return fake.is_latched || fake_sys_is_dead();
}

bool store_has_room(struct store *store, int64_t now_ms)
{
    (void)store;
    (void)now_ms;
    return !is_full();
}

/* --- events ------------------------------------------------------------------------- */

int64_t store_next_row(struct store *store)
{
    (void)store;
    if (fake.n_rows == fake.capacity) {
        fake.capacity *= 2;
        fake.rows = mem_grow(fake.rows, fake.capacity, sizeof(*fake.rows));
    }
    fake.rows[fake.n_rows] = (struct fake_row){0};
    return (int64_t)fake.n_rows++;
}

int64_t store_last_row(const struct store *store)
{
    (void)store;
    return (int64_t)fake.n_rows - 1;
}

/* A full disk is met somewhere in the middle, too. */
static int put_failed(struct err *err)
{
    if (!fake.put_failed && !(is_full() && chance_is(&fake.chance, 500)))
        return 0;
    fake.put_failed = true;
    return err_code(err, "PA6004", ERR_TRY_LATER, "the disk is full");
}

static void put_mark(const struct dedupe_mark *mark, int64_t row)
{
    struct change *change = note_change(CHANGE_MARK);

    change->mark = *mark;
    change->marked = (int64_t)(uintptr_t)map_find(&fake.by_mark, mark_name(mark));
    (void)map_put(&fake.by_mark, mark_name(mark), row_pointer(row));
}

int store_add_event(struct store *store, const struct store_event *event, struct err *err)
{
    struct fake_row *row;

    (void)store;
    if (put_failed(err) < 0)
        return -1;
    row = change_row(CHANGE_ROW, event->row);
    row->is_event = true;
    row->serial = customers_serial(event->payload);
    row->received_at_ms = event->received_at_ms;
    row->subscription = event->subscription;
    row->key = event->key;
    row->has_mark = event->has_mark;
    row->mark = event->mark;
    row->payload = bytes_copy(event->payload);
    row->payload_len = event->payload.len;
    row->settings = event->settings.len > 0 ? bytes_copy(event->settings) : NULL;
    if (event->has_mark)
        put_mark(&event->mark, event->row);
    return 0;
}

int store_find_mark(struct store *store, const struct dedupe_mark *mark, int64_t now_ms,
                    int64_t *ret_row, int64_t *ret_received_at_ms, struct err *err)
{
    int64_t row = (int64_t)(uintptr_t)map_find(&fake.by_mark, mark_name(mark));

    (void)store;
    (void)err;
    if (row == 0 || fake.rows[row].received_at_ms < now_ms - fake.dedupe_ms)
        return 0;
    *ret_row = row;
    *ret_received_at_ms = fake.rows[row].received_at_ms;
    return 1;
}

int store_load_event(struct store *store, int64_t row, struct buf *settings,
                     struct buf *payload, struct store_event *ret_event, struct err *err)
{
    const struct fake_row *found;

    (void)store;
    if (fake.is_latched || fake_sys_is_dead())
        return err_set(err, "the store is latched");
    if (row <= 0 || row >= (int64_t)fake.n_rows || !fake.rows[row].is_event)
        return 0;
    found = &fake.rows[row];
    (void)buf_add(settings, bytes_str(found->settings));
    (void)buf_add(payload, bytes_of(found->payload, found->payload_len));
    *ret_event = (struct store_event){.row = row,
                                      .received_at_ms = found->received_at_ms,
                                      .subscription = found->subscription,
                                      .key = found->key,
                                      .settings = buf_bytes(settings),
                                      .payload = buf_bytes(payload)};
    return 1;
}

/* --- deliveries --------------------------------------------------------------------- */

int store_put_delivery(struct store *store, const struct store_delivery *delivery,
                       struct err *err)
{
    struct fake_row *row;

    (void)store;
    if (put_failed(err) < 0)
        return -1;
    if (fake.rows[delivery->row].has_delivery &&
        delivery_is_terminal(fake.rows[delivery->row].delivery.state))
        return err_set(err, "the delivery has ended already");
    row = change_row(CHANGE_ROW, delivery->row);
    row->has_delivery = true;
    row->delivery = *delivery;
    row->delivery.error_name = row->delivery.attempt_json = (struct bytes){0};
    row->subscription = delivery->subscription;
    return 0;
}

int store_supersede_dead(struct store *store, int64_t delivery_row, int64_t replay,
                         struct err *err)
{
    (void)store;
    (void)replay;
    (void)err;
    if (fake.rows[delivery_row].delivery.state == DELIVERY_DEAD)
        change_row(CHANGE_SUPERSEDED, delivery_row)->is_superseded = true;
    return 0;
}

int store_each_started(struct store *store, store_due_fn *fn, void *arg, struct err *err)
{
    (void)store;
    (void)err;
    for (size_t i = 1; i < fake.n_rows; i++) {
        const struct fake_row *row = &fake.rows[i];

        if (row->has_delivery && !delivery_is_terminal(row->delivery.state))
            fn(arg, &row->delivery);
        else if (row->is_event && !row->has_delivery &&
                 (int64_t)i < fake.numbers.low_water)
            oracle_fail("I1", "event %zu is below the low water, and is not found", i);
    }
    return 0;
}

int store_each_queued(struct store *store, const struct store_range *range,
                      store_due_fn *fn, void *arg, int64_t *ret_n, struct err *err)
{
    (void)store;
    (void)err;
    *ret_n = 0;
    for (int64_t i = range->from;
         i < range->below && i < (int64_t)fake.n_rows && *ret_n < range->max_deliveries;
         i++) {
        const struct fake_row *row = &fake.rows[i];
        const struct store_delivery delivery = {.row = i,
                                                .event = i,
                                                .created_at_ms = row->received_at_ms,
                                                .subscription = row->subscription,
                                                .state = DELIVERY_QUEUED};

        if (!row->is_event || row->has_delivery)
            continue;
        fn(arg, &delivery);
        ++*ret_n;
    }
    return 0;
}

int64_t store_low_water(struct store *store, struct err *err)
{
    (void)store;
    (void)err;
    return fake.numbers.low_water;
}

int store_save_low_water(struct store *store, int64_t row, struct err *err)
{
    (void)store;
    (void)err;
    fake.numbers.low_water = row;
    return 0;
}

int store_load_tally(struct store *store, struct store_tally *ret, struct err *err)
{
    (void)store;
    (void)err;
    *ret = fake.numbers.tally;
    return 0;
}

int store_save_tally(struct store *store, const struct store_tally *tally,
                     struct err *err)
{
    (void)store;
    (void)err;
    fake.numbers.tally = *tally;
    return 0;
}

int store_add_replay(struct store *store, struct bytes query, int64_t matched,
                     int64_t now_ms, int64_t *ret_row, struct err *err)
{
    (void)store;
    (void)query;
    (void)matched;
    (void)now_ms;
    (void)err;
    *ret_row = ++fake.n_replays;
    return 0;
}

/* --- names -------------------------------------------------------------------------- */

static size_t find_name(char *names[NAMES], struct bytes name)
{
    size_t i = 0;

    while (names[i] != NULL && !bytes_eq(bytes_str(names[i]), name))
        i++;
    assert(i < NAMES - 1);
    if (names[i] == NULL)
        names[i] = bytes_copy(name);
    return i;
}

int store_subscription(struct store *store, struct bytes name, uint16_t *ret_number,
                       struct err *err)
{
    (void)store;
    (void)err;
    *ret_number = (uint16_t)(find_name(fake.subscriptions, name) + 1);
    return 0;
}

int store_set_paused(struct store *store, struct bytes endpoint, bool is_paused,
                     int64_t now_ms, struct err *err)
{
    size_t name = find_name(fake.paused_names, endpoint);
    struct change *change = note_change(CHANGE_PAUSED);

    (void)store;
    (void)now_ms;
    (void)err;
    change->name = name;
    change->was_paused = fake.is_paused[name];
    fake.is_paused[name] = is_paused;
    return 0;
}

bool fake_store_is_paused(const char *name)
{
    return fake.is_paused[find_name(fake.paused_names, bytes_str(name))];
}

int store_each_paused(struct store *store, store_name_fn *fn, void *arg, struct err *err)
{
    (void)store;
    (void)err;
    for (size_t i = 0; i < NAMES && fake.paused_names[i] != NULL; i++) {
        if (fake.is_paused[i])
            fn(arg, bytes_str(fake.paused_names[i]));
    }
    return 0;
}
