/* SPDX-License-Identifier: MIT */

#include "sys/clock.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "core/virtual_clock.h"

/* Production never follows anything: one relaxed look is all that it pays. */
static atomic_bool is_followed;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct virtual_clock followed;

static int64_t now_us(clockid_t clock)
{
    struct timespec now;

    int r = clock_gettime(clock, &now);
    assert(r == 0);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_now_ms(void)
{
    return now_us(CLOCK_MONOTONIC) / 1000;
}

int64_t clock_now_us(void)
{
    return now_us(CLOCK_MONOTONIC);
}

static struct virtual_clock read_followed(void)
{
    struct virtual_clock clock;

    pthread_mutex_lock(&lock);
    clock = followed;
    pthread_mutex_unlock(&lock);
    return clock;
}

int64_t clock_wall_ms(void)
{
    struct virtual_clock clock;

    if (!clock_is_followed())
        return now_us(CLOCK_REALTIME) / 1000;
    clock = read_followed();
    return virtual_clock_read(&clock, clock_now_ms());
}

void clock_follow(const struct virtual_clock *clock)
{
    if (clock != NULL) {
        pthread_mutex_lock(&lock);
        followed = *clock;
        pthread_mutex_unlock(&lock);
    }
    atomic_store(&is_followed, clock != NULL);
}

bool clock_is_followed(void)
{
    return atomic_load_explicit(&is_followed, memory_order_acquire);
}

int64_t clock_real_wait_ms(int64_t wait_ms)
{
    struct virtual_clock clock;
    int64_t now_ms;

    if (wait_ms <= 0 || !clock_is_followed())
        return wait_ms > 0 ? wait_ms : 0;
    clock = read_followed();
    now_ms = clock_now_ms();
    return virtual_clock_wait_ms(&clock, virtual_clock_read(&clock, now_ms) + wait_ms,
                                 now_ms);
}
