/* SPDX-License-Identifier: MIT */
#include "sys/haste.h"

#include <sched.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    SLICE_NS = 100000, /* the shortest that the kernel takes */
    PRIORITY = -10,
    RESET_ON_FORK = 1, /* runners come from such a thread, and must not hurry */
};

/* linux/sched/types.h cannot be included beside sched.h. */
struct attributes {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime_ns, deadline_ns, period_ns;
};

void haste_ask(void)
{
    const struct attributes wish = {.size = sizeof(wish),
                                    .policy = SCHED_OTHER,
                                    .flags = RESET_ON_FORK,
                                    .nice = getpriority(PRIO_PROCESS, (id_t)gettid()),
                                    .runtime_ns = SLICE_NS};

    (void)syscall(SYS_sched_setattr, 0, &wish, 0);
}

void haste_ask_much(void)
{
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), PRIORITY);
    haste_ask();
}
