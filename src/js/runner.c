/* SPDX-License-Identifier: MIT */

/*
 * partnerapp-runner - the program that runs one function's JavaScript, and nothing else.
 *
 * Started by the pool with the socket as descriptor 3 and the shared page as 4. The order
 * is the point (reliability §4.2): power is given up while there is one thread, then the
 * engine warms up, then the system calls are locked, and only after READY does the first
 * byte of foreign code arrive.
 */

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"
#include "js/host.h"
#include "js/page.h"
#include "sys/sandbox.h"

enum { SOCKET_FD = 3, PAGE_FD = 4, N_FDS = 5, STACK_BYTES = 4 << 20 };

struct life {
    struct page *page;
    unsigned layers;
    bool is_boxed;
};

/* A thread of its own, because the main thread's stack bounds are told by /proc, which
 * the sandbox has taken away. */
static void *live(void *arg)
{
    struct life *life = arg;
    struct err err = {0};
    struct host *host = host_new(SOCKET_FD, life->page, &err);

    if (host == NULL || (life->is_boxed && sandbox_late(&life->layers, &err) < 0)) {
        host_say_failed(SOCKET_FD, err.text);
        _exit(1);
    }
    host_say_ready(host, life->layers);
    host_run(host);
    /* The engine's threads and heap need no farewell. */
    _exit(0);
}

/* The engine opens it when it starts, and crashes if it cannot. */
static int check_urandom(struct err *err)
{
    int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return err_sys(err, "the engine cannot start without /dev/urandom");
    close(fd);
    return 0;
}

static int start(struct life *life, struct err *err)
{
    pthread_attr_t attributes;
    pthread_t thread;
    void *page = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, PAGE_FD, 0);

    if (page == MAP_FAILED)
        return err_sys(err, "map the shared page");
    life->page = page;
    if (life->is_boxed && sandbox_early(N_FDS, &life->layers, err) < 0)
        return -1;
    if (check_urandom(err) < 0)
        return -1;
    if (pthread_attr_init(&attributes) != 0 ||
        pthread_attr_setstacksize(&attributes, STACK_BYTES) != 0 ||
        pthread_create(&thread, &attributes, live, life) != 0)
        return err_set(err, "the engine's thread cannot be started");
    (void)pthread_join(thread, NULL);
    return 0;
}

int main(int argc, char **argv)
{
    struct life life = {.is_boxed = argc < 2 || strcmp(argv[1], "--no-sandbox") != 0};
    struct err err = {0};

    if (start(&life, &err) < 0) {
        host_say_failed(SOCKET_FD, err.text);
        fprintf(stderr, "partnerapp-runner: %s; it is started by partnerapp\n", err.text);
        return 1;
    }
    return 0;
}
