/* SPDX-License-Identifier: MIT */

/* Is it up, can it take events, and how many are where: health and /api/v1/status. */

#include <unistd.h>

#include "base/mem.h"
#include "js/pool.h"
#include "service/courier.h"
#include "service/desk.h"
#include "service/keeper.h"
#include "service/site.h"
#include "store/reader.h"
#include "sys/clock.h"
#include "json/write.h"

enum { ANSWER_BYTES = 65536 };

void api_health_live(const struct site_call *call)
{
    const struct server_answer answer = {
        .status = 200, .content_type = "text/plain", .body = BYTES("ok\n")};

    server_answer(call->request, &answer);
}

const char *site_queue_trouble(struct site *site)
{
    const struct snapshot *snapshot = atomic_load(&site->snapshot);

    return tally_waiting(site->tally) >= snapshot->config->limits.queue_events
               ? "the queue is full"
               : NULL;
}

const char *site_serving_trouble(struct site *site)
{
    if (atomic_load(&site->is_draining))
        return "stopping";
    return atomic_load(&site->is_up) ? NULL : "starting";
}

static const char *readiness(struct site *site)
{
    const char *serving = site_serving_trouble(site);
    const char *queue = site_queue_trouble(site);

    if (serving != NULL)
        return serving;
    return queue != NULL ? queue : keeper_refusal(site->keeper);
}

static void print_check(struct buf *body, const char *name, const char *trouble)
{
    buf_addf(body, "[%s] %s: %s\n", trouble == NULL ? "+" : "-", name,
             trouble == NULL ? "ok" : trouble);
}

static void print_checks(struct site *site, struct buf *body)
{
    print_check(body, "serving", site_serving_trouble(site));
    print_check(body, "queue", site_queue_trouble(site));
    print_check(body, "store", keeper_refusal(site->keeper));
    buf_addf(body, "%s\n", readiness(site) == NULL ? "ready" : "not ready");
}

static void print_readiness(const char *why, struct buf *body)
{
    struct write json;

    write_init(&json, body);
    write_object(&json);
    write_member_text(&json, "status", why == NULL ? "ready" : "not ready");
    if (why != NULL)
        write_member_text(&json, "message", why);
    write_object_end(&json);
}

void api_health_ready(const struct site_call *call)
{
    const char *why = readiness(call->site);
    bool is_verbose = server_query(call->request, "verbose").ptr != NULL;
    struct server_answer answer = {.status = why == NULL ? 200 : 503,
                                   .content_type =
                                       is_verbose ? "text/plain" : "application/json"};
    cleanup(buf_done) struct buf body = {0};

    buf_init(&body, ANSWER_BYTES);
    if (is_verbose)
        print_checks(call->site, &body);
    else
        print_readiness(why, &body);
    answer.body = buf_bytes(&body);
    if (why != NULL)
        answer.headers[0] = (struct server_header){"Retry-After", "1"};
    server_answer(call->request, &answer);
}

void api_health_check(const struct site_call *call)
{
    api_health_ready(call);
}

/* --- status
 * ----------------------------------------------------------------------------- */

struct visit {
    struct desk_job job;
    struct order order;
    int64_t n_dead_letters; /* that nobody has replayed yet; -1: too many to count */
    struct site *site;
    struct server_request *request;
};

static void print_listeners(struct write *json, const struct site *site)
{
    write_key(json, "listeners");
    write_object(json);
    write_member_text(json, "public", site->public_text);
    write_member_text(json, "admin", site->admin_text);
    write_object_end(json);
}

static void print_subscriptions(struct write *json, const struct site *site)
{
    const struct snapshot *snapshot = atomic_load(&site->snapshot);

    write_key(json, "subscriptions");
    write_array(json);
    for (size_t i = 0; i < snapshot->n_subscriptions; i++) {
        const struct config_subscription *one = snapshot->subscriptions[i].config;

        write_object(json);
        write_member_text(json, "name", one->name);
        write_member_text(json, "kind",
                          one->kind == CONFIG_SOURCE ? "source" : "destination");
        write_member_text(json, "path", one->path);
        write_object_end(json);
    }
    write_array_end(json);
}

