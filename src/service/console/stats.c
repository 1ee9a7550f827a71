/* SPDX-License-Identifier: MIT */

#include "service/console/stats.h"

#include <pthread.h>
#include <string.h>

#include "base/mem.h"
#include "service/settlement.h"
#include "sys/clock.h"

struct stats {
    pthread_mutex_t lock;
    struct history history;
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

void stats_received(struct stats *stats)
{
    int64_t now_ms = clock_wall_ms();

    pthread_mutex_lock(&stats->lock);
    history_add(&stats->history, now_ms, HISTORY_RECEIVED);
    pthread_mutex_unlock(&stats->lock);
}

static void count_delivered(struct history *history, int64_t now_ms,
                            const struct settlement *settlement)
{
    history_add(history, now_ms,
                settlement->delivery.attempts <= 1 ? HISTORY_DELIVERED_FIRST
                                                   : HISTORY_DELIVERED_RETRY);
    history_took(history, now_ms, settlement->latency_us);
}

static void count_discarded(struct history *history, int64_t now_ms,
                            const struct settlement *settlement)
{
    history_add(history, now_ms, HISTORY_DISCARDED);
    if (strcmp(settlement->error_name, "EventNotSupported") == 0)
        history_add(history, now_ms, HISTORY_NOT_SUPPORTED);
}

void stats_settled(struct stats *stats, const struct settlement *settlement)
{
    int64_t now_ms = clock_wall_ms();
    enum delivery_state state = settlement->delivery.state;

    pthread_mutex_lock(&stats->lock);
    if (state == DELIVERY_DELIVERED)
        count_delivered(&stats->history, now_ms, settlement);
    else if (state == DELIVERY_DISCARDED)
        count_discarded(&stats->history, now_ms, settlement);
    else if (state == DELIVERY_DEAD)
        history_add(&stats->history, now_ms, HISTORY_DEAD);
    else if (state == DELIVERY_RETRYING)
        history_add(&stats->history, now_ms, HISTORY_RETRIED);
    pthread_mutex_unlock(&stats->lock);
}

void stats_look(struct stats *stats, enum history_span span,
                struct history_view *ret_view)
{
    pthread_mutex_lock(&stats->lock);
    history_look(&stats->history, span, clock_wall_ms(), ret_view);
    pthread_mutex_unlock(&stats->lock);
}
