/* SPDX-License-Identifier: MIT */

#include "service/chores.h"

#include "base/mem.h"
#include "store/store.h"
#include "sys/clock.h"

enum {
    INDEX_EVERY_MS =
        100, /* while busy: 10,000 events a second keep up with any load here */
    INDEX_EVENTS = 1000,
    INDEX_BUSY_EVENTS = 256, /* about 4 ms that somebody's 202 waits for */
    RETAIN_EVERY_MS = 30000,
    RETAIN_EVENTS = 200,
    CHECKPOINT_EVERY_MS = 500,
};

struct erasure {
    struct list_link link;
    char *user_id;
    int64_t up_to_row;
};

void chores_init(struct chores *chores, struct store *store)
{
    *chores = (struct chores){.store = store};
}

static void erasure_free(struct erasure *erasure)
{
    free(erasure->user_id);
    free(erasure);
}

void chores_done(struct chores *chores)
{
    struct list_link *link;

    while ((link = list_pop(&chores->erasures)) != NULL)
        erasure_free(list_entry(link, struct erasure, link));
}

void chores_erase(struct chores *chores, const char *user_id, int64_t up_to_row)
{
    struct erasure *erasure = mem_new(struct erasure);

    erasure->user_id = mem_text(user_id);
    erasure->up_to_row = up_to_row;
    list_push(&chores->erasures, &erasure->link);
}

int chores_wait_ms(const struct chores *chores, int64_t now_ms, int idle_ms)
{
    if (chores->has_work || !list_is_empty(&chores->erasures))
        return 0;
    if (chores->index_at_ms <= now_ms)
        return 0;
    return chores->index_at_ms - now_ms < idle_ms ? (int)(chores->index_at_ms - now_ms)
                                                  : idle_ms;
}

static int index_events(struct chores *chores, int64_t now_ms, bool is_idle,
                        struct err *err)
{
    size_t n_done = 0;

    if (now_ms < chores->index_at_ms && !(is_idle && chores->has_work))
        return 0;
    if (store_index_step(chores->store, is_idle ? INDEX_EVENTS : INDEX_BUSY_EVENTS,
                         &n_done, err) < 0)
        return -1;
    chores->index_at_ms = now_ms + INDEX_EVERY_MS;
    chores->has_work = n_done >= INDEX_BUSY_EVENTS;
    return 0;
}

static int erase_users(struct chores *chores, struct err *err)
{
    struct erasure *erasure;
    size_t n_done = 0;

    /* The search columns must know all events of the user first. */
    if (list_is_empty(&chores->erasures) || chores->has_work)
        return 0;
    if (store_index_step(chores->store, INDEX_EVENTS, &n_done, err) < 0)
        return -1;
    if (n_done == INDEX_EVENTS)
        return 0;
    erasure = list_entry(chores->erasures.first, struct erasure, link);
    if (store_erase_user(chores->store, bytes_str(erasure->user_id), erasure->up_to_row,
                         &n_done, err) < 0)
        return -1;
    if (n_done == 0) {
        list_remove(&chores->erasures, &erasure->link);
        erasure_free(erasure);
    }
    return 0;
}

static int retain(struct chores *chores, int64_t now_ms, int64_t retention_ms,
                  struct err *err)
{
    int64_t wall_ms = clock_wall_ms();
    size_t n_done = 0;

    if (now_ms < chores->retain_at_ms)
        return 0;
    if (store_retain_step(chores->store, wall_ms - retention_ms, wall_ms, RETAIN_EVENTS,
                          &n_done, err) < 0)
        return -1;
    chores->retain_at_ms = n_done == RETAIN_EVENTS ? now_ms : now_ms + RETAIN_EVERY_MS;
    return 0;
}

int chores_do(struct chores *chores, int64_t now_ms, bool is_idle, int64_t retention_ms,
              struct err *err)
{
    if (index_events(chores, now_ms, is_idle, err) < 0 || erase_users(chores, err) < 0 ||
        retain(chores, now_ms, retention_ms, err) < 0)
        return -1;
    if (now_ms < chores->checkpoint_at_ms)
        return 0;
    chores->checkpoint_at_ms = now_ms + CHECKPOINT_EVERY_MS;
    return store_checkpoint(chores->store, is_idle, err);
}
