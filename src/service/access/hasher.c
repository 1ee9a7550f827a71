/* SPDX-License-Identifier: MIT */

#include "service/access/hasher.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/mem.h"
#include "sys/mailbox.h"

enum { MAX_JOBS = 16 };

struct hasher {
    struct mailbox *box;
    pthread_t thread;
    struct hasher_job last; /* wakes the thread at the stop */
    pthread_mutex_t lock;   /* nothing is posted after the last one */
    bool is_stopping;
};

static void *hasher_main(void *arg)
{
    struct hasher *hasher = arg;

    for (;;) {
        struct list jobs = {0};
        struct list_link *link;

        mailbox_wait(hasher->box, -1, &jobs);
        while ((link = list_pop(&jobs)) != NULL) {
            struct hasher_job *job = list_entry(link, struct hasher_job, link);

            if (job == &hasher->last)
                return NULL;
            job->run_fn(job);
        }
    }
}

struct hasher *hasher_new(void)
{
    struct hasher *hasher = mem_new(struct hasher);

    hasher->box = mailbox_new(MAX_JOBS);
    pthread_mutex_init(&hasher->lock, NULL);
    if (pthread_create(&hasher->thread, NULL, hasher_main, hasher) != 0)
        abort();
    pthread_setname_np(hasher->thread, "hasher");
    return hasher;
}

void hasher_stop(struct hasher *hasher)
{
    if (hasher == NULL || hasher->thread == 0)
        return;
    pthread_mutex_lock(&hasher->lock);
    hasher->is_stopping = true;
    mailbox_force(hasher->box, &hasher->last.link);
    pthread_mutex_unlock(&hasher->lock);
    pthread_join(hasher->thread, NULL);
    hasher->thread = 0;
}

void hasher_free(struct hasher *hasher)
{
    if (hasher == NULL)
        return;
    hasher_stop(hasher);
    mailbox_free(hasher->box);
    pthread_mutex_destroy(&hasher->lock);
    free(hasher);
}

bool hasher_ask(struct hasher *hasher, struct hasher_job *job)
{
    bool is_taken;

    pthread_mutex_lock(&hasher->lock);
    is_taken = !hasher->is_stopping && mailbox_post(hasher->box, &job->link);
    pthread_mutex_unlock(&hasher->lock);
    return is_taken;
}
