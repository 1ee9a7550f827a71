/* SPDX-License-Identifier: MIT */

#include "sys/mailbox.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

struct mailbox {
    pthread_mutex_t lock;
    pthread_cond_t posted;
    struct list letters; /* under lock */
    bool is_woken;
    size_t n_wanted; /* letters that the sleeping reader waits for; 0: it is awake */
    size_t max_letters;
    int fd; /* of a reader that watches descriptors; -1: nobody asked for it */
};

static void require(int result)
{
    assert(result == 0);
}

struct mailbox *mailbox_new(size_t max_letters)
{
    struct mailbox *mailbox = mem_new(struct mailbox);
    pthread_condattr_t monotonic;

    mailbox->max_letters = max_letters;
    mailbox->fd = -1;
    require(pthread_condattr_init(&monotonic));
    require(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC));
    require(pthread_cond_init(&mailbox->posted, &monotonic));
    pthread_condattr_destroy(&monotonic);
    require(pthread_mutex_init(&mailbox->lock, NULL));
    return mailbox;
}

void mailbox_free(struct mailbox *mailbox)
{
    if (mailbox == NULL)
        return;
    if (mailbox->fd >= 0)
        close(mailbox->fd);
    pthread_cond_destroy(&mailbox->posted);
    pthread_mutex_destroy(&mailbox->lock);
    free(mailbox);
}

/*
 * When the reader was quicker and has the letter already, it is woken once for nothing.
 */
static void write_fd(int fd)
{
    const uint64_t one = 1;
    ssize_t n;

    do {
        n = write(fd, &one, sizeof(one));
    } while (n < 0 && errno == EINTR);
}

int mailbox_fd(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    if (mailbox->fd < 0) {
        mailbox->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        assert(mailbox->fd >= 0);
        if (!list_is_empty(&mailbox->letters))
            write_fd(mailbox->fd);
    }
    int fd = mailbox->fd;
    pthread_mutex_unlock(&mailbox->lock);
    return fd;
}

/* Under the lock, which it releases: a reader that was woken first would only wait for
 * it. */
static void unlock_and_wake(struct mailbox *mailbox, bool was_empty)
{
    bool is_enough =
        mailbox->n_wanted > 0 && mailbox->letters.n_links >= mailbox->n_wanted;
    int fd = mailbox->fd;

    pthread_mutex_unlock(&mailbox->lock);
    if (is_enough)
        pthread_cond_signal(&mailbox->posted);
    if (was_empty && fd >= 0)
        write_fd(fd);
}

static bool post(struct mailbox *mailbox, struct list_link *letter, size_t max_letters)
{
    pthread_mutex_lock(&mailbox->lock);
    bool was_empty = list_is_empty(&mailbox->letters);
    if (mailbox->letters.n_links >= max_letters) {
        pthread_mutex_unlock(&mailbox->lock);
        return false;
    }
    list_push(&mailbox->letters, letter);
    unlock_and_wake(mailbox, was_empty);
    return true;
}

bool mailbox_post(struct mailbox *mailbox, struct list_link *letter)
{
    return post(mailbox, letter, mailbox->max_letters);
}

void mailbox_force(struct mailbox *mailbox, struct list_link *letter)
{
    (void)post(mailbox, letter, SIZE_MAX);
}

void mailbox_force_all(struct mailbox *mailbox, struct list *letters)
{
    if (list_is_empty(letters))
        return;
    pthread_mutex_lock(&mailbox->lock);
    bool was_empty = list_is_empty(&mailbox->letters);
    list_append_all(&mailbox->letters, letters);
    unlock_and_wake(mailbox, was_empty);
}

static void take_locked(struct mailbox *mailbox, struct list *ret_letters)
{
    pthread_mutex_lock(&mailbox->lock);
    list_append_all(ret_letters, &mailbox->letters);
    pthread_mutex_unlock(&mailbox->lock);
}

void mailbox_take(struct mailbox *mailbox, struct list *ret_letters)
{
    uint64_t n_wakes;

    /* Before the letters: a wake that comes in between then stays for the next time. */
    if (mailbox->fd >= 0) {
        ssize_t n = read(mailbox->fd, &n_wakes, sizeof(n_wakes));
        (void)n;
    }
    take_locked(mailbox, ret_letters);
}

static struct timespec after_us(int64_t timeout_us)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += timeout_us / 1000000;
    at.tv_nsec += (long)(timeout_us % 1000000) * 1000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    return at;
}

/* @timeout_us: -1 for ever. */
static void wait_for(struct mailbox *mailbox, size_t n_letters, int64_t timeout_us,
                     struct list *ret_letters)
{
    const struct timespec until = after_us(timeout_us > 0 ? timeout_us : 0);
    int r = 0;

    pthread_mutex_lock(&mailbox->lock);
    mailbox->n_wanted = n_letters;
    while (mailbox->letters.n_links < mailbox->n_wanted && !mailbox->is_woken && r == 0 &&
           timeout_us != 0) {
        if (timeout_us < 0)
            r = pthread_cond_wait(&mailbox->posted, &mailbox->lock);
        else
            r = pthread_cond_timedwait(&mailbox->posted, &mailbox->lock, &until);
    }
    mailbox->n_wanted = 0;
    mailbox->is_woken = false;
    list_append_all(ret_letters, &mailbox->letters);
    pthread_mutex_unlock(&mailbox->lock);
}

void mailbox_wait(struct mailbox *mailbox, int timeout_ms, struct list *ret_letters)
{
    wait_for(mailbox, 1, timeout_ms < 0 ? -1 : 1000 * (int64_t)timeout_ms, ret_letters);
}

void mailbox_gather(struct mailbox *mailbox, size_t n_letters, int64_t timeout_us,
                    struct list *ret_letters)
{
    wait_for(mailbox, n_letters, timeout_us, ret_letters);
}

void mailbox_hurry(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    bool is_gathering = mailbox->n_wanted > 1;
    if (is_gathering)
        mailbox->n_wanted = 0;
    pthread_mutex_unlock(&mailbox->lock);
    if (is_gathering)
        pthread_cond_signal(&mailbox->posted);
}

void mailbox_wake(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    mailbox->is_woken = true;
    pthread_cond_signal(&mailbox->posted);
    pthread_mutex_unlock(&mailbox->lock);
}

size_t mailbox_count(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    size_t n_letters = mailbox->letters.n_links;
    pthread_mutex_unlock(&mailbox->lock);
    return n_letters;
}
