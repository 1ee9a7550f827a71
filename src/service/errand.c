/* SPDX-License-Identifier: MIT */

#include "service/errand.h"

#include <pthread.h>

#include "service/keeper.h"

struct wait {
    struct errand errand;
    int (*fn)(void *arg, struct store *store, struct err *err);
    void *arg;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_done, has_failed;
    struct err err;
};

static int run(struct errand *errand, struct store *store, struct err *err)
{
    const struct wait *wait = container_of(errand, struct wait, errand);

    return wait->fn(wait->arg, store, err);
}

static void finish(struct errand *errand, const struct err *err)
{
    struct wait *wait = container_of(errand, struct wait, errand);

    pthread_mutex_lock(&wait->lock);
    wait->is_done = true;
    wait->has_failed = err != NULL;
    if (err != NULL)
        wait->err = *err;
    pthread_cond_signal(&wait->changed);
    pthread_mutex_unlock(&wait->lock);
}

int errand_do(struct keeper *keeper,
              int (*fn)(void *arg, struct store *store, struct err *err), void *arg,
              struct err *err)
{
    struct wait wait = {
        .errand = {.run_fn = run, .finish_fn = finish},
        .fn = fn,
        .arg = arg,
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .changed = PTHREAD_COND_INITIALIZER,
    };

    keeper_errand(keeper, &wait.errand);
    pthread_mutex_lock(&wait.lock);
    while (!wait.is_done)
        pthread_cond_wait(&wait.changed, &wait.lock);
    pthread_mutex_unlock(&wait.lock);
    if (!wait.has_failed)
        return 0;
    *err = wait.err;
    return -1;
}
