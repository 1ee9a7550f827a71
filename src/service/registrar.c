/* SPDX-License-Identifier: MIT */

#include <time.h>

#include "base/err.h"
#include "base/mem.h"
#include "service/console/steps.h"
#include "service/registrar_state.h"
#include "sys/clock.h"
#include "sys/rand.h"

enum {
    DAY_MS = 24 * 60 * 60 * 1000,
    AGAIN_MS = 60 * 60 * 1000, /* what did not go well by itself is tried after that */
    CODE_AGAIN_MS = 30 * 1000,
    WATCH_MS = 1000,
};

/* --- leases and waits ----------------------------------------------------------------
 */

static struct timespec in_ms(int64_t wait_ms)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += wait_ms / 1000;
    until.tv_nsec += wait_ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    return until;
}

void registrar_lease(struct registrar *registrar, int64_t number)
{
    pthread_mutex_lock(&registrar->lock);
    while (map_find(&registrar->busy, number_bytes(&number)) != NULL)
        pthread_cond_wait(&registrar->changed, &registrar->lock);
    map_put(&registrar->busy, number_bytes(&number), registrar);
    pthread_mutex_unlock(&registrar->lock);
}

void registrar_release(struct registrar *registrar, int64_t number)
{
    pthread_mutex_lock(&registrar->lock);
    map_remove(&registrar->busy, number_bytes(&number));
    pthread_cond_broadcast(&registrar->changed);
    pthread_mutex_unlock(&registrar->lock);
}

bool registrar_is_stopping(void *arg)
{
    struct registrar *registrar = arg;
    bool is_stopping;

    pthread_mutex_lock(&registrar->lock);
    is_stopping = registrar->is_stopping;
    pthread_mutex_unlock(&registrar->lock);
    return is_stopping;
}

void registrar_sleep(struct registrar *registrar, int64_t wait_ms)
{
    const struct timespec until = in_ms(wait_ms);
    int result = 0;

    pthread_mutex_lock(&registrar->lock);
    while (!registrar->is_stopping && result == 0)
        result = pthread_cond_timedwait(&registrar->changed, &registrar->lock, &until);
    pthread_mutex_unlock(&registrar->lock);
}

/* --- jobs ----------------------------------------------------------------------------
 */

static void job_free(struct job *job)
{
    struct waiter *waiter;

    while ((waiter = job->waiters) != NULL) {
        job->waiters = waiter->next;
        free(waiter);
    }
    secret_done(&job->code);
    secret_done(&job->verifier);
    free(job->redirect_uri);
    free(job->subscription);
    free(job);
}

static struct job *job_new(enum job_kind kind, int64_t number, bool may_mend,
                           const struct waiter *waiter)
{
    struct job *job = mem_new(struct job);

    job->kind = kind;
    job->number = number;
    job->may_mend = may_mend;
    if (waiter != NULL) {
        job->waiters = mem_new(struct waiter);
        *job->waiters = *waiter;
    }
    return job;
}

static bool is_shared(const struct job *a, const struct job *b)
{
    return a->kind == b->kind && a->number == b->number &&
           (a->kind == JOB_SYNC || a->kind == JOB_REFRESH) && a->may_mend == b->may_mend;
}

static struct job *find_like(const struct list *jobs, const struct job *job)
{
    for (struct list_link *link = jobs->first; link != NULL; link = link->next) {
        struct job *other = list_entry(link, struct job, link);

        if (is_shared(other, job))
            return other;
    }
    return NULL;
}

/* Who asks for what is under way already waits for that. Under the lock. */
static bool join(struct registrar *registrar, struct job *job)
{
    struct job *other = find_like(&registrar->running, job);
    struct waiter **end;

    if (other == NULL)
        other = find_like(&registrar->waiting, job);
    if (other == NULL)
        return false;
    end = &other->waiters;
    while (*end != NULL)
        end = &(*end)->next;
    *end = take(job->waiters);
    return true;
}

/* Takes @job. */
static bool ask(struct registrar *registrar, struct job *job)
{
    bool is_taken = false;
    bool is_joined = false;

    pthread_mutex_lock(&registrar->lock);
    if (!registrar->is_stopping && registrar->is_started) {
        is_joined = join(registrar, job);
        is_taken = !is_joined && registrar->waiting.n_links < REGISTRAR_JOBS;
    }
    if (is_taken) {
        list_push(&registrar->waiting, &job->link);
        pthread_cond_broadcast(&registrar->changed);
    }
    pthread_mutex_unlock(&registrar->lock);
    if (!is_taken)
        job_free(job);
    return is_taken || is_joined;
}

