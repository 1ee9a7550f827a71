/* SPDX-License-Identifier: MIT */

/*
 * Loading code, and taking it into service only when it is good: all functions of a new
 * configuration at once, or one file that was saved. The old version works on until then,
 * and to the end if the new one is broken.
 */

#include <stdio.h>

#include "base/digest.h"
#include "base/excerpt.h"
#include "base/mem.h"
#include "base/shell_word.h"
#include "js/pool.h"
#include "service/courier_state.h"
#include "service/dialect.h"
#include "service/errand.h"
#include "service/keeper.h"
#include "sys/clock.h"
#include "sys/disk.h"

enum { HANDLERS_BYTES = 1024 };

struct loading;

struct item { /* one function on its way into service */
    struct errand errand;
    struct order order;
    struct loading *loading;
    const struct snapshot_subscription *subscription;
    struct pool_function *candidate;
    struct buf source;
    struct pool_code code;
    bool has_batch;
    uint8_t sha256[SHA256_LEN];
    int64_t version; /* 0: not loaded (broken, and that is tolerated) */
    char handlers[HANDLERS_BYTES];
    struct err err;
};

struct loading {
    struct courier *courier;
    struct snapshot *snapshot;
    bool is_lenient;
    bool is_single; /* one saved file: nothing else changes */
    struct item *items;
    size_t n_items, n_pending;
    struct err err; /* the first failure */
    bool has_failed;
    void (*done_fn)(void *arg, const struct err *err);
    void *arg;
};

static void load_one(struct line *line);

static void loading_free(struct loading *loading)
{
    for (size_t i = 0; i < loading->n_items; i++)
        buf_done(&loading->items[i].source);
    free(loading->items);
    free(loading);
}

/* --- swapping ------------------------------------------------------------------------
 */

static void on_saved(void *arg)
{
    load_one(arg);
}

static void watch_file(struct line *line)
{
    struct err err = {0};

    loop_file_free(take(line->function.watch));
    if (line->courier->options.is_dev)
        line->function.watch = loop_file_watch(line->courier->loop, line->function.path,
                                               on_saved, line, &err);
}

static void notice_loaded(struct line *line, const struct item *item)
{
    struct service_notice notice = {
        .kind = item->version != 0 ? NOTICE_RELOADED : NOTICE_RELOAD_FAILED,
        .subscription = line->name,
        .text = line->function.path,
        .detail = item->handlers,
        .number = (int64_t)line->function.generation,
        .err = &item->err,
    };

    courier_notice(line->courier, &notice);
}

static bool isolates_keys(const struct item *item)
{
    return item->subscription->config->isolation == CONFIG_ISOLATION_KEY;
}

static void put_function(struct line *line, struct item *item)
{
    const char *path = item->subscription->config->function;
    bool is_new_path =
        line->function.path == NULL || strcmp(line->function.path, path) != 0;

    if (is_new_path) {
        free(line->function.path);
        line->function.path = mem_text(path);
        watch_file(line);
    }
    line->function.broken = item->err;
    if (item->version != 0) {
        if (line->function.current != NULL)
            pool_retire(line->function.current);
        line->function.current = take(item->candidate);
        line->function.version = item->version;
        line->function.generation++;
        free(line->function.handlers);
        line->function.handlers = mem_text(item->handlers);
        line->function.has_batch = item->has_batch;
        batches_dissolve(&line->batches, &line->ready);
        instances_use(line, isolates_keys(item) ? &item->code : NULL);
    }
    notice_loaded(line, item);
    lines_wake(line);
}

static void drop_function(struct line *line)
{
    loop_file_free(take(line->function.watch));
    batches_dissolve(&line->batches, &line->ready);
    instances_use(line, NULL);
    if (line->function.current != NULL)
        pool_retire(take(line->function.current));
    free(line->function.path);
    free(line->function.handlers);
    line->function.path = NULL;
    line->function.handlers = NULL;
    line->function.has_batch = false;
    line->function.version = 0;
}

void functions_free(struct line *line)
{
    drop_function(line);
}

