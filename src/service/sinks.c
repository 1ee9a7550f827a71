/* SPDX-License-Identifier: MIT */

#include "service/sinks.h"

#include <pthread.h>

#include "base/err.h"
#include "base/list.h"
#include "base/mem.h"
#include "service/desk.h"
#include "service/site.h"
#include "sys/clock.h"
#include "json/json.h"
#include "json/write.h"

enum { ANSWER_BYTES = 512 << 20, MAX_DELAY_MS = 600000 };

struct taken {
    struct list_link link;
    int64_t at_ms;
    char *json; /* the request as an object's text */
};

struct sink {
    struct list_link link;
    char *name;
    struct list taken; /* oldest first */
    uint64_t n_taken;  /* ever */
    int status;        /* 0: 200 */
    int64_t delay_ms;
    int64_t times; /* how often it still misbehaves; -1: until told otherwise */
};

struct sinks {
    pthread_mutex_t lock;
    struct list list;
};

struct sinks *sinks_new(void)
{
    struct sinks *sinks = mem_new(struct sinks);

    pthread_mutex_init(&sinks->lock, NULL);
    return sinks;
}

static void clear(struct sink *sink)
{
    struct list_link *link;

    while ((link = list_pop(&sink->taken)) != NULL) {
        struct taken *taken = list_entry(link, struct taken, link);

        free(taken->json);
        free(taken);
    }
}

void sinks_free(struct sinks *sinks)
{
    struct list_link *link;

    if (sinks == NULL)
        return;
    while ((link = list_pop(&sinks->list)) != NULL) {
        struct sink *sink = list_entry(link, struct sink, link);

        clear(sink);
        free(sink->name);
        free(sink);
    }
    pthread_mutex_destroy(&sinks->lock);
    free(sinks);
}

/* Under the lock. Made on first sight, NULL when there are too many. */
static struct sink *get(struct sinks *sinks, struct bytes name)
{
    struct sink *sink;

    for (struct list_link *link = sinks->list.first; link != NULL; link = link->next) {
        sink = list_entry(link, struct sink, link);
        if (bytes_eq(bytes_str(sink->name), name))
            return sink;
    }
    if (sinks->list.n_links >= SINK_MAX)
        return NULL;
    sink = mem_new(struct sink);
    sink->name = bytes_copy(name);
    list_push(&sinks->list, &sink->link);
    return sink;
}

/* A field that comes more than once is one member: the values, as HTTP joins them. */
static void print_header(const struct server_request *request, struct bytes name,
                         size_t at, struct write *json)
{
    cleanup(buf_done) struct buf values = {0};
    cleanup(freep) char *key = bytes_copy(name);
    struct bytes other;
    struct bytes value;
    size_t cursor = 0;
    size_t n = 0;

    buf_init(&values, SINK_BODY_BYTES);
    while (server_next_header(request, &cursor, &other, &value)) {
        if (!bytes_eq_nocase(other, name))
            continue;
        if (n == 0 && cursor != at)
            return; /* told at its first */
        buf_add_text(&values, n > 0 ? ", " : "");
        buf_add(&values, value);
        n++;
    }
    write_member_string(json, key, buf_bytes(&values));
}

static void print_headers(const struct server_request *request, struct write *json)
{
    struct bytes name;
    struct bytes value;
    size_t cursor = 0;

    write_key(json, "headers");
    write_object(json);
    while (server_next_header(request, &cursor, &name, &value))
        print_header(request, name, cursor, json);
    write_object_end(json);
}

static char *describe(struct server_request *request, int64_t at_ms)
{
    cleanup(buf_done) struct buf text = {0};
    struct bytes body = bytes_slice(server_body(request), 0, SINK_BODY_BYTES);
    struct write json;

    buf_init(&text, SINK_BODY_BYTES * 8);
    write_init(&json, &text);
    write_object(&json);
    write_member_time(&json, "at", at_ms);
    write_member_string(&json, "method", server_method(request));
    write_member_string(&json, "path", server_path(request));
    print_headers(request, &json);
    write_member_string(&json, "body", body);
    write_object_end(&json);
    return buf_take(&text);
}

static void remember(struct sink *sink, char *json, int64_t at_ms)
{
    struct taken *taken = mem_new(struct taken);

    taken->json = json;
    taken->at_ms = at_ms;
    list_push(&sink->taken, &taken->link);
    sink->n_taken++;
    if (sink->taken.n_links > SINK_REQUESTS) {
        taken = list_entry(list_pop(&sink->taken), struct taken, link);
        free(taken->json);
        free(taken);
    }
}

/* --- answering, perhaps later ----------------------------------------------------------
 */

struct late_answer {
    struct desk_job job;
    struct server_request *request;
    int status;
};

static void answer(struct server_request *request, int status)
{
    const struct server_answer reply = {.status = status,
                                        .content_type = "application/json",
                                        .body = status < 300 ? BYTES("{\"ok\":true}")
                                                             : BYTES("{\"ok\":false}")};

    server_answer(request, &reply);
}

