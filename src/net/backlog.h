/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * backlog - what a response that goes on has yet to send; many writers, one reader.
 *
 * Bounded: a write past the maximum cuts the stream off for good. The reader sleeps
 * elsewhere; the first write after it looked says that it must be woken, the others not.
 */

#include <pthread.h>
#include <sys/types.h>

#include "base/buf.h"

enum backlog_state { BACKLOG_OPEN = 0, BACKLOG_ENDED, BACKLOG_CUT };
/* What backlog_take gives when it gives no bytes. */
enum { BACKLOG_EMPTY = 0, BACKLOG_AT_END = -1, BACKLOG_IS_CUT = -2 };

struct backlog {
    pthread_mutex_t lock;
    /* Under lock: */
    struct buf waiting;
    size_t n_taken; /* of waiting, already handed to the reader */
    enum backlog_state state;
    bool is_woken; /* the reader has been called and has not looked yet */
};

void backlog_init(struct backlog *backlog, size_t max_bytes);
void backlog_done(struct backlog *backlog);
/* False when it is, or is now, cut off or ended. Sets *ret_wake when the reader is to be
 * woken. */
bool backlog_add(struct backlog *backlog, struct bytes bytes, bool *ret_wake);
/* Nothing more comes; what waits is still sent. */
void backlog_end(struct backlog *backlog, bool *ret_wake);
void backlog_cut(struct backlog *backlog);
/* The reader is awake. */
enum backlog_state backlog_look(struct backlog *backlog);
/* True when a call is under way that the reader has not seen. */
bool backlog_is_woken(struct backlog *backlog);
/* Bytes that were not taken yet. */
size_t backlog_len(struct backlog *backlog);
/* Moves up to @size bytes to @to and returns how many, or one of the above. */
ssize_t backlog_take(struct backlog *backlog, char *to, size_t size);
