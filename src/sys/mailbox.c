/* SPDX-License-Identifier: MIT */

#include "sys/mailbox.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/clock.h"

struct mailbox {
    pthread_mutex_t lock;
    struct list letters; /* under lock */
    size_t max_letters;
    int fd;
};

struct mailbox *mailbox_new(size_t max_letters)
{
    struct mailbox *mailbox = mem_new(struct mailbox);

    mailbox->max_letters = max_letters;
    mailbox->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    assert(mailbox->fd >= 0);
    int r = pthread_mutex_init(&mailbox->lock, NULL);
    assert(r == 0);
    return mailbox;
}

void mailbox_free(struct mailbox *mailbox)
{
    if (mailbox == NULL)
        return;
    close(mailbox->fd);
    pthread_mutex_destroy(&mailbox->lock);
    free(mailbox);
}

int mailbox_fd(const struct mailbox *mailbox)
{
    return mailbox->fd;
}

/*
 * Written after the lock is released, or the reader would wake only to wait for it. When
 * the reader was quicker and has the letter already, it is woken once for nothing.
 */
static void wake(struct mailbox *mailbox)
{
    const uint64_t one = 1;
    ssize_t n;

    do {
        n = write(mailbox->fd, &one, sizeof(one));
    } while (n < 0 && errno == EINTR);
}

static bool post(struct mailbox *mailbox, struct list_link *letter, size_t max_letters)
{
    pthread_mutex_lock(&mailbox->lock);
    bool was_empty = list_is_empty(&mailbox->letters);
    bool has_room = mailbox->letters.n_links < max_letters;
    if (has_room)
        list_push(&mailbox->letters, letter);
    pthread_mutex_unlock(&mailbox->lock);

    if (has_room && was_empty)
        wake(mailbox);
    return has_room;
}

bool mailbox_post(struct mailbox *mailbox, struct list_link *letter)
{
    return post(mailbox, letter, mailbox->max_letters);
}

void mailbox_force(struct mailbox *mailbox, struct list_link *letter)
{
    (void)post(mailbox, letter, SIZE_MAX);
}

void mailbox_take(struct mailbox *mailbox, struct list *ret_letters)
{
    uint64_t n_wakes;

    /* Before the letters: a wake that comes in between then stays for the next time. */
    ssize_t n = read(mailbox->fd, &n_wakes, sizeof(n_wakes));
    (void)n;
    pthread_mutex_lock(&mailbox->lock);
    list_append_all(ret_letters, &mailbox->letters);
    pthread_mutex_unlock(&mailbox->lock);
}

static int wait_ms(int64_t deadline_ms)
{
    int64_t left_ms = deadline_ms - clock_now_ms();

    if (left_ms <= 0)
        return 0;
    return left_ms < INT_MAX ? (int)left_ms : INT_MAX;
}

void mailbox_wait(struct mailbox *mailbox, int timeout_ms, struct list *ret_letters)
{
    const size_t n_before = ret_letters->n_links;
    const int64_t deadline_ms = timeout_ms < 0 ? INT64_MAX : clock_now_ms() + timeout_ms;

    mailbox_take(mailbox, ret_letters);
    while (ret_letters->n_links == n_before) {
        struct pollfd poll_fd = {.fd = mailbox->fd, .events = POLLIN};
        int left_ms = wait_ms(deadline_ms);

        if (left_ms == 0)
            return;
        (void)poll(&poll_fd, 1, left_ms);
        mailbox_take(mailbox, ret_letters);
    }
}

size_t mailbox_count(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    size_t n_letters = mailbox->letters.n_links;
    pthread_mutex_unlock(&mailbox->lock);
    return n_letters;
}