static void swap_configuration(struct loading *loading)
{
    struct courier *courier = loading->courier;
    struct snapshot *snapshot = loading->snapshot;

    courier->snapshot = snapshot;
    credentials_cache_clear(courier->credentials);
    for (struct list_link *link = courier->lines.first; link != NULL; link = link->next) {
        struct line *line = list_entry(link, struct line, link);

        if (snapshot_by_number(snapshot, line->number) == NULL)
            lines_configure(line, NULL);
    }
    for (size_t i = 0; i < snapshot->n_subscriptions; i++) {
        struct line *line = lines_get(courier, snapshot->subscriptions[i].number);

        lines_configure(line, snapshot->subscriptions[i].config);
        if (line->config->function == NULL && line->function.path != NULL)
            drop_function(line);
    }
}

static void retire_candidates(struct loading *loading)
{
    for (size_t i = 0; i < loading->n_items; i++) {
        if (loading->items[i].candidate != NULL)
            pool_retire(take(loading->items[i].candidate));
    }
}

static void finish(struct loading *loading)
{
    struct courier *courier = loading->courier;

    if (loading->has_failed && !loading->is_lenient) {
        retire_candidates(loading);
        loading->done_fn(loading->arg, &loading->err);
        loading_free(loading);
        return;
    }
    if (!loading->is_single)
        swap_configuration(loading);
    for (size_t i = 0; i < loading->n_items; i++) {
        struct item *item = &loading->items[i];
        struct line *line = lines_get(courier, item->subscription->number);

        /* A reload may have taken the function away while one save was being loaded. */
        if (line->config == item->subscription->config)
            put_function(line, item);
    }
    retire_candidates(loading);
    loading->done_fn(loading->arg, NULL);
    loading_free(loading);
    lines_wake_all(courier);
    lines_dispatch(courier);
}

static void item_done(struct item *item)
{
    struct loading *loading = item->loading;

    if (item->version == 0) {
        if (!loading->has_failed)
            loading->err = item->err;
        loading->has_failed = true;
    }
    if (--loading->n_pending == 0)
        finish(loading);
}

/* --- one function: read, run, number -------------------------------------------------
 */

static int run_version(struct errand *errand, struct store *store, struct err *err)
{
    struct item *item = container_of(errand, struct item, errand);

    return store_function_version(store, bytes_str(item->subscription->config->function),
                                  item->sha256, buf_bytes(&item->source), clock_wall_ms(),
                                  &item->version, err);
}

static void on_versioned(struct courier *courier, struct order *order)
{
    (void)courier;
    item_done(container_of(order, struct item, order));
}

static void finish_version(struct errand *errand, const struct err *err)
{
    struct item *item = container_of(errand, struct item, errand);

    if (err != NULL) {
        item->version = 0;
        item->err = *err;
    }
    item->order.run_fn = on_versioned;
    courier_order(item->loading->courier, &item->order);
}

static void describe_fault(struct item *item, const struct pool_loaded *loaded)
{
    const char *path = item->subscription->config->function;
    cleanup(buf_done) struct buf word = {0};
    bool is_runner =
        loaded->error_name != NULL && strcmp(loaded->error_name, "Runner") == 0;

    if (is_runner) {
        err_code(&item->err, "PA2030", ERR_FAILED, "no runner for %s: %s", path,
                 loaded->error_message);
        return;
    }
    err_code(&item->err, "PA2001", ERR_CONFIG, "%s: %s",
             loaded->error_name != NULL ? loaded->error_name : "Error",
             loaded->error_message != NULL ? loaded->error_message : "does not load");
    const struct excerpt excerpt = {
        .file = path,
        .source = buf_bytes(&item->source),
        .line = loaded->line,
        .column = loaded->column, /* 0: the engine gives none for syntax errors */
    };
    excerpt_place(&excerpt, &item->err);
    buf_init(&word, sizeof(item->err.help));
    shell_word(bytes_str(path), &word);
    err_help(&item->err, "check without starting: partnerapp fn check %s",
             buf_text(&word));
}

