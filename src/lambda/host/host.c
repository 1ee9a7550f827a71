/* SPDX-License-Identifier: MIT */

#include "lambda/host/host.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "lambda/host/environment.h"
#include "lambda/host/task.h"
#include "json/json.h"

enum { CONNECTIONS = 512, BODY_BYTES = 6 << 20, NOTE_BYTES = 1024 };

/* --- words for people --------------------------------------------------------------- */

void host_tell(struct host *host, const struct host_notice *notice)
{
    if (host->options.notice_fn != NULL)
        host->options.notice_fn(host->options.arg, notice);
}

void host_note(struct host *host, unsigned environment, const char *format, ...)
{
    char text[NOTE_BYTES];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    host_tell(host, &(struct host_notice){
                        .kind = HOST_NOTE, .text = text, .environment = environment});
}

/* --- who gets what ------------------------------------------------------------------ */

static struct environment *find_idle(const struct host *host)
{
    for (struct list_link *link = host->environments.first; link != NULL;
         link = link->next) {
        struct environment *environment = list_entry(link, struct environment, link);

        if (environment->state == ENVIRONMENT_IDLE)
            return environment;
    }
    return NULL;
}

/* That will ask for work in a moment, as far as we know. */
static size_t count_coming(const struct host *host)
{
    size_t n = 0;

    for (struct list_link *link = host->environments.first; link != NULL;
         link = link->next) {
        const enum environment_state state =
            list_entry(link, struct environment, link)->state;

        n += state == ENVIRONMENT_STARTING || state == ENVIRONMENT_FINISHING;
    }
    return n;
}

bool host_is_full(const struct host *host)
{
    const size_t n_more = host->options.max_environments - host->environments.n_links;

    return find_idle(host) == NULL &&
           host->callers.n_links >= count_coming(host) + n_more;
}

static struct task *pop_waiting(struct host *host)
{
    struct list_link *link = list_pop(&host->callers);

    if (link == NULL)
        link = list_pop(&host->events);
    return link != NULL ? list_entry(link, struct task, link) : NULL;
}

static size_t count_waiting(const struct host *host)
{
    return host->callers.n_links + host->events.n_links;
}

/* What it posted as its init error is the answer. */
static void fail_by_init_error(struct task *task, const struct environment *environment)
{
    cleanup(json_freep) struct json *json = NULL;
    const struct bytes body = buf_bytes(&environment->init_error);
    struct bytes type, message;

    if (json_parse(body, &json, NULL) < 0) {
        task_fail(task, environment->init_type, "the function did not start");
        return;
    }
    type = json_string(json_get(json, "errorType"));
    message = json_string(json_get(json, "errorMessage"));
    task_end(task, type.len > 0 ? type.ptr : environment->init_type, message, body);
}

void host_fail_first(struct host *host, struct environment *environment)
{
    struct task *task = pop_waiting(host);

    if (task == NULL)
        return;
    task->environment = environment->number;
    task->n_attempts++;
    if (environment->init_error.len > 0)
        fail_by_init_error(task, environment);
    else
        task_fail(task, environment->why_type, environment->why);
}

/* Nobody waits in vain for an environment that cannot even be started. */
static void start_another(struct host *host)
{
    struct err err = {0};
    struct task *task;

    if (environment_start(host, &err) == 0)
        return;
    host_note(host, 0, "no environment: %s", err.text);
    task = pop_waiting(host);
    if (task == NULL)
        return;
    task->n_attempts++;
    task_fail(task, "Runtime.InvalidEntrypoint", err.text);
}

void host_dispatch(struct host *host)
{
    struct environment *idle = find_idle(host);

    while (idle != NULL && count_waiting(host) > 0) {
        environment_take(idle, pop_waiting(host));
        idle = find_idle(host);
    }
    while (count_waiting(host) > count_coming(host) &&
           host->environments.n_links < host->options.max_environments)
        start_another(host);
}

/* --- its life ----------------------------------------------------------------------- */

static void set_defaults(struct host *host, const struct host_options *given)
{
    struct host_options *options = &host->options;
    const char *region = getenv("AWS_REGION");
    char folder[PATH_MAX];

    *options = *given;
    if (options->handler == NULL)
        options->handler = "index.handler";
    if (options->function_name == NULL)
        options->function_name = "function";
    if (options->task_root == NULL)
        options->task_root = getcwd(folder, sizeof(folder)) != NULL
                                 ? arena_text(&host->arena, folder)
                                 : "/";
    if (options->timeout_ms == 0)
        options->timeout_ms = HOST_TIMEOUT_MS;
    if (options->event_retry_ms == 0)
        options->event_retry_ms = HOST_EVENT_RETRY_MS;
    if (options->max_environments == 0)
        options->max_environments = HOST_ENVIRONMENTS;
    if (options->memory_mb == 0)
        options->memory_mb = HOST_MEMORY_MB;
    host->sts.role = options->role;
    host->sts.external_id = options->external_id;
    snprintf(host->region, sizeof(host->region), "%s",
             region != NULL && region[0] != '\0' ? region : "us-west-2");
}

int host_new(struct loop *loop, const struct host_options *options,
             struct host **ret_host, struct err *err)
{
    struct host *host = mem_new(struct host);
    const struct listener_options front = {
        .host = options->listen_host,
        .port = options->port,
        .max_connections = CONNECTIONS,
        .max_bytes = BODY_BYTES,
        .too_large = invoke_too_large,
        .fn = invoke_front,
        .arg = host,
    };

    host->loop = loop;
    arena_init(&host->arena);
    set_defaults(host, options);
    if (listener_open(&host->front, loop, &front, err) < 0 ||
        environment_start(host, err) < 0) {
        host_free(host);
        return -1;
    }
    *ret_host = host;
    return 0;
}

int host_port(const struct host *host)
{
    return listener_port(&host->front);
}

static void give_up(struct list *invocations)
{
    struct list_link *link;

    while ((link = list_pop(invocations)) != NULL)
        task_give_up(list_entry(link, struct task, link));
}

void host_free(struct host *host)
{
    if (host == NULL)
        return;
    host->options.notice_fn = NULL;
    give_up(&host->callers);
    give_up(&host->events);
    give_up(&host->later);
    while (host->environments.first != NULL) {
        struct environment *environment =
            list_entry(host->environments.first, struct environment, link);
        struct task *task = take(environment->task);

        if (task != NULL)
            task_give_up(task);
        environment_end(environment);
    }
    listener_finish(&host->front);
    arena_done(&host->arena);
    free(host);
}
