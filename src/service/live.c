/* SPDX-License-Identifier: MIT */

#include "service/live.h"

#include <pthread.h>

#include "base/map.h"
#include "base/mem.h"

struct live {
    pthread_mutex_t lock;
    struct map rows;
};

struct live *live_new(void)
{
    struct live *live = mem_new(struct live);

    pthread_mutex_init(&live->lock, NULL);
    /* Row numbers are ours: no need for a secret seed. */
    map_init(&live->rows, (const uint64_t[]){1, 2});
    return live;
}

void live_free(struct live *live)
{
    if (live == NULL)
        return;
    map_done(&live->rows);
    pthread_mutex_destroy(&live->lock);
    free(live);
}

void live_add(struct live *live, int64_t delivery_row)
{
    pthread_mutex_lock(&live->lock);
    map_put(&live->rows, bytes_of(&delivery_row, sizeof(delivery_row)), live);
    pthread_mutex_unlock(&live->lock);
}

void live_remove(struct live *live, int64_t delivery_row)
{
    pthread_mutex_lock(&live->lock);
    map_remove(&live->rows, bytes_of(&delivery_row, sizeof(delivery_row)));
    pthread_mutex_unlock(&live->lock);
}

enum delivery_state live_state(void *live_pointer, int64_t delivery_row,
                               enum delivery_state stored)
{
    struct live *live = live_pointer;
    bool is_running;

    if (delivery_is_terminal(stored))
        return stored;
    pthread_mutex_lock(&live->lock);
    is_running =
        map_find(&live->rows, bytes_of(&delivery_row, sizeof(delivery_row))) != NULL;
    pthread_mutex_unlock(&live->lock);
    return is_running ? DELIVERY_RUNNING : stored;
}
