/* SPDX-License-Identifier: MIT */

#include "net/backlog.h"

#include <assert.h>

void backlog_init(struct backlog *backlog, size_t max_bytes)
{
    *backlog = (struct backlog){0};
    buf_init(&backlog->waiting, max_bytes);
    int r = pthread_mutex_init(&backlog->lock, NULL);
    assert(r == 0);
}

void backlog_done(struct backlog *backlog)
{
    buf_done(&backlog->waiting);
    pthread_mutex_destroy(&backlog->lock);
}

/* Under lock. True when the caller is the one who has to wake the reader. */
static bool call_reader(struct backlog *backlog)
{
    bool was_woken = backlog->is_woken;

    backlog->is_woken = true;
    return !was_woken;
}

static void drop_taken(struct backlog *backlog)
{
    buf_drop_front(&backlog->waiting, backlog->n_taken);
    backlog->n_taken = 0;
}

bool backlog_add(struct backlog *backlog, struct bytes bytes, bool *ret_wake)
{
    *ret_wake = false;
    pthread_mutex_lock(&backlog->lock);
    if (backlog->state == BACKLOG_OPEN) {
        if (backlog->waiting.len + bytes.len > backlog->waiting.max_bytes)
            drop_taken(backlog);
        if (buf_add(&backlog->waiting, bytes) == BUF_FULL)
            backlog->state = BACKLOG_CUT;
        *ret_wake = call_reader(backlog);
    }
    bool is_open = backlog->state == BACKLOG_OPEN;
    pthread_mutex_unlock(&backlog->lock);
    return is_open;
}

void backlog_end(struct backlog *backlog, bool *ret_wake)
{
    pthread_mutex_lock(&backlog->lock);
    if (backlog->state == BACKLOG_OPEN)
        backlog->state = BACKLOG_ENDED;
    *ret_wake = call_reader(backlog);
    pthread_mutex_unlock(&backlog->lock);
}

void backlog_cut(struct backlog *backlog)
{
    pthread_mutex_lock(&backlog->lock);
    backlog->state = BACKLOG_CUT;
    pthread_mutex_unlock(&backlog->lock);
}

enum backlog_state backlog_look(struct backlog *backlog)
{
    pthread_mutex_lock(&backlog->lock);
    backlog->is_woken = false;
    enum backlog_state state = backlog->state;
    pthread_mutex_unlock(&backlog->lock);
    return state;
}

bool backlog_is_woken(struct backlog *backlog)
{
    pthread_mutex_lock(&backlog->lock);
    bool is_woken = backlog->is_woken;
    pthread_mutex_unlock(&backlog->lock);
    return is_woken;
}

size_t backlog_len(struct backlog *backlog)
{
    pthread_mutex_lock(&backlog->lock);
    size_t n = backlog->waiting.len - backlog->n_taken;
    pthread_mutex_unlock(&backlog->lock);
    return n;
}

static ssize_t take_some(struct backlog *backlog, char *to, size_t size)
{
    size_t n = backlog->waiting.len - backlog->n_taken;

    if (backlog->state == BACKLOG_CUT)
        return BACKLOG_IS_CUT;
    if (n == 0)
        return backlog->state == BACKLOG_ENDED ? BACKLOG_AT_END : BACKLOG_EMPTY;
    if (n > size)
        n = size;
    memcpy(to, backlog->waiting.ptr + backlog->n_taken, n);
    backlog->n_taken += n;
    if (backlog->n_taken == backlog->waiting.len) {
        buf_clear(&backlog->waiting);
        backlog->n_taken = 0;
    }
    return (ssize_t)n;
}

ssize_t backlog_take(struct backlog *backlog, char *to, size_t size)
{
    pthread_mutex_lock(&backlog->lock);
    ssize_t n = take_some(backlog, to, size);
    pthread_mutex_unlock(&backlog->lock);
    return n;
}
