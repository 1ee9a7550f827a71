/* SPDX-License-Identifier: MIT */

#include "service/live.h"

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/mem.h"

enum { FIRST_PLACES = 1024 };

/* A set of numbers by open addressing, at most half full: every delivery goes in and out,
 * so nothing is allocated for it. */
struct live {
    pthread_mutex_t lock;
    int64_t *rows; /* 0: a free place; a power of two of them */
    size_t n_places;
    size_t n_rows;
};

struct live *live_new(void)
{
    struct live *live = mem_new(struct live);

    pthread_mutex_init(&live->lock, NULL);
    live->n_places = FIRST_PLACES;
    live->rows = mem_zero(FIRST_PLACES * sizeof(int64_t));
    return live;
}

void live_free(struct live *live)
{
    if (live == NULL)
        return;
    free(live->rows);
    pthread_mutex_destroy(&live->lock);
    free(live);
}

/* Rows are numbered one after the other and so never crowd; the customer has no say. */
static size_t home_of(const struct live *live, int64_t row)
{
    return (size_t)row & (live->n_places - 1);
}

static size_t next_place(const struct live *live, size_t place)
{
    return (place + 1) & (live->n_places - 1);
}

/* Where @row is, or the free place where it would be. */
static size_t place_of(const struct live *live, int64_t row)
{
    size_t place = home_of(live, row);

    while (live->rows[place] != 0 && live->rows[place] != row)
        place = next_place(live, place);
    return place;
}

static void grow(struct live *live)
{
    int64_t *old = live->rows;
    const size_t n_old = live->n_places;

    live->n_places = n_old * 2;
    live->rows = mem_zero(live->n_places * sizeof(int64_t));
    for (size_t i = 0; i < n_old; i++) {
        if (old[i] != 0)
            live->rows[place_of(live, old[i])] = old[i];
    }
    free(old);
}

void live_add(struct live *live, int64_t delivery_row)
{
    pthread_mutex_lock(&live->lock);
    size_t place = place_of(live, delivery_row);
    if (live->rows[place] == 0) {
        live->rows[place] = delivery_row;
        if (++live->n_rows * 2 > live->n_places)
            grow(live);
    }
    pthread_mutex_unlock(&live->lock);
}

/* What stands behind a place that became free moves up, or it would not be found. */
static void close_gap(struct live *live, size_t gap)
{
    for (size_t at = next_place(live, gap); live->rows[at] != 0;
         at = next_place(live, at)) {
        size_t home = home_of(live, live->rows[at]);

        if (((at - home) & (live->n_places - 1)) < ((at - gap) & (live->n_places - 1)))
            continue;
        live->rows[gap] = live->rows[at];
        live->rows[at] = 0;
        gap = at;
    }
}

void live_remove(struct live *live, int64_t delivery_row)
{
    pthread_mutex_lock(&live->lock);
    size_t place = place_of(live, delivery_row);
    if (live->rows[place] != 0) {
        live->rows[place] = 0;
        live->n_rows--;
        close_gap(live, place);
    }
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
    is_running = live->rows[place_of(live, delivery_row)] != 0;
    pthread_mutex_unlock(&live->lock);
    return is_running ? DELIVERY_RUNNING : stored;
}
