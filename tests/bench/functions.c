/* SPDX-License-Identifier: MIT */

/*
 * functions - runs one function on one event, again and again, through the pool that the
 * service uses: event text in, result text out, a sandboxed runner between.
 *
 *     functions RUNNER CODE EVENT SETTINGS SECONDS IN-FLIGHT      (CODE … SETTINGS:
 * files)
 *
 * Prints "warm" when the runner is, then {"events":N} of the SECONDS after it, and stays
 * until its standard input ends: whoever started it measures the CPU between those lines.
 */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "js/pool.h"
#include "sys/disk.h"
#include "sys/loop.h"

enum { FILE_BYTES = 1 << 20, MEMORY_BYTES = 128 << 20, SLICE_MS = 1000, WARM_MS = 2000 };

struct drive {
    struct loop *loop;
    struct pool_function *function;
    struct pool_run run;
    struct loop_timer timer;
    struct loop_timer refill; /* pool_invoke is not for use within done_fn */
    bool is_over;
    uint64_t n_done;
    size_t n_under_way;
};

static void fail(const char *what)
{
    fprintf(stderr, "functions: %s\n", what);
    exit(1);
}

static void read_file(const char *path, struct buf *ret_text)
{
    struct err err = {0};

    buf_init(ret_text, FILE_BYTES);
    if (disk_read(path, ret_text, &err) != 0)
        fail(path);
}

static void fill(void *arg)
{
    struct drive *drive = arg;

    while (!drive->is_over && pool_invoke(drive->function, &drive->run) != NULL)
        drive->n_under_way++;
}

static void on_done(void *arg, const struct pool_result *result)
{
    struct drive *drive = arg;

    if (result->run != RUN_RETURNED || result->value.len == 0)
        fail("the function did not return");
    drive->n_done++;
    drive->n_under_way--;
    if (drive->is_over && drive->n_under_way == 0)
        loop_stop(drive->loop);
    else if (!drive->is_over && !loop_timer_is_set(&drive->refill))
        loop_timer_set(&drive->refill, 0);
}

static void on_loaded(void *arg, struct pool_function *function,
                      const struct pool_loaded *loaded)
{
    struct drive *drive = arg;

    (void)function;
    if (!loaded->ok)
        fail(loaded->error_message);
    loop_stop(drive->loop);
}

static void on_time(void *arg)
{
    struct drive *drive = arg;

    drive->is_over = true;
    if (drive->n_under_way == 0)
        loop_stop(drive->loop);
}

/* Keeps the runner busy for @duration_ms; how many ended. */
static uint64_t drive_for(struct drive *drive, int64_t duration_ms)
{
    drive->is_over = false;
    drive->n_done = 0;
    loop_timer_set(&drive->timer, duration_ms);
    fill(drive);
    loop_run(drive->loop);
    return drive->n_done;
}

static void measure(struct drive *drive, int64_t seconds)
{
    char rest;

    drive_for(drive, WARM_MS);
    puts("warm");
    fflush(stdout);
    printf("{\"events\":%llu}\n", (unsigned long long)drive_for(drive, seconds * 1000));
    fflush(stdout);
    while (read(STDIN_FILENO, &rest, 1) > 0) {
    }
}

int main(int argc, char **argv)
{
    cleanup(buf_done) struct buf code = {0};
    cleanup(buf_done) struct buf event = {0};
    cleanup(buf_done) struct buf settings = {0};
    struct drive drive = {.loop = loop_new()};

    if (argc != 7)
        fail("wants RUNNER CODE EVENT SETTINGS SECONDS IN-FLIGHT");
    read_file(argv[2], &code);
    read_file(argv[3], &event);
    read_file(argv[4], &settings);
    struct pool *pool =
        pool_new(drive.loop,
                 &(struct pool_options){.runner = argv[1], .memory_bytes = MEMORY_BYTES});
    drive.function = pool_load(pool,
                               &(struct pool_code){
                                   .name = BYTES("handler.js"),
                                   .source = buf_bytes(&code),
                                   .slice_ms = SLICE_MS,
                                   .in_flight = (unsigned)strtoul(argv[6], NULL, 10),
                               },
                               on_loaded, &drive);
    drive.run = (struct pool_run){.event = buf_bytes(&event),
                                  .settings = buf_bytes(&settings),
                                  .kind = EVENT_TRACK,
                                  .done_fn = on_done,
                                  .arg = &drive};
    loop_timer_init(&drive.timer, drive.loop, on_time, &drive);
    loop_timer_init(&drive.refill, drive.loop, fill, &drive);
    loop_run(drive.loop);
    measure(&drive, strtol(argv[5], NULL, 10));
    loop_timer_done(&drive.timer);
    loop_timer_done(&drive.refill);
    pool_free(pool);
    loop_free(drive.loop);
    return 0;
}
