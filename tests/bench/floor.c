/* SPDX-License-Identifier: MIT */

#include "floor.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "histogram.h"
#include "sink.h"

enum {
    EVENT_BYTES = 1024,
    GROUP = 64,
    GROUP_BYTES = EVENT_BYTES * GROUP,
    N_PLACES = 256
};

static int64_t wall_us(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000LL + time.tv_nsec / 1000;
}

static int64_t cpu_us(void)
{
    struct rusage used;

    getrusage(RUSAGE_SELF, &used);
    return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000LL +
           used.ru_utime.tv_usec + used.ru_stime.tv_usec;
}

void floor_begin(struct floor_meter *meter)
{
    *meter = (struct floor_meter){.cpu_us = cpu_us(), .wall_us = wall_us()};
}

int64_t floor_wall_us(const struct floor_meter *meter)
{
    return wall_us() - meter->wall_us;
}

int64_t floor_cpu_us(const struct floor_meter *meter)
{
    return cpu_us() - meter->cpu_us;
}

void floor_fail(const char *what)
{
    perror(what);
    exit(1);
}

static void count_arrived(void *arg, const char *body, size_t len, bool is_taken)
{
    (void)body;
    (void)len;
    (void)is_taken;
    ++*(uint64_t *)arg;
}

static void receive(const char *port)
{
    struct epoll_event event = {.events = EPOLLIN};
    struct floor_meter meter;
    char what[32];
    uint64_t n = 0;
    int poller = epoll_create1(EPOLL_CLOEXEC);
    struct sink *sink = sink_new(poller, count_arrived, &n);

    snprintf(what, sizeof(what), "%s=answer", port);
    if (!sink_set(sink, what) ||
        epoll_ctl(poller, EPOLL_CTL_ADD, STDIN_FILENO, &event) != 0)
        floor_fail("floor: receive");
    puts("{}");
    fflush(stdout);
    floor_begin(&meter);
    for (bool has_ended = false; !has_ended;) {
        struct epoll_event events[256];
        int n_events = epoll_wait(poller, events, 256, -1);

        for (int i = 0; i < n_events; i++) {
            if (events[i].data.ptr == NULL)
                has_ended = true;
            else
                sink_serve(sink, events[i].data.ptr, events[i].events);
        }
    }
    printf("{\"n\":%" PRIu64 ",\"cpu_us\":%.3f}\n", n,
           (double)floor_cpu_us(&meter) / (double)n);
    sink_free(sink);
    close(poller);
}

static int open_file(const char *folder)
{
    char name[4096];

    snprintf(name, sizeof(name), "%s/floor", folder);
    int fd = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        floor_fail("floor: open");
    unlink(name);
    return fd;
}

static void write_group(int fd, const char *group, uint64_t place)
{
    if (pwrite(fd, group, GROUP_BYTES, (off_t)(place % N_PLACES * GROUP_BYTES)) !=
            GROUP_BYTES ||
        fdatasync(fd) != 0)
        floor_fail("floor: write");
}

static void sync_groups(const char *folder, double seconds)
{
    static char group[GROUP_BYTES];
    static struct histogram times;
    struct floor_meter meter;
    uint64_t n = 0;
    int fd = open_file(folder);

    memset(group, 'x', sizeof(group));
    for (uint64_t i = 0; i < N_PLACES; i++)
        write_group(fd, group, i);
    floor_begin(&meter);
    while (floor_wall_us(&meter) < (int64_t)(seconds * 1e6)) {
        int64_t began_us = wall_us();

        write_group(fd, group, n++);
        histogram_add(&times, wall_us() - began_us);
    }
    printf("{\"n\":%" PRIu64 ",\"cpu_us\":%.3f,\"latency\":", n * GROUP,
           (double)floor_cpu_us(&meter) / (double)(n * GROUP));
    histogram_print(&times, stdout);
    puts("}");
    close(fd);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    if (strcmp(what, "receive") == 0 && argc == 3) {
        receive(argv[2]);
    } else if (strcmp(what, "sync") == 0 && argc == 4) {
        sync_groups(argv[2], strtod(argv[3], NULL));
    } else if (strcmp(what, "call") == 0 && argc == 6) {
        floor_call(argv + 2);
    } else if (strcmp(what, "post") == 0 && argc == 4) {
        floor_post((int)strtol(argv[2], NULL, 10), strtod(argv[3], NULL));
    } else {
        fprintf(stderr, "floor receive|sync|call|post …, see tests/bench/floor.h\n");
        return 2;
    }
    return 0;
}
