/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * sockets - the descriptors of net/client's libcurl that the loop watches.
 *
 * libcurl lets go of a connection's socket after every request and asks for it again with
 * the next, four calls to the kernel for nothing. So a socket that was announced with
 * sockets_opened() stays watched while it rests; should it say something then (the peer
 * closes it), it is not watched until libcurl asks again. What libcurl opened by itself
 * (the resolver's) closes without a word, and is let go of at once.
 */

#include <stddef.h>

#include "base/attr.h"

struct loop;
struct watched;

typedef void sockets_fn(void *arg, int fd, int events); /* LOOP_… */

struct sockets {
    struct loop *loop;
    sockets_fn *fn;
    void *arg;
    struct watched **by_fd; /* NULL: not one of ours, and not watched */
    size_t n_fds;
};

void sockets_init(struct sockets *sockets, struct loop *loop, sockets_fn *fn, void *arg);
/* All of them must be closed, or let go of. */
void sockets_done(struct sockets *sockets);
void sockets_opened(struct sockets *sockets, int fd);
/* To be called for what happens: LOOP_READABLE, LOOP_WRITABLE, both or 0. */
void sockets_watch(struct sockets *sockets, int fd, int events);
/* For none any more, until it is watched again. */
void sockets_rest(struct sockets *sockets, int fd);
/* Of one that was announced: before the descriptor is closed. */
void sockets_closing(struct sockets *sockets, int fd);
