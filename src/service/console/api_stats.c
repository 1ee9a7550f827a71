/* SPDX-License-Identifier: MIT */

/* GET /api/v1/stats: the Overview's numbers, its plots, and what needs attention. The
 * desk says how long the oldest delivery waits, courier what is in trouble. */

#include "base/err.h"
#include "base/mem.h"
#include "service/console/attention.h"
#include "service/console/stats.h"
#include "service/courier.h"
#include "service/desk.h"
#include "service/site.h"
#include "store/reader.h"
#include "sys/clock.h"
#include "json/write.h"

enum { ANSWER_BYTES = 1 << 20 };

struct visit {
    struct desk_job job;
    struct order order;
    struct site *site;
    struct server_request *request;
    enum history_span span;
    int64_t oldest_ms; /* wall; 0: nothing waits */
    struct history_view view;
};

static const char *const names[HISTORY_N] = {
    [HISTORY_RECEIVED] = "received",
    [HISTORY_DELIVERED_FIRST] = "delivered_first",
    [HISTORY_DELIVERED_RETRY] = "delivered_retry",
    [HISTORY_RETRIED] = "retried",
    [HISTORY_DISCARDED] = "discarded",
    [HISTORY_NOT_SUPPORTED] = "not_supported",
    [HISTORY_DEAD] = "dead",
};

static void write_ms(struct write *json, const char *key, int64_t duration_us)
{
    const int64_t tenths = duration_us / 100;

    write_key(json, key);
    if (duration_us >= 0)
        write_double(json, (double)tenths / 10.0);
    else
        write_null(json);
}

static void write_count(struct write *json, const struct history_point *point,
                        const char *key, uint64_t count)
{
    write_key(json, key);
    if (point->is_known)
        write_i64(json, (int64_t)count);
    else
        write_null(json);
}

static void write_point(struct write *json, const struct history_point *point)
{
    const uint64_t *counts = point->counts;

    write_object(json);
    write_member_time(json, "at", point->at_ms);
    write_count(json, point, "received", counts[HISTORY_RECEIVED]);
    write_count(json, point, "delivered",
                counts[HISTORY_DELIVERED_FIRST] + counts[HISTORY_DELIVERED_RETRY]);
    write_count(json, point, "retried", counts[HISTORY_RETRIED]);
    write_count(json, point, "discarded", counts[HISTORY_DISCARDED]);
    write_count(json, point, "dead", counts[HISTORY_DEAD]);
    write_ms(json, "p50_ms", point->p50_us);
    write_ms(json, "p95_ms", point->p95_us);
    write_ms(json, "p99_ms", point->p99_us);
    write_object_end(json);
}

static void write_totals(struct write *json, const struct visit *visit)
{
    const struct history_point *total = &visit->view.total;
    int64_t age_ms = clock_wall_ms() - visit->oldest_ms;

    write_key(json, "totals");
    write_object(json);
    for (size_t i = 0; i < HISTORY_N; i++)
        write_member_i64(json, names[i], (int64_t)total->counts[i]);
    write_ms(json, "p50_ms", total->p50_us);
    write_ms(json, "p95_ms", total->p95_us);
    write_ms(json, "p99_ms", total->p99_us);
    write_member_i64(json, "waiting", tally_waiting(visit->site->tally));
    write_key(json, "oldest_waiting_ms");
    if (visit->oldest_ms != 0)
        write_i64(json, age_ms > 0 ? age_ms : 0);
    else
        write_null(json);
    write_object_end(json);
}

static void write_all(struct courier *courier, const struct visit *visit,
                      struct write *json)
{
    write_object(json);
    write_member_time(json, "from", visit->view.from_ms);
    write_member_time(json, "to", visit->view.to_ms);
    write_member_time(json, "known_from", visit->view.total.at_ms);
    write_member_i64(json, "step_s", visit->view.step_ms / 1000);
    write_key(json, "points");
    write_array(json);
    for (size_t i = 0; i < visit->view.n_points; i++)
        write_point(json, &visit->view.points[i]);
    write_array_end(json);
    write_totals(json, visit);
    write_key(json, "attention");
    write_array(json);
    attention_write(courier, visit->site, json);
    write_array_end(json);
    write_object_end(json);
}

void site_write_stats(struct courier *courier, struct site *site, int64_t oldest_ms,
                      struct write *json)
{
    cleanup(freep) struct visit *visit = mem_new(struct visit);

    visit->site = site;
    visit->oldest_ms = oldest_ms;
    stats_look(site->stats, HISTORY_24H, &visit->view);
    write_all(courier, visit, json);
}

static void run_answer(struct courier *courier, struct order *order)
{
    struct visit *visit = container_of(order, struct visit, order);
    cleanup(buf_done) struct buf body = {0};
    struct write json;

    buf_init(&body, ANSWER_BYTES);
    write_init(&json, &body);
    write_all(courier, visit, &json);
    site_json(visit->request, 200, &body);
    free(visit);
}

static void run_oldest(struct reader *reader, struct desk_job *job)
{
    struct visit *visit = container_of(job, struct visit, job);
    struct err err = {0};

    if (tally_waiting(visit->site->tally) > 0 &&
        reader_oldest_waiting(reader, &visit->oldest_ms, &err) < 0) {
        site_problem_err(visit->request, &err);
        free(visit);
        return;
    }
    stats_look(visit->site->stats, visit->span, &visit->view);
    visit->order.run_fn = run_answer;
    courier_order(visit->site->courier, &visit->order);
}

/* "15m" when nobody says. */
static enum history_span wanted_span(const struct server_request *request)
{
    struct bytes last = server_query(request, "last");
    char text[8] = "15m";

    if (last.ptr == NULL)
        return HISTORY_15M;
    if (last.len >= sizeof(text))
        return HISTORY_NONE;
    memcpy(text, last.ptr, last.len);
    text[last.len] = '\0';
    return history_span_of(text);
}

void api_stats_get(const struct site_call *call)
{
    enum history_span span = wanted_span(call->request);
    struct visit *visit;

    if (span == HISTORY_NONE) {
        site_problem(call->request, 400, NULL, "last must be 15m, 1h, 24h or 7d");
        return;
    }
    visit = mem_new(struct visit);
    visit->site = call->site;
    visit->request = call->request;
    visit->span = span;
    visit->job.run_fn = run_oldest;
    if (desk_ask(call->site->desk, &visit->job))
        return;
    site_problem(call->request, 503, NULL, "too many questions at once");
    free(visit);
}
