/* SPDX-License-Identifier: MIT */

#include "simulation/process.h"

#include <stdio.h>

#include "base/mem.h"
#include "service/courier.h"
#include "service/courier_state.h"
#include "service/keeper.h"
#include "service/keyring.h"
#include "service/live.h"
#include "service/recovery.h"
#include "service/snapshot.h"
#include "simulation/customers.h"
#include "simulation/fakes.h"
#include "simulation/jumps.h"
#include "simulation/kernel.h"
#include "simulation/oracle.h"
#include "simulation/partners.h"
#include "sys/mailbox.h"

enum {
    YAML_BYTES = 16384,
    GRACE_MS = 3000,
    DOWN_LEAST_US = 50000,
    DOWN_MOST_US = 60000000,
    AGAIN_US = 1000000,
};

struct use { /* a configuration on its way into force */
    struct errand errand;
    struct order order;
    struct snapshot *snapshot;
    struct line_options lines[LINES_MAX];
};

static struct {
    const struct options *options;
    struct chance chance;
    struct line_options lines[LINES_MAX];
    struct alarm start, die, stop, teardown;
    bool is_up, is_stopping, is_healed;
    unsigned n_deaths;
    struct recovery recovery;
    struct snapshot *snapshot;
    struct keyring *keyring;
    struct live *live;
    struct tally tally;
    struct courier *courier;
    struct keeper *keeper;
    struct use *use; /* under way, or NULL */
} process;

/* The store's functions are fakes that ask nothing of it. */
static struct store *the_store(void)
{
    static char store;

    return (struct store *)(void *)&store;
}

/* --- configuration ------------------------------------------------------------------ */

static void write_line(int number, const struct line_options *line, struct buf *yaml)
{
    buf_addf(yaml,
             "  - name: l%d\n    path: /l%d\n    auth: key\n"
             "    endpoint: https://p%d.example/%c%d\n"
             "    retry: {attempts: %d, over: %lldms}\n    concurrency: %d\n"
             "    timeout: %lldms\n    batch: {size: %d, wait: %lldms}\n",
             number, number, line->partner, line->has_function ? 'f' : 'l', number,
             line->attempts, (long long)line->over_ms, line->concurrency,
             (long long)line->timeout_ms, line->batch_size,
             (long long)line->batch_wait_ms);
    if (line->rate_per_s > 0)
        buf_addf(yaml, "    rate: %d/s\n", (int)line->rate_per_s);
    if (line->is_inline)
        buf_add_text(yaml, "    mode: inline\n");
    if (line->has_function)
        buf_add_text(yaml, "    function: /function.js\n");
    if (line->is_isolated)
        buf_add_text(yaml, "    isolation: key\n");
}

static struct snapshot *make_snapshot(const struct line_options *lines)
{
    cleanup(buf_done) struct buf yaml = {0};
    struct config_problems problems = {0};
    struct config_sources sources = {.file_path = "/partnerapp.yaml"};
    struct snapshot *snapshot = NULL;
    struct config *config;
    struct err err = {0};

    buf_init(&yaml, YAML_BYTES);
    buf_add_text(&yaml, "subscriptions:\n");
    for (int i = 0; i < process.options->n_lines; i++)
        write_line(i, &lines[i], &yaml);
    sources.file = buf_bytes(&yaml);
    if (config_load(&sources, &config, &problems) < 0)
        oracle_fail("configuration", "%s\n%s\n%s", problems.items[0].text,
                    problems.items[0].place, buf_text(&yaml));
    if (snapshot_new(config, /* is_dev= */ false, &snapshot, &err) < 0)
        oracle_fail("configuration", "%s", err.text);
    return snapshot;
}

static void use_free(struct use *use)
{
    if (use == process.use)
        process.use = NULL;
    free(use);
}

/* The store has failed: the process ends anyway, or does not even begin. */
static void refuse(struct use *use)
{
    if (use->snapshot == process.snapshot)
        alarm_set(&process.stop, 0);
    else
        snapshot_free(use->snapshot);
    use_free(use);
}

