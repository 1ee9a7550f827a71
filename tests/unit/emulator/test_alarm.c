/* SPDX-License-Identifier: MIT */

#include "emulator/frame/alarm.h"

#include <semaphore.h>
#include <time.h>

#include "base/err.h"
#include "emulator/frame/emulator.h"
#include "emulator/world/world.h"
#include "lib/cm.h"

enum { PATIENCE_S = 10, HOUR_MS = 3600 * 1000 };

struct bell {
    struct alarm alarm;
    sem_t *rung;
    int n_rings;
    int order; /* which ring it was */
};

static int n_rings;

static void ring(void *arg)
{
    struct bell *bell = arg;

    bell->n_rings++;
    bell->order = ++n_rings;
    sem_post(bell->rung);
}

static void wait_for(sem_t *rung)
{
    struct timespec end;

    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += PATIENCE_S;
    assert_int_equal(sem_timedwait(rung, &end), 0);
}

static struct emulator *start(void)
{
    const struct emulator_options options = {
        .host = "127.0.0.1", .public_port = -1, .seed = 1, .clock_rate = 1};
    struct emulator *emulator = NULL;
    struct err err = {0};

    if (emulator_start(&options, &emulator, &err) < 0)
        fail_msg("emulator_start: %s", err.text);
    n_rings = 0;
    return emulator;
}

static void rings_after_a_real_delay_and_in_order(void **state)
{
    struct emulator *emulator = start();
    struct bell late = {.order = 0}, early = {.order = 0}, stopped = {.order = 0};
    sem_t rung;

    (void)state;
    sem_init(&rung, 0, 0);
    late.rung = early.rung = stopped.rung = &rung;
    emulator_enter(emulator);
    alarm_set_in(emulator, &late.alarm, 20, ring, &late);
    alarm_set_in(emulator, &stopped.alarm, 5, ring, &stopped);
    alarm_set_in(emulator, &early.alarm, HOUR_MS, ring, &early);
    alarm_set_in(emulator, &early.alarm, 10, ring, &early); /* replaces */
    alarm_stop(&stopped.alarm);
    alarm_stop(&stopped.alarm);
    emulator_leave(emulator);
    wait_for(&rung);
    wait_for(&rung);
    emulator_stop(emulator);
    assert_int_equal(early.n_rings, 1);
    assert_int_equal(early.order, 1);
    assert_int_equal(late.n_rings, 1);
    assert_int_equal(stopped.n_rings, 0);
    sem_destroy(&rung);
}

static void rings_when_the_worlds_clock_is_moved(void **state)
{
    struct emulator *emulator = start();
    struct bell bell = {.order = 0}, next = {.order = 0};
    struct world *world = emulator_world(emulator);
    sem_t rung;

    (void)state;
    sem_init(&rung, 0, 0);
    bell.rung = next.rung = &rung;
    emulator_enter(emulator);
    world_set_rate(world, 0);
    alarm_set_at(world, &bell.alarm, world_now_ms(world) + HOUR_MS, ring, &bell);
    alarm_set_at(world, &next.alarm, world_now_ms(world) + HOUR_MS + 1, ring, &next);
    world_advance(world, HOUR_MS);
    emulator_leave(emulator);
    wait_for(&rung);
    emulator_stop(emulator);
    assert_int_equal(bell.n_rings, 1);
    assert_int_equal(next.n_rings, 0); /* the clock stands 1 ms before it */
    sem_destroy(&rung);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rings_after_a_real_delay_and_in_order),
        cmocka_unit_test(rings_when_the_worlds_clock_is_moved),
    };

    return cmocka_run_group_tests_name("alarm", tests, NULL, NULL);
}
