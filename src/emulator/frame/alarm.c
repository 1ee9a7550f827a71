/* SPDX-License-Identifier: MIT */

#include "emulator/frame/alarm.h"

#include "emulator/frame/emulator.h"
#include "emulator/world/world.h"
#include "sys/clock.h"

static void set(struct emulator *emulator, struct heap *heap, struct alarm *alarm,
                int64_t at_ms)
{
    alarm_stop(alarm);
    alarm->node.at = at_ms;
    alarm->heap = heap;
    heap_push(heap, &alarm->node);
    if (heap_peek(heap) == &alarm->node)
        emulator_wake(emulator);
}

void alarm_set_in(struct emulator *emulator, struct alarm *alarm, int64_t delay_ms,
                  alarm_fn *fn, void *arg)
{
    alarm->fn = fn;
    alarm->arg = arg;
    set(emulator, emulator_parts(emulator)->alarms, alarm, clock_now_ms() + delay_ms);
}

void alarm_set_at(struct world *world, struct alarm *alarm, int64_t at_ms, alarm_fn *fn,
                  void *arg)
{
    alarm->fn = fn;
    alarm->arg = arg;
    set(world->emulator, &world->alarms, alarm, at_ms);
}

void alarm_stop(struct alarm *alarm)
{
    if (alarm->heap != NULL && heap_has(&alarm->node))
        heap_remove(alarm->heap, &alarm->node);
    alarm->heap = NULL;
}
