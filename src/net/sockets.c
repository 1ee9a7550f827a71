/* SPDX-License-Identifier: MIT */

#include "net/sockets.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sys/loop.h"

struct watched {
    struct loop_watch watch;
    struct sockets *sockets;
    int events;   /* what the loop looks for */
    bool is_kept; /* announced: its end will be, too */
    bool rests;   /* libcurl does not ask at present */
};

static void look_for(struct watched *watched, int events)
{
    watched->events = events;
    loop_watch_set(&watched->watch, events);
}

static void on_event(void *arg, int events)
{
    struct watched *watched = arg;
    struct sockets *sockets = watched->sockets;

    if (watched->rests)
        look_for(watched, 0);
    else
        sockets->fn(sockets->arg, watched->watch.fd, events);
}

static struct watched *find(const struct sockets *sockets, int fd)
{
    return (size_t)fd < sockets->n_fds ? sockets->by_fd[fd] : NULL;
}

static void let_go(struct sockets *sockets, struct watched *watched)
{
    if (watched == NULL)
        return;
    sockets->by_fd[watched->watch.fd] = NULL;
    loop_watch_done(&watched->watch);
    free(watched);
}

static struct watched *add(struct sockets *sockets, int fd)
{
    struct watched *watched = mem_new(struct watched);
    size_t n_fds = sockets->n_fds;

    while (n_fds <= (size_t)fd)
        n_fds = n_fds * 2 + 64;
    if (n_fds > sockets->n_fds) {
        sockets->by_fd = mem_grow(sockets->by_fd, n_fds, sizeof(struct watched *));
        memset(sockets->by_fd + sockets->n_fds, 0,
               (n_fds - sockets->n_fds) * sizeof(struct watched *));
        sockets->n_fds = n_fds;
    }
    watched->sockets = sockets;
    loop_watch_init(&watched->watch, sockets->loop, fd, on_event, watched);
    sockets->by_fd[fd] = watched;
    return watched;
}

void sockets_init(struct sockets *sockets, struct loop *loop, sockets_fn *fn, void *arg)
{
    *sockets = (struct sockets){.loop = loop, .fn = fn, .arg = arg};
}

void sockets_done(struct sockets *sockets)
{
    for (size_t fd = 0; fd < sockets->n_fds; fd++)
        let_go(sockets, sockets->by_fd[fd]);
    free(sockets->by_fd);
    *sockets = (struct sockets){0};
}

void sockets_opened(struct sockets *sockets, int fd)
{
    let_go(sockets, find(sockets, fd));
    add(sockets, fd)->is_kept = true;
}

void sockets_watch(struct sockets *sockets, int fd, int events)
{
    struct watched *watched = find(sockets, fd);

    if (watched == NULL)
        watched = add(sockets, fd);
    watched->rests = false;
    look_for(watched, events);
}

void sockets_rest(struct sockets *sockets, int fd)
{
    struct watched *watched = find(sockets, fd);

    if (watched == NULL)
        return;
    if (!watched->is_kept) {
        let_go(sockets, watched);
        return;
    }
    watched->rests = true;
    /* One that could not be written to may be writable all the time from now on. */
    if ((watched->events & LOOP_WRITABLE) != 0)
        look_for(watched, 0);
}

void sockets_closing(struct sockets *sockets, int fd)
{
    let_go(sockets, find(sockets, fd));
}
