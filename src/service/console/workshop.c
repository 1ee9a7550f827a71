/* SPDX-License-Identifier: MIT */

#include "service/console/workshop.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/mem.h"
#include "core/config.h"
#include "service/dialect.h"

enum { THREADS = 2, MAX_JOBS = 16 };

struct workshop {
    char *runner;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct list jobs;
    bool is_stopping;
    pthread_t threads[THREADS];
};

/* NULL: it stops, and nothing is left to do. */
static struct workshop_job *next_job(struct workshop *workshop)
{
    struct list_link *link;

    pthread_mutex_lock(&workshop->lock);
    while ((link = list_pop(&workshop->jobs)) == NULL && !workshop->is_stopping)
        pthread_cond_wait(&workshop->changed, &workshop->lock);
    pthread_mutex_unlock(&workshop->lock);
    return link != NULL ? list_entry(link, struct workshop_job, link) : NULL;
}

static void *workshop_main(void *arg)
{
    struct workshop *workshop = arg;
    struct workshop_job *job;

    while ((job = next_job(workshop)) != NULL)
        job->run_fn(workshop, job);
    return NULL;
}

struct workshop *workshop_new(const char *runner)
{
    struct workshop *workshop = mem_new(struct workshop);

    workshop->runner = mem_text(runner);
    pthread_mutex_init(&workshop->lock, NULL);
    pthread_cond_init(&workshop->changed, NULL);
    for (size_t i = 0; i < THREADS; i++) {
        if (pthread_create(&workshop->threads[i], NULL, workshop_main, workshop) != 0)
            abort();
        pthread_setname_np(workshop->threads[i], "workshop");
    }
    return workshop;
}

void workshop_stop(struct workshop *workshop)
{
    if (workshop == NULL || workshop_is_stopping(workshop))
        return;
    pthread_mutex_lock(&workshop->lock);
    workshop->is_stopping = true;
    pthread_cond_broadcast(&workshop->changed);
    pthread_mutex_unlock(&workshop->lock);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(workshop->threads[i], NULL);
}

void workshop_free(struct workshop *workshop)
{
    if (workshop == NULL)
        return;
    workshop_stop(workshop);
    pthread_cond_destroy(&workshop->changed);
    pthread_mutex_destroy(&workshop->lock);
    free(workshop->runner);
    free(workshop);
}

bool workshop_ask(struct workshop *workshop, struct workshop_job *job)
{
    bool is_taken;

    pthread_mutex_lock(&workshop->lock);
    is_taken = !workshop->is_stopping && workshop->jobs.n_links < MAX_JOBS;
    if (is_taken) {
        list_push(&workshop->jobs, &job->link);
        pthread_cond_signal(&workshop->changed);
    }
    pthread_mutex_unlock(&workshop->lock);
    return is_taken;
}

bool workshop_is_stopping(struct workshop *workshop)
{
    bool is_stopping;

    pthread_mutex_lock(&workshop->lock);
    is_stopping = workshop->is_stopping;
    pthread_mutex_unlock(&workshop->lock);
    return is_stopping;
}

void workshop_runners(const struct workshop *workshop, const struct config *config,
                      struct pool_options *ret_options)
{
    *ret_options = (struct pool_options){
        .runner = workshop->runner,
        .count = 1,
        .memory_bytes = config->runners.memory_bytes,
        .jit = config->runners.jit,
        .minimum = dialect_minimum(config),
    };
}