/* The first whose install nobody works on; its lease is taken. Under the lock. */
static struct job *next_job(struct registrar *registrar)
{
    for (struct list_link *link = registrar->waiting.first; link != NULL;
         link = link->next) {
        struct job *job = list_entry(link, struct job, link);

        if (job->number != 0 &&
            map_find(&registrar->busy, number_bytes(&job->number)) != NULL)
            continue;
        if (job->number != 0)
            map_put(&registrar->busy, number_bytes(&job->number), registrar);
        list_remove(&registrar->waiting, &job->link);
        list_push(&registrar->running, &job->link);
        return job;
    }
    return NULL;
}

static void tell_waiters(const struct run *run, struct job *job)
{
    struct registrar_result result = {
        .fault = run->fault,
        .is_created = run->is_created,
        .install = run->install.number > 0 ? &run->install : NULL,
        .destination = buf_bytes(&run->destination),
        .drift = buf_bytes(&run->drift),
    };

    memcpy(result.why, run->why, sizeof(result.why));
    for (const struct waiter *waiter = job->waiters; waiter != NULL;
         waiter = waiter->next) {
        if (waiter->token_fn != NULL)
            waiter->token_fn(waiter->arg, &run->token, &result);
        else if (waiter->fn != NULL)
            waiter->fn(waiter->arg, &result);
    }
}

void registrar_tell(struct run *run, enum registrar_event event)
{
    const struct registrar_options *options = &run->registrar->options;
    struct registrar_result result = {
        .fault = run->fault,
        .is_created = run->is_created,
        .install = run->install.number > 0 ? &run->install : NULL,
    };

    memcpy(result.why, run->why, sizeof(result.why));
    if (options->event_fn != NULL)
        options->event_fn(options->arg, event, &result);
}

static void do_job(struct registrar *registrar, struct job *job)
{
    struct run run = {.registrar = registrar, .job = job, .lease = job->number};

    run.snapshot = atomic_load(&registrar->snapshot);
    arena_init(&run.arena);
    buf_init(&run.destination, REGISTRAR_TEXT_BYTES);
    buf_init(&run.drift, REGISTRAR_TEXT_BYTES);
    buf_init(&run.steps, STEPS_BYTES);
    if (registrar_is_stopping(registrar))
        calls_fail(&run, ENABLING_FAULT_OURS, "the service stops");
    else
        steps_run(&run);
    told_keep(&run);
    pthread_mutex_lock(&registrar->lock);
    list_remove(&registrar->running, &job->link); /* nobody joins any more */
    if (run.lease != 0)
        map_remove(&registrar->busy, number_bytes(&run.lease));
    pthread_cond_broadcast(&registrar->changed);
    pthread_mutex_unlock(&registrar->lock);
    tell_waiters(&run, job);
    secret_done(&run.token);
    buf_done(&run.destination);
    buf_done(&run.drift);
    arena_done(&run.arena);
    job_free(job);
}

static void *registrar_main(void *arg)
{
    struct registrar *registrar = arg;
    struct job *job;

    for (;;) {
        pthread_mutex_lock(&registrar->lock);
        while ((job = next_job(registrar)) == NULL &&
               !(registrar->is_stopping && list_is_empty(&registrar->waiting)))
            pthread_cond_wait(&registrar->changed, &registrar->lock);
        pthread_mutex_unlock(&registrar->lock);
        if (job == NULL)
            return NULL;
        do_job(registrar, job);
    }
}

/* --- what is done by itself ----------------------------------------------------------
 */

/* What the watch has to do about a row now, if anything. */
static bool is_due(const struct held *held, int64_t now_ms, enum job_kind *ret_kind,
                   bool *ret_mend)
{
    const enum enabling_state state = enabling_state_parse(held->row.state);
    const int64_t again_ms = held->row.number < 0 ? CODE_AGAIN_MS : AGAIN_MS;

    *ret_kind = held->row.number < 0 ? JOB_REDEEM : JOB_SYNC;
    *ret_mend = state != ENABLING_ENABLED;
    if (held->tried_at_ms != 0 && now_ms < held->tried_at_ms + again_ms &&
        now_ms >= held->tried_at_ms)
        return false;
    if (held->row.number < 0 || state == ENABLING_EXCHANGED || state == ENABLING_KEYED)
        return true;
    return state == ENABLING_ENABLED && now_ms >= held->row.synced_at_ms + DAY_MS;
}

/* Under the lock: the first that is due and not worked on. */
static struct job *find_due(struct registrar *registrar, int64_t now_ms)
{
    size_t cursor = 0;
    struct bytes key;
    void *value;

    while (map_next(&registrar->held, &cursor, &key, &value)) {
        struct held *held = value;
        enum job_kind kind;
        bool may_mend;

        if (!is_due(held, now_ms, &kind, &may_mend) ||
            map_find(&registrar->busy, key) != NULL)
            continue;
        held->tried_at_ms = now_ms;
        return job_new(kind, held->row.number, may_mend, NULL);
    }
    return NULL;
}