static void run_late(struct reader *reader, struct desk_job *job)
{
    struct late_answer *late = container_of(job, struct late_answer, job);

    (void)reader;
    answer(late->request, late->status);
    free(late);
}

static void answer_later(const struct site_call *call, int status, int64_t delay_ms)
{
    struct late_answer *late = mem_new(struct late_answer);

    late->request = call->request;
    late->status = status;
    late->job.run_fn = run_late;
    late->job.at_ms = clock_now_ms() + delay_ms;
    if (desk_ask(call->site->desk, &late->job))
        return;
    free(late);
    answer(call->request, 503);
}

void api_sink_take(const struct site_call *call)
{
    struct sinks *sinks = call->site->sinks;
    struct bytes name = call->parameters[0];
    int64_t at_ms = clock_wall_ms();
    char *json = describe(call->request, at_ms);
    int64_t delay_ms = 0;
    int status = 200;
    struct sink *sink;

    pthread_mutex_lock(&sinks->lock);
    sink = get(sinks, bytes_take_until(&name, '/'));
    if (sink != NULL) {
        remember(sink, take(json), at_ms);
        if (sink->times != 0) {
            status = sink->status != 0 ? sink->status : 200;
            delay_ms = sink->delay_ms;
            sink->times -= sink->times > 0;
        }
    }
    pthread_mutex_unlock(&sinks->lock);
    free(json);
    if (delay_ms > 0)
        answer_later(call, status, delay_ms);
    else
        answer(call->request, status);
}

/* --- looking and telling
 * ----------------------------------------------------------------- */

void api_sink_requests(const struct site_call *call)
{
    struct sinks *sinks = call->site->sinks;
    cleanup(buf_done) struct buf body = {0};
    struct write json;
    struct sink *sink;

    buf_init(&body, ANSWER_BYTES);
    write_init(&json, &body);
    write_object(&json);
    write_key(&json, "data");
    write_array(&json);
    pthread_mutex_lock(&sinks->lock);
    sink = get(sinks, call->parameters[0]);
    for (struct list_link *link = sink != NULL ? sink->taken.last : NULL; link != NULL;
         link = link->prev)
        write_raw(&json, bytes_str(list_entry(link, struct taken, link)->json));
    write_array_end(&json);
    write_member_text(&json, "next", NULL);
    write_member_i64(&json, "total", sink != NULL ? (int64_t)sink->n_taken : 0);
    pthread_mutex_unlock(&sinks->lock);
    write_object_end(&json);
    site_json(call->request, 200, &body);
}

void api_sink_clear(const struct site_call *call)
{
    struct sinks *sinks = call->site->sinks;
    struct sink *sink;

    pthread_mutex_lock(&sinks->lock);
    sink = get(sinks, call->parameters[0]);
    if (sink != NULL) {
        clear(sink);
        sink->n_taken = 0;
    }
    pthread_mutex_unlock(&sinks->lock);
    answer(call->request, 200);
}

static int read_behaviour(struct server_request *request, struct json **ret_json,
                          struct err *err)
{
    static const struct site_field fields[] = {
        {"status", JSON_INTEGER}, {"delay_ms", JSON_INTEGER}, {"times", JSON_INTEGER}};
    cleanup(json_freep) struct json *json = NULL;
    int64_t status;
    int64_t delay_ms;

    if (site_read(request, fields, COUNT(fields), &json, err) < 0)
        return -1;
    status = json_i64(json_get(json, "status"));
    delay_ms = json_i64(json_get(json, "delay_ms"));
    if (status != 0 && (status < 200 || status > 599))
        return err_code(err, "PA7033", ERR_USAGE,
                        "status must be a number from 200 to 599");
    if (delay_ms < 0 || delay_ms > MAX_DELAY_MS)
        return err_code(err, "PA7033", ERR_USAGE, "delay_ms must be from 0 to %d",
                        MAX_DELAY_MS);
    if (json_i64(json_get(json, "times")) < 0)
        return err_code(err, "PA7033", ERR_USAGE,
                        "times must not be negative; without it: until told otherwise");
    *ret_json = take(json);
    return 0;
}

void api_sink_behave(const struct site_call *call)
{
    struct sinks *sinks = call->site->sinks;
    cleanup(json_freep) struct json *json = NULL;
    struct err err = {0};
    struct sink *sink;

    if (read_behaviour(call->request, &json, &err) < 0) {
        site_problem_err(call->request, &err);
        return;
    }
    pthread_mutex_lock(&sinks->lock);
    sink = get(sinks, call->parameters[0]);
    if (sink != NULL) {
        const struct json *times = json_get(json, "times");

        sink->status = (int)json_i64(json_get(json, "status"));
        sink->delay_ms = json_i64(json_get(json, "delay_ms"));
        sink->times = json_kind(times) == JSON_INTEGER ? json_i64(times) : -1;
    }
    pthread_mutex_unlock(&sinks->lock);
    if (sink != NULL)
        answer(call->request, 200);
    else
        site_problem(call->request, 503, NULL, "there are too many sinks already");
}
