/* SPDX-License-Identifier: MIT */

#include "service/desk.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/mem.h"
#include "store/reader.h"
#include "sys/clock.h"
#include "sys/mailbox.h"

enum { MAX_JOBS = 1024, LATER_MAX_MS = 60 * 60 * 1000 };

struct desk {
    struct mailbox *box;
    struct reader *reader;
    pthread_t thread;
    struct desk_job last; /* wakes the thread at the stop */
    struct list later;    /* jobs whose time has not come; few, so a list is enough */
    atomic_bool is_stopping;
};

/* How long nothing else is due; -1: until somebody asks. */
static int run_due(struct desk *desk, bool is_stopping)
{
    int64_t now_ms = clock_now_ms();
    int64_t next_ms = INT64_MAX;
    struct list_link *link = desk->later.first;

    while (link != NULL) {
        struct desk_job *job = list_entry(link, struct desk_job, link);

        link = link->next;
        if (job->at_ms <= now_ms || is_stopping) {
            list_remove(&desk->later, &job->link);
            job->run_fn(desk->reader, job);
        } else if (job->at_ms < next_ms) {
            next_ms = job->at_ms;
        }
    }
    if (next_ms == INT64_MAX)
        return -1;
    return next_ms - now_ms < LATER_MAX_MS ? (int)(next_ms - now_ms) : LATER_MAX_MS;
}

static void *desk_main(void *arg)
{
    struct desk *desk = arg;
    int wait_ms = -1;

    for (;;) {
        struct list jobs = {0};
        struct list_link *link;
        bool is_stopping = atomic_load(&desk->is_stopping);

        mailbox_wait(desk->box, is_stopping ? 0 : wait_ms, &jobs);
        while ((link = list_pop(&jobs)) != NULL) {
            struct desk_job *job = list_entry(link, struct desk_job, link);

            if (job->at_ms > clock_now_ms())
                list_push(&desk->later, link);
            else
                job->run_fn(desk->reader, job);
        }
        wait_ms = run_due(desk, is_stopping);
        if (is_stopping)
            return NULL;
    }
}

int desk_start(const char *store_path, struct desk **ret_desk, struct err *err)
{
    struct desk *desk = mem_new(struct desk);

    if (reader_open(store_path, &desk->reader, err) < 0) {
        free(desk);
        return -1;
    }
    desk->box = mailbox_new(MAX_JOBS);
    if (pthread_create(&desk->thread, NULL, desk_main, desk) != 0)
        abort();
    pthread_setname_np(desk->thread, "desk");
    *ret_desk = desk;
    return 0;
}

static void do_nothing(struct reader *reader, struct desk_job *job)
{
    (void)reader;
    (void)job;
}

void desk_stop(struct desk *desk)
{
    if (desk == NULL || desk->thread == 0)
        return;
    atomic_store(&desk->is_stopping, true);
    desk->last.run_fn = do_nothing;
    mailbox_force(desk->box, &desk->last.link);
    pthread_join(desk->thread, NULL);
    desk->thread = 0;
}

void desk_free(struct desk *desk)
{
    if (desk == NULL)
        return;
    reader_close(desk->reader);
    mailbox_free(desk->box);
    free(desk);
}

bool desk_ask(struct desk *desk, struct desk_job *job)
{
    return !atomic_load(&desk->is_stopping) && mailbox_post(desk->box, &job->link);
}
