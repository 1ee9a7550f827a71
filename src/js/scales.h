/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * scales - weighs runners in a thread of its own, and kills who is too heavy.
 *
 * A runner can fill tens of MiB within one long turn of the courier's loop, so the look
 * at its memory does not wait for that loop. Every 10 ms; every 2 ms while one grows
 * beyond half of its limit; every 20 ms after a second in which no weight changed, since
 * code that took a runner over need not wait for work. Its owner takes a runner off only
 * when it is stopped (referee.c): that one cannot grow. The owner learns of the kill as
 * of any other end of the process, and by pan_is_over().
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"

struct child;
struct page;
struct scales;

/* One runner on the scales. The owner sets the first three and keeps @child open until it
 * has taken the pan off; the rest is the scales'. */
struct pan {
    const struct child *child;
    struct page *page;   /* tells who was on the CPU */
    int64_t limit_bytes; /* 0: weighed only */
    struct list_link link;
    bool is_on;
    atomic_llong bytes; /* at the last look */
    atomic_llong peak_bytes;
    atomic_uint culprit; /* the invocation on the CPU when it was too heavy; 0: none */
    atomic_bool is_over;
};

must_check
struct scales *scales_new(void);
void scales_free(struct scales *scales); /* no pan may be on them */
void scales_put(struct scales *scales, struct pan *pan);
void scales_take(struct scales *scales, struct pan *pan); /* one that is off is fine */

/* It was too heavy and is being killed. */
static inline bool pan_is_over(const struct pan *pan)
{
    return atomic_load_explicit(&pan->is_over, memory_order_acquire);
}

static inline int64_t pan_bytes(const struct pan *pan)
{
    return atomic_load_explicit(&pan->bytes, memory_order_relaxed);
}
