/* SPDX-License-Identifier: MIT */

#include "service/console/stats.h"

#include <pthread.h>
#include <string.h>

#include "base/mem.h"
#include "service/desk.h"
#include "service/errand.h"
#include "service/keeper.h"
#include "service/settlement.h"
#include "store/minutes.h"
#include "sys/clock.h"

enum { SAVE_MS = 5000, MINUTE_MS = 60000, MINUTE_BYTES = 1024, SAVED_AT_ONCE = 4 };

struct stats {
    pthread_mutex_t lock;
    struct history history;
    int64_t changed_from; /* the oldest minute that is not saved as it is; 0: none */
    struct desk *desk;
    struct keeper *keeper;
    struct desk_job tick;
};

struct saving { /* minutes on their way into the store */
    struct errand errand;
    int64_t minutes[SAVED_AT_ONCE];
    struct buf details[SAVED_AT_ONCE];
    size_t n;
};

struct stats *stats_new(void)
{
    struct stats *stats = mem_new(struct stats);

    pthread_mutex_init(&stats->lock, NULL);
    history_init(&stats->history, clock_wall_ms());
    return stats;
}

void stats_free(struct stats *stats)
{
    if (stats == NULL)
        return;
    history_done(&stats->history);
    pthread_mutex_destroy(&stats->lock);
    free(stats);
}

/* --- saving and loading ---------------------------------------------------------------
 */

static void load_minute(void *arg, int64_t minute, struct bytes detail)
{
    struct stats *stats = arg;

    history_restore(&stats->history, clock_wall_ms(), minute, detail);
}

int stats_load(struct stats *stats, struct store *store, struct err *err)
{
    return store_each_minute(store, load_minute, stats, err);
}

static int write_minutes(struct errand *errand, struct store *store, struct err *err)
{
    struct saving *saving = container_of(errand, struct saving, errand);
    const int64_t oldest = (clock_wall_ms() - HISTORY_KEPT_MS) / MINUTE_MS;

    for (size_t i = 0; i < saving->n; i++) {
        if (store_put_minute(store, saving->minutes[i], buf_bytes(&saving->details[i]),
                             err) < 0)
            return -1;
    }
    return store_drop_minutes(store, oldest, err);
}

/* What was not saved is not tried again: it is only plots. */
static void end_saving(struct errand *errand, const struct err *err)
{
    struct saving *saving = container_of(errand, struct saving, errand);

    (void)err;
    for (size_t i = 0; i < COUNT(saving->details); i++)
        buf_done(&saving->details[i]);
    free(saving);
}

/* Under the lock. Of a clock that was set back only the last minutes are saved. */
static void take_changed(struct stats *stats, struct saving *saving)
{
    const int64_t last = clock_wall_ms() / MINUTE_MS;
    int64_t minute = stats->changed_from;

    if (minute < last - SAVED_AT_ONCE + 1)
        minute = last - SAVED_AT_ONCE + 1;
    for (; minute <= last; minute++) {
        buf_init(&saving->details[saving->n], MINUTE_BYTES);
        if (!history_minute(&stats->history, minute, &saving->details[saving->n]))
            continue;
        saving->minutes[saving->n++] = minute;
    }
    stats->changed_from = 0;
}

static void run_tick(struct reader *reader, struct desk_job *job)
{
    struct stats *stats = container_of(job, struct stats, tick);
    struct saving *saving = NULL;

    (void)reader;
    pthread_mutex_lock(&stats->lock);
    if (stats->changed_from != 0) {
        saving = mem_new(struct saving);
        take_changed(stats, saving);
    }
    pthread_mutex_unlock(&stats->lock);
    if (saving != NULL) {
        saving->errand.run_fn = write_minutes;
        saving->errand.finish_fn = end_saving;
        keeper_errand(stats->keeper, &saving->errand);
    }
    job->at_ms = clock_now_ms() + SAVE_MS;
    (void)!desk_ask(stats->desk, job); /* false: it stops, and this was the last */
}

void stats_start(struct stats *stats, struct desk *desk, struct keeper *keeper)
{
    stats->desk = desk;
    stats->keeper = keeper;
    stats->tick.run_fn = run_tick;
    stats->tick.at_ms = clock_now_ms() + SAVE_MS;
    (void)!desk_ask(desk, &stats->tick);
}

/* Under the lock. */
static void mark_changed(struct stats *stats, int64_t now_ms)
{
    const int64_t minute = now_ms / MINUTE_MS;

    if (stats->changed_from == 0 || minute < stats->changed_from)
        stats->changed_from = minute;
}

/* --- counting -------------------------------------------------------------------------
 */

void stats_received(struct stats *stats, unsigned n_events)
{
    int64_t now_ms = clock_wall_ms();

    if (n_events == 0)
        return;
    pthread_mutex_lock(&stats->lock);
    mark_changed(stats, now_ms);
    history_add(&stats->history, now_ms, HISTORY_RECEIVED, n_events);
    pthread_mutex_unlock(&stats->lock);
}

static void count_delivered(struct history *history, int64_t now_ms,
                            const struct settlement *settlement)
{
    history_add(history, now_ms,
                settlement->delivery.attempts <= 1 ? HISTORY_DELIVERED_FIRST
                                                   : HISTORY_DELIVERED_RETRY,
                1);
    history_took(history, now_ms, settlement->latency_us);
}

static void count_discarded(struct history *history, int64_t now_ms,
                            const struct settlement *settlement)
{
    history_add(history, now_ms, HISTORY_DISCARDED, 1);
    if (strcmp(settlement->error_name, "EventNotSupported") == 0)
        history_add(history, now_ms, HISTORY_NOT_SUPPORTED, 1);
}

void stats_settled(struct stats *stats, const struct settlement *settlement)
{
    int64_t now_ms = clock_wall_ms();
    enum delivery_state state = settlement->delivery.state;

    pthread_mutex_lock(&stats->lock);
    mark_changed(stats, now_ms);
    if (state == DELIVERY_DELIVERED)
        count_delivered(&stats->history, now_ms, settlement);
    else if (state == DELIVERY_DISCARDED)
        count_discarded(&stats->history, now_ms, settlement);
    else if (state == DELIVERY_DEAD)
        history_add(&stats->history, now_ms, HISTORY_DEAD, 1);
    else if (state == DELIVERY_RETRYING)
        history_add(&stats->history, now_ms, HISTORY_RETRIED, 1);
    pthread_mutex_unlock(&stats->lock);
}

void stats_look(struct stats *stats, enum history_span span,
                struct history_view *ret_view)
{
    pthread_mutex_lock(&stats->lock);
    history_look(&stats->history, span, clock_wall_ms(), ret_view);
    pthread_mutex_unlock(&stats->lock);
}