static void use_done(void *arg, const struct err *err)
{
    struct use *use = arg;

    if (err != NULL) {
        refuse(use);
        return;
    }
    if (use->snapshot != process.snapshot) {
        use->snapshot->older = process.snapshot;
        process.snapshot = use->snapshot;
    }
    memcpy(process.lines, use->lines, sizeof(process.lines));
    oracle_turn_ends();
    oracle_configured(process.lines);
    use_free(use);
}

static void run_use(struct courier *courier, struct order *order)
{
    struct use *use = container_of(order, struct use, order);

    if (!fake_sys_is_dead() && !process.is_stopping)
        functions_use(courier, use->snapshot, /* is_lenient= */ false, use_done, use);
}

static int run_number(struct errand *errand, struct store *store, struct err *err)
{
    return snapshot_number(container_of(errand, struct use, errand)->snapshot, store,
                           err);
}

static void finish_number(struct errand *errand, const struct err *err)
{
    struct use *use = container_of(errand, struct use, errand);

    if (err == NULL)
        courier_order(process.courier, &use->order);
    else
        refuse(use);
}

static struct use *use_new(const struct line_options *lines, struct snapshot *snapshot)
{
    struct use *use = mem_new(struct use);

    use->snapshot = snapshot;
    use->order.run_fn = run_use;
    use->errand.run_fn = run_number;
    use->errand.finish_fn = finish_number;
    memcpy(use->lines, lines, sizeof(use->lines));
    process.use = use;
    return use;
}

void process_reload(const struct line_options *lines)
{
    if (!process_is_up() || process.use != NULL)
        return;
    keeper_errand(process.keeper, &use_new(lines, make_snapshot(lines))->errand);
}

const struct line_options *process_lines(void)
{
    return process.lines;
}

/* --- a life ------------------------------------------------------------------------- */

static void on_failed(void *arg, const struct err *err)
{
    (void)arg;
    (void)err;
    if (!process.is_stopping)
        alarm_set(&process.stop, 1000);
}

static void start_threads(void)
{
    const struct courier_options courier = {
        .keyring = process.keyring,
        .tally = &process.tally,
        .live = process.live,
        .config = process.snapshot->config,
        .runner = "runner",
    };
    struct keeper_options keeper = {
        .store = the_store(),
        .tally = &process.tally,
        .low_water = process.recovery.low_water,
        .next_row = process.recovery.next_row,
        .retention_ms = process.snapshot->config->limits.retention_ms,
        .failed_fn = on_failed,
    };

    process.courier = courier_new(&courier);
    for (size_t i = 0; i < process.recovery.n_paused; i++)
        courier_was_paused(process.courier, bytes_str(process.recovery.paused[i]));
    keeper.courier = courier_box(process.courier);
    process.keeper = keeper_new(&keeper);
    mailbox_force(keeper.courier, &take(process.recovery.due)->mail.link);
    keeper_start(process.keeper);
    courier_start(process.courier, process.keeper);
    courier_order(process.courier, &use_new(process.lines, process.snapshot)->order);
}

static void forget(void)
{
    keeper_free(take(process.keeper));
    courier_free(take(process.courier));
    live_free(take(process.live));
    keyring_free(take(process.keyring));
    if (process.use != NULL && process.use->snapshot != process.snapshot)
        snapshot_free(process.use->snapshot);
    free(take(process.use));
    snapshot_free(take(process.snapshot));
    recovery_done(&process.recovery);
    tally_done(&process.tally);
    fake_sys_revive();
}

static int64_t down_us(void)
{
    return process.is_healed ? DOWN_LEAST_US
                             : chance_scale(&process.chance, DOWN_LEAST_US, DOWN_MOST_US);
}