static void print_runners(struct write *json, struct courier *courier)
{
    struct pool_stats stats;
    char layers[160];

    courier_stats(courier, &stats);
    write_key(json, "runners");
    write_object(json);
    write_member_i64(json, "count", stats.n_runners);
    write_member_i64(json, "in_flight", stats.n_in_flight);
    write_member_i64(json, "rss_bytes", stats.rss_bytes);
    write_member_i64(json, "peak_rss_bytes", stats.peak_rss_bytes);
    write_member_text(json, "sandbox", courier_sandbox(courier));
    courier_sandbox_layers(courier, layers, sizeof(layers));
    write_member_text(json, "sandbox_layers", layers);
    write_member_i64(json, "killed_time", (int64_t)stats.n_killed_time);
    write_member_i64(json, "killed_memory", (int64_t)stats.n_killed_memory);
    write_member_i64(json, "crashed", (int64_t)stats.n_crashed);
    write_object_end(json);
}

static void print_store(struct write *json, struct site *site)
{
    const struct snapshot *snapshot = atomic_load(&site->snapshot);

    write_key(json, "store");
    write_object(json);
    write_member_i64(json, "bytes", keeper_store_bytes(site->keeper));
    write_member_i64(json, "limit_bytes", snapshot->config->limits.disk_bytes);
    write_object_end(json);
}

/* The local Segment that dev has started, or was pointed at; NULL: it is Segment's own.
 */
static const char *emulator_of(const struct site *site)
{
    const char *id_url =
        atomic_load(&((struct site *)(uintptr_t)site)->snapshot)->config->segment.id_url;

    if (!site->is_dev || id_url == NULL)
        return NULL;
    return bytes_starts(bytes_str(id_url), BYTES("http://localhost:")) ||
                   bytes_starts(bytes_str(id_url), BYTES("http://127.0.0.1:"))
               ? id_url
               : NULL;
}

void site_write_status(struct courier *courier, struct site *site, int64_t n_dead_letters,
                       struct write *json)
{
    struct tally_counts counts;

    tally_counts(site->tally, &counts);
    write_object(json);
    write_member_text(json, "version", PARTNERAPP_VERSION);
    write_member_i64(json, "uptime_ms", clock_now_ms() - site->started_ms);
    write_member_text(json, "mode", site->is_dev ? "dev" : "serve");
    write_member_text(json, "status",
                      readiness(site) == NULL ? "ready" : readiness(site));
    write_member_i64(json, "pid", getpid());
    write_member_text(json, "emulator", emulator_of(site));
    print_listeners(json, site);
    print_subscriptions(json, site);
    site_print_counters(json, &counts);
    write_member_i64(json, "queue_depth",
                     counts.by_state[DELIVERY_QUEUED] +
                         counts.by_state[DELIVERY_RUNNING] +
                         counts.by_state[DELIVERY_RETRYING]);
    write_member_i64(json, "dead_letters",
                     n_dead_letters >= 0 ? n_dead_letters
                                         : counts.by_state[DELIVERY_DEAD]);
    print_store(json, site);
    print_runners(json, courier);
    write_object_end(json);
}

static void run_status(struct courier *courier, struct order *order)
{
    struct visit *visit = container_of(order, struct visit, order);
    cleanup(buf_done) struct buf body = {0};
    struct write json;

    buf_init(&body, ANSWER_BYTES);
    write_init(&json, &body);
    site_write_status(courier, visit->site, visit->n_dead_letters, &json);
    site_json(visit->request, 200, &body);
    free(visit);
}

static void run_count(struct reader *reader, struct desk_job *job)
{
    struct visit *visit = container_of(job, struct visit, job);
    cleanup(arena_done) struct arena arena = {0};
    struct query everything = {0};
    const struct reader_find find = {
        .query = &everything, .limit = 1, .is_dead_list = true, .needs_total = true};
    struct reader_page page;
    struct err err = {0};

    arena_init(&arena);
    visit->n_dead_letters =
        reader_find(reader, &find, &arena, &page, &err) == 0 ? page.total : -1;
    visit->order.run_fn = run_status;
    courier_order(visit->site->courier, &visit->order);
}

void api_status_get(const struct site_call *call)
{
    struct visit *visit = mem_new(struct visit);

    visit->site = call->site;
    visit->request = call->request;
    visit->job.run_fn = run_count;
    if (desk_ask(call->site->desk, &visit->job))
        return;
    site_problem(call->request, 503, NULL, "too many questions at once");
    free(visit);
}
