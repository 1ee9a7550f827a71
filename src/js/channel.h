/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * channel - one end of the socket between the service and a runner.
 *
 * Frames gather in `out` and leave with one send for all that is ready; what came waits
 * in `in` until it is decoded. Nothing here blocks, and nothing kills the process when
 * the other side is gone.
 */

#include <sys/types.h>

#include "js/frame.h"

enum { CHANNEL_READ_BYTES = 256 << 10 };

struct channel {
    int fd; /* not owned */
    struct buf in, out;
    bool has_peer_pid; /* set by the first channel_receive that learnt it */
    pid_t peer_pid;
};

enum channel_state {
    CHANNEL_BROKEN = 0, /* the peer closed, or an error */
    CHANNEL_WAITING,    /* nothing (more) to read, or no room to write now */
    CHANNEL_MORE,       /* read: there may be more; write: everything has left */
};

/* @max_out bounds what may wait to be written. */
void channel_init(struct channel *channel, int fd, size_t max_out);
void channel_done(struct channel *channel);
/* Reads once, at most CHANNEL_READ_BYTES. */
must_check
enum channel_state channel_read(struct channel *channel);
/* As read, and learns the sender's pid from the kernel (SO_PASSCRED must be on). */
must_check
enum channel_state channel_receive(struct channel *channel);
must_check
enum channel_state channel_write(struct channel *channel);
/* The next frame in `in` after *cursor, which moves; call channel_forget(cursor) after
 * the last, so that many frames cost one move of the rest. */
must_check
enum frame_verdict channel_next(const struct channel *channel, bool from_runner,
                                size_t *cursor, struct frame *ret_frame);
void channel_forget(struct channel *channel, size_t cursor);
