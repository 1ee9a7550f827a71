/* SPDX-License-Identifier: MIT */

#include "emulator/frame/limits.h"

#include "base/list.h"
#include "base/map.h"
#include "base/mem.h"

/* The times of the last calls of one token, a ring. */
struct window {
    struct list_link link; /* the least recently used is first */
    struct bytes who;      /* owned */
    size_t first;
    size_t n_calls;
    int64_t at_ms[LIMITS_CALLS];
};

struct limits {
    struct map windows;
    struct list order;
};

struct limits *limits_new(const uint64_t hash_seed[2])
{
    struct limits *limits = mem_new(struct limits);

    map_init(&limits->windows, hash_seed);
    return limits;
}

static void drop(struct limits *limits, struct window *window)
{
    list_remove(&limits->order, &window->link);
    map_remove(&limits->windows, window->who);
    freep(&window->who.ptr);
    free(window);
}

void limits_clear(struct limits *limits)
{
    while (limits->order.first != NULL)
        drop(limits, list_entry(limits->order.first, struct window, link));
}

void limits_free(struct limits *limits)
{
    if (limits == NULL)
        return;
    limits_clear(limits);
    map_done(&limits->windows);
    free(limits);
}

static struct window *get(struct limits *limits, struct bytes who)
{
    struct window *window = map_find(&limits->windows, who);

    if (window != NULL) {
        list_remove(&limits->order, &window->link);
    } else {
        if (limits->order.n_links == LIMITS_WINDOWS)
            drop(limits, list_entry(limits->order.first, struct window, link));
        window = mem_new(struct window);
        window->who = bytes_of(bytes_copy(who), who.len);
        map_put(&limits->windows, who, window);
    }
    list_push(&limits->order, &window->link);
    return window;
}

int64_t limits_take(struct limits *limits, struct bytes who, int64_t now_ms)
{
    struct window *window = get(limits, who);

    while (window->n_calls > 0 &&
           window->at_ms[window->first] <= now_ms - LIMITS_WINDOW_MS) {
        window->first = (window->first + 1) % LIMITS_CALLS;
        window->n_calls--;
    }
    if (window->n_calls == LIMITS_CALLS)
        return window->at_ms[window->first] + LIMITS_WINDOW_MS - now_ms;
    window->at_ms[(window->first + window->n_calls) % LIMITS_CALLS] = now_ms;
    window->n_calls++;
    return 0;
}

struct limits_use limits_look(const struct limits *limits, struct bytes who,
                              int64_t now_ms)
{
    const struct window *window = map_find(&limits->windows, who);
    struct limits_use use = {0};

    for (size_t i = 0; window != NULL && i < window->n_calls; i++) {
        const int64_t left_ms =
            window->at_ms[(window->first + i) % LIMITS_CALLS] + LIMITS_WINDOW_MS - now_ms;

        if (left_ms <= 0)
            continue;
        if (use.n_calls++ == 0)
            use.reset_ms = left_ms;
    }
    return use;
}
