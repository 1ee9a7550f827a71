/* SPDX-License-Identifier: MIT */

#include "service/chores.h"

#include "store/erase.h"
#include "store/installs.h"
#include "store/store.h"
#include "sys/clock.h"

enum {
    ERASE_ROUND_MS = 1000,
    ERASE_EVERY_MS = 100, /* while busy */
    RETAIN_EVERY_MS = 30000,
    RETAIN_EVENTS = 200,
    EXPIRE_ATTEMPTS = 1000,
    CHECKPOINT_EVERY_MS = 500,
    RETRY_MS = 500, /* after a step that found no room on the disk */
};

struct turn {
    int64_t now_ms, retention_ms;
    bool is_idle;
};

void chores_init(struct chores *chores, struct store *store)
{
    *chores = (struct chores){.store = store};
}

int chores_wait_ms(const struct chores *chores, int64_t now_ms, int idle_ms)
{
    int64_t next_ms = now_ms + idle_ms;

    if (chores->has_work)
        return 0;
    if (store_has_erasures(chores->store) && chores->erase_at_ms < next_ms)
        next_ms = chores->erase_at_ms;
    return next_ms > now_ms ? (int)(next_ms - now_ms) : 0;
}

/* A slice as soon as it is full: about 8 ms that somebody's 202 waits for, once in 8,192
 * events. */
static int index_events(struct chores *chores, const struct turn *turn, struct err *err)
{
    bool has_filed;

    if (turn->now_ms < chores->index_at_ms)
        return 0;
    chores->has_work = false;
    if (store_index_step(chores->store, &has_filed, err) < 0) {
        /* Not again at once, in a circle. */
        chores->index_at_ms = turn->now_ms + RETRY_MS;
        return -1;
    }
    chores->has_work = has_filed;
    return 0;
}

/* Events that are still on their way hold an erasure up for hours: a round now and then
 * finds those that ended. */
static int erase_users(struct chores *chores, const struct turn *turn, struct err *err)
{
    bool is_over;

    if (!store_has_erasures(chores->store) || turn->now_ms < chores->erase_at_ms)
        return 0;
    chores->erase_at_ms = turn->now_ms + RETRY_MS;
    if (store_erase_step(chores->store, &is_over, err) < 0)
        return -1;
    if (is_over)
        chores->erase_at_ms = turn->now_ms + ERASE_ROUND_MS;
    else
        chores->erase_at_ms = turn->now_ms + (turn->is_idle ? 0 : ERASE_EVERY_MS);
    return 0;
}

static int retain(struct chores *chores, const struct turn *turn, struct err *err)
{
    int64_t wall_ms = clock_wall_ms();
    size_t n_done = 0, n_expired = 0;

    if (turn->now_ms < chores->retain_at_ms)
        return 0;
    chores->retain_at_ms = turn->now_ms + RETRY_MS;
    if (store_retain_step(chores->store, wall_ms - turn->retention_ms, wall_ms,
                          RETAIN_EVENTS, &n_done, err) < 0 ||
        store_expire_step(chores->store, wall_ms, EXPIRE_ATTEMPTS, &n_expired, err) < 0)
        return -1;
    if (n_done < RETAIN_EVENTS && n_expired < EXPIRE_ATTEMPTS)
        chores->retain_at_ms = turn->now_ms + RETAIN_EVERY_MS;
    else
        chores->retain_at_ms = turn->now_ms;
    return 0;
}

static int checkpoint(struct chores *chores, const struct turn *turn, struct err *err)
{
    if (turn->now_ms < chores->checkpoint_at_ms)
        return 0;
    chores->checkpoint_at_ms = turn->now_ms + CHECKPOINT_EVERY_MS;
    return store_checkpoint(chores->store, turn->is_idle, err);
}

int chores_do(struct chores *chores, int64_t now_ms, bool is_idle, int64_t retention_ms,
              struct err *err)
{
    static int (*const steps[])(struct chores *, const struct turn *, struct err *) = {
        index_events, erase_users, retain, checkpoint};
    const struct turn turn = {
        .now_ms = now_ms, .is_idle = is_idle, .retention_ms = retention_ms};
    int result = 0;

    /* All of them, also after a failure: on a full disk it is retention and checkpoints
     * that make room. */
    for (size_t i = 0; i < COUNT(steps); i++) {
        struct err failure = {0};

        if (steps[i](chores, &turn, &failure) < 0 && result == 0) {
            *err = failure;
            result = -1;
        }
    }
    return result;
}