static void *watch_main(void *arg)
{
    struct registrar *registrar = arg;
    struct job *job;

    while (!registrar_is_stopping(registrar)) {
        do {
            pthread_mutex_lock(&registrar->lock);
            job = find_due(registrar, clock_wall_ms());
            pthread_mutex_unlock(&registrar->lock);
        } while (job != NULL && ask(registrar, job));
        registrar_sleep(registrar, WATCH_MS);
    }
    return NULL;
}

/* --- life ----------------------------------------------------------------------------
 */

struct registrar *registrar_new(const struct registrar_options *options)
{
    struct registrar *registrar = mem_new(struct registrar);
    const uint64_t seed[2] = {rand_u64(), rand_u64()};
    pthread_condattr_t monotonic;

    registrar->options = *options;
    pthread_mutex_init(&registrar->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&registrar->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    map_init(&registrar->held, seed);
    map_init(&registrar->busy, seed);
    return registrar;
}

void registrar_use(struct registrar *registrar, const struct snapshot *snapshot)
{
    atomic_store(&registrar->snapshot, snapshot);
}

void registrar_start(struct registrar *registrar, struct keeper *keeper)
{
    registrar->keeper = keeper;
    registrar->is_started = true;
    for (size_t i = 0; i < REGISTRAR_THREADS; i++) {
        if (pthread_create(&registrar->threads[i], NULL, registrar_main, registrar) != 0)
            abort();
        pthread_setname_np(registrar->threads[i], "registrar");
    }
    if (pthread_create(&registrar->watch, NULL, watch_main, registrar) != 0)
        abort();
    pthread_setname_np(registrar->watch, "registrar-watch");
}

void registrar_stop(struct registrar *registrar)
{
    if (registrar == NULL || !registrar->is_started)
        return;
    pthread_mutex_lock(&registrar->lock);
    registrar->is_stopping = true;
    pthread_cond_broadcast(&registrar->changed);
    pthread_mutex_unlock(&registrar->lock);
    for (size_t i = 0; i < REGISTRAR_THREADS; i++)
        pthread_join(registrar->threads[i], NULL);
    pthread_join(registrar->watch, NULL);
    registrar->is_started = false;
}

void registrar_free(struct registrar *registrar)
{
    size_t cursor = 0;
    struct bytes key;
    void *value;

    if (registrar == NULL)
        return;
    while (map_next(&registrar->held, &cursor, &key, &value))
        held_free(value);
    map_done(&registrar->held);
    map_done(&registrar->busy);
    pthread_cond_destroy(&registrar->changed);
    pthread_mutex_destroy(&registrar->lock);
    free(registrar);
}

/* --- what is asked -------------------------------------------------------------------
 */

bool registrar_exchange(struct registrar *registrar, const struct registrar_code *code,
                        registrar_done_fn *fn, void *arg)
{
    const struct waiter waiter = {.fn = fn, .arg = arg};
    struct job *job = job_new(JOB_EXCHANGE, 0, /* may_mend= */ true, &waiter);

    secret_set(&job->code, code->code);
    secret_set(&job->verifier, code->verifier);
    job->redirect_uri = bytes_copy(code->redirect_uri);
    job->subscription = bytes_copy(code->subscription);
    job->pressed_at_ms = code->pressed_at_ms;
    job->called_at_ms = clock_wall_ms();
    return ask(registrar, job);
}

bool registrar_sync(struct registrar *registrar, int64_t number, bool may_mend,
                    registrar_done_fn *fn, void *arg)
{
    const struct waiter waiter = {.fn = fn, .arg = arg};

    return ask(registrar, job_new(JOB_SYNC, number, may_mend, &waiter));
}

bool registrar_refresh(struct registrar *registrar, int64_t number, registrar_done_fn *fn,
                       void *arg)
{
    const struct waiter waiter = {.fn = fn, .arg = arg};

    return ask(registrar, job_new(JOB_REFRESH, number, /* may_mend= */ false, &waiter));
}

bool registrar_forget(struct registrar *registrar, int64_t number, registrar_done_fn *fn,
                      void *arg)
{
    const struct waiter waiter = {.fn = fn, .arg = arg};

    return ask(registrar, job_new(JOB_FORGET, number, /* may_mend= */ false, &waiter));
}

bool registrar_token(struct registrar *registrar, int64_t number, registrar_token_fn *fn,
                     void *arg)
{
    const struct waiter waiter = {.token_fn = fn, .arg = arg};

    return ask(registrar, job_new(JOB_TOKEN, number, /* may_mend= */ false, &waiter));
}

bool registrar_approve(struct registrar *registrar, struct bytes redirect_uri,
                       registrar_done_fn *fn, void *arg)
{
    const struct waiter waiter = {.fn = fn, .arg = arg};
    struct job *job = job_new(JOB_APPROVE, 0, /* may_mend= */ true, &waiter);

    job->redirect_uri = bytes_copy(redirect_uri);
    return ask(registrar, job);
}