static void on_loaded(void *arg, struct pool_function *function,
                      const struct pool_loaded *loaded)
{
    struct item *item = arg;
    size_t len = 0;

    (void)function;
    item->loading->courier->sandbox = sandbox_level_text(loaded->level);
    item->loading->courier->sandbox_layers = loaded->sandbox_layers;
    if (!loaded->ok) {
        describe_fault(item, loaded);
        item_done(item);
        return;
    }
    for (size_t i = 0; loaded->handlers[i] != NULL; i++)
        item->has_batch |= strcmp(loaded->handlers[i], "onBatch") == 0;
    for (size_t i = 0; loaded->handlers[i] != NULL && len < HANDLERS_BYTES; i++)
        len += (size_t)snprintf(item->handlers + len, HANDLERS_BYTES - len, "%s%s",
                                i > 0 ? " " : "", loaded->handlers[i]);
    sha256_sum((const struct bytes[]){buf_bytes(&item->source)}, 1, item->sha256);
    if (item->loading->courier->keeper == NULL) {
        item->version = 1; /* good; nobody keeps it */
        item_done(item);
        return;
    }
    item->errand.run_fn = run_version;
    item->errand.finish_fn = finish_version;
    keeper_errand(item->loading->courier->keeper, &item->errand);
}

static void load_item(struct item *item)
{
    const struct config_subscription *config = item->subscription->config;
    struct pool_code *code = &item->code;

    *code = (struct pool_code){
        .name = bytes_str(config->function),
        .timeout_ms = config->function_timeout_ms,
        .slice_ms = config->slice_ms,
        .in_flight = (unsigned)config->in_flight,
        .generation = dialect_generation(config),
        .allow_eval = dialect_eval(config),
        .is_fresh = config->isolation == CONFIG_ISOLATION_EVENT,
    };

    buf_init(&item->source, POOL_SOURCE_BYTES);
    if (disk_read(config->function, &item->source, &item->err) < 0) {
        snprintf(item->err.code, sizeof(item->err.code), "PA1009");
        err_help(&item->err, "the function of subscription `%s`", config->name);
        item->err.exit_code = ERR_CONFIG;
        item_done(item);
        return;
    }
    code->source = buf_bytes(&item->source);
    item->candidate = pool_load(item->loading->courier->pool, code, on_loaded, item);
}

static struct loading *loading_new(struct courier *courier, struct snapshot *snapshot,
                                   size_t n_items)
{
    struct loading *loading = mem_new(struct loading);

    loading->courier = courier;
    loading->snapshot = snapshot;
    loading->items = mem_zero(n_items * sizeof(*loading->items));
    /* One more, given back at the end: an item that fails at once must not finish all. */
    loading->n_pending = 1;
    return loading;
}

static void add_item(struct loading *loading,
                     const struct snapshot_subscription *subscription)
{
    struct item *item = &loading->items[loading->n_items++];

    item->loading = loading;
    item->subscription = subscription;
    loading->n_pending++;
    load_item(item);
}

static void all_added(struct loading *loading)
{
    if (--loading->n_pending == 0)
        finish(loading);
}

void functions_use(struct courier *courier, struct snapshot *snapshot, bool is_lenient,
                   void (*done_fn)(void *arg, const struct err *err), void *arg)
{
    struct loading *loading = loading_new(courier, snapshot, snapshot->n_subscriptions);

    loading->is_lenient = is_lenient;
    loading->done_fn = done_fn;
    loading->arg = arg;
    for (size_t i = 0; i < snapshot->n_subscriptions; i++) {
        if (snapshot->subscriptions[i].config->function != NULL)
            add_item(loading, &snapshot->subscriptions[i]);
    }
    all_added(loading);
}

static void on_reloaded(void *arg, const struct err *err)
{
    (void)arg;
    (void)err; /* the notice has said it */
}

static bool load_single(struct line *line, bool is_lenient,
                        void (*done_fn)(void *arg, const struct err *err), void *arg)
{
    struct courier *courier = line->courier;
    const struct snapshot_subscription *subscription =
        snapshot_by_number(courier->snapshot, line->number);
    struct loading *loading;

    if (subscription == NULL || courier->is_stopping)
        return false;
    loading = loading_new(courier, courier->snapshot, 1);
    loading->is_lenient = is_lenient;
    loading->is_single = true;
    loading->done_fn = done_fn;
    loading->arg = arg;
    add_item(loading, subscription);
    all_added(loading);
    return true;
}

static void load_one(struct line *line)
{
    (void)load_single(line, /* is_lenient= */ true, on_reloaded, NULL);
}

bool functions_load(struct line *line, void (*done_fn)(void *arg, const struct err *err),
                    void *arg)
{
    return load_single(line, /* is_lenient= */ false, done_fn, arg);
}