static void on_start(void *arg)
{
    struct err err = {0};

    (void)arg;
    jumps_perhaps();
    fake_store_open();
    process.snapshot = make_snapshot(process.lines);
    process.keyring = keyring_new(NULL);
    process.live = live_new();
    if (recovery_read(&process.recovery, the_store(), process.snapshot, process.keyring,
                      &process.tally, &err) < 0 ||
        fake_sys_is_dead()) {
        fake_store_crash();
        forget();
        alarm_set(&process.start, AGAIN_US);
        return;
    }
    for (int i = 0; i < process.options->n_partners; i++) {
        char host[32];

        partners_host(i, host);
        oracle_paused(i, fake_store_is_paused(host));
    }
    oracle_started(&process.tally);
    process.is_up = true;
    start_threads();
}

/* What was under way is gone; the store has what it has. */
static void end_life(void)
{
    process.is_up = false;
    process.n_deaths++;
    if (fake_sys_is_dead())
        fake_store_crash();
    oracle_died();
    alarm_stop(&process.stop);
    alarm_stop(&process.teardown);
    alarm_set(&process.start, down_us());
}

static void on_teardown(void *arg)
{
    (void)arg;
    if (process.is_stopping || !process.is_up)
        return;
    process.is_stopping = true;
    end_life();
    customers_disconnect();
    courier_stop(process.courier, 0);
    keeper_stop(process.keeper);
    forget();
    process.is_stopping = false;
}

/* As service_stop() does; it may be killed in the middle. */
static void on_stop(void *arg)
{
    (void)arg;
    if (!process_is_up() || process.is_stopping)
        return;
    process.is_stopping = true;
    courier_stop(process.courier, GRACE_MS);
    keeper_stop(process.keeper);
    if (!fake_sys_is_dead())
        courier_clear(process.courier);
    end_life();
    customers_disconnect();
    fake_sys_die();
    forget();
    process.is_stopping = false;
}

void process_die(void)
{
    if (fake_sys_is_dead())
        return;
    fake_sys_die();
    alarm_set(&process.teardown, 0);
}

static void on_die(void *arg)
{
    int64_t every_ms = process.options->crash_every_ms;

    (void)arg;
    if (process.is_healed)
        return;
    if (process_is_up())
        process_die();
    alarm_set(&process.die, 1000 * chance_between(&process.chance, 1, 2 * every_ms));
}

static struct alarm restart;

static void on_restart(void *arg)
{
    int64_t every_ms = process.options->restart_every_ms;

    (void)arg;
    if (process.is_healed)
        return;
    on_stop(NULL);
    alarm_set(&restart, 1000 * chance_between(&process.chance, 1, 2 * every_ms));
}

bool process_is_up(void)
{
    return process.is_up && !fake_sys_is_dead() && !process.is_stopping;
}

struct keeper *process_keeper(void)
{
    return process.keeper;
}

struct courier *process_courier(void)
{
    return process.courier;
}

struct tally *process_tally(void)
{
    return &process.tally;
}

unsigned process_n_deaths(void)
{
    return process.n_deaths;
}

void process_reset(const struct options *options)
{
    memset(&process, 0, sizeof(process));
    process.options = options;
    memcpy(process.lines, options->lines, sizeof(process.lines));
    chance_init(&process.chance, options->seed, "process");
    alarm_init(&process.start, on_start, NULL);
    alarm_init(&process.stop, on_stop, NULL);
    alarm_init(&process.teardown, on_teardown, NULL);
    alarm_init(&process.die, on_die, NULL);
    alarm_init(&restart, on_restart, NULL);
    oracle_configured(process.lines);
    on_start(NULL);
    if (options->crash_every_ms > 0)
        alarm_set(&process.die, options->crash_every_ms * 1000);
    if (options->restart_every_ms > 0)
        alarm_set(&restart, options->restart_every_ms * 1000);
}

void process_heal(void)
{
    process.is_healed = true;
    alarm_stop(&process.die);
    alarm_stop(&restart);
}

void process_done(void)
{
    on_stop(NULL);
    alarm_stop(&process.start);
    fake_sys_revive();
}
