/* SPDX-License-Identifier: MIT */

/* GET /metrics: the tally as Prometheus text (ux §5.2), after what is so just now
 * (service/gauges.h). One table a kind of counter, so a name without a sentence cannot
 * be. */

#include <stdio.h>

#include "base/err.h"
#include "base/mem.h"
#include "service/courier.h"
#include "service/desk.h"
#include "service/gauges.h"
#include "service/record.h"
#include "service/site.h"
#include "store/reader.h"

enum { PAGE_BYTES = 4 << 20 };

static const char *const classes[TALLY_CLASSES] = {"none", "1xx", "2xx",
                                                   "3xx",  "4xx", "5xx"};

struct visit {
    struct desk_job job;
    struct order order;
    struct site *site;
    struct server_request *request;
    int64_t oldest_ms; /* wall; 0: nothing waits; -1: not known */
};

static void print_received(struct buf *page, const struct tally *tally)
{
    gauges_head(page, "events_received_total", "counter", "Events stored, by type.");
    for (size_t i = 0; i < TALLY_SUBSCRIPTIONS; i++) {
        const struct tally_subscription *one = &tally->subscriptions[i];

        for (int kind = EVENT_IDENTIFY; one->name[0] != '\0' && kind < EVENT_N_KINDS;
             kind++)
            buf_addf(page,
                     "partnerapp_events_received_total{subscription=\"%s\",type=\"%s\"} "
                     "%llu\n",
                     one->name, event_kind_text((enum event_kind)kind),
                     (unsigned long long)one->received[kind]);
    }
    gauges_head(page, "events_duplicate_total", "counter",
                "Events that were known already.");
    for (size_t i = 0; i < TALLY_SUBSCRIPTIONS; i++) {
        const struct tally_subscription *one = &tally->subscriptions[i];

        if (one->name[0] != '\0')
            buf_addf(page,
                     "partnerapp_events_duplicate_total{subscription=\"%s\"} %llu\n",
                     one->name, (unsigned long long)one->duplicates);
    }
}

static void print_refused(struct buf *page, const struct tally *tally)
{
    gauges_head(page, "events_rejected_total", "counter", "Requests refused, by reason.");
    for (int reason = REFUSED_AUTH; reason < REFUSED_N; reason++)
        buf_addf(page, "partnerapp_events_rejected_total{reason=\"%s\"} %llu\n",
                 tally_refusal_text((enum tally_refusal)reason),
                 (unsigned long long)tally->refusals[reason]);
}

static void print_settled(struct buf *page, const struct tally *tally)
{
    gauges_head(page, "deliveries_total", "counter",
                "Deliveries that ended, by outcome.");
    for (size_t i = 0; i < TALLY_SUBSCRIPTIONS; i++) {
        const struct tally_subscription *one = &tally->subscriptions[i];

        for (int state = DELIVERY_DELIVERED;
             one->name[0] != '\0' && state < DELIVERY_N_STATES; state++)
            buf_addf(
                page,
                "partnerapp_deliveries_total{subscription=\"%s\",outcome=\"%s\"} %llu\n",
                one->name, delivery_state_text((enum delivery_state)state),
                (unsigned long long)one->settled[state]);
    }
}

static void print_retries(struct buf *page, const struct tally *tally)
{
    gauges_head(page, "delivery_retries_total", "counter",
                "Attempts that failed and are tried again.");
    for (size_t i = 0; i < TALLY_SUBSCRIPTIONS; i++) {
        const struct tally_subscription *one = &tally->subscriptions[i];

        if (one->name[0] != '\0')
            buf_addf(page,
                     "partnerapp_delivery_retries_total{subscription=\"%s\"} %llu\n",
                     one->name, (unsigned long long)one->settled[DELIVERY_RETRYING]);
    }
}

static void print_requests(struct buf *page, const struct tally *tally)
{
    gauges_head(page, "delivery_attempts_total", "counter",
                "Requests to endpoints, by class of status; none: no answer.");
    for (size_t i = 0; i < TALLY_SUBSCRIPTIONS; i++) {
        const struct tally_subscription *one = &tally->subscriptions[i];

        for (size_t class = 0; one->name[0] != '\0' && class < COUNT(classes); class ++)
            buf_addf(
                page,
                "partnerapp_delivery_attempts_total{subscription=\"%s\",result=\"%s\"} "
                "%llu\n",
                one->name, classes[class], (unsigned long long)one->requests[class]);
    }
}

static void print_runs(struct buf *page, const struct tally *tally)
{
    gauges_head(page, "function_invocations_total", "counter",
                "Runs of functions, by outcome.");
    for (size_t i = 0; i < TALLY_SUBSCRIPTIONS; i++) {
        const struct tally_subscription *one = &tally->subscriptions[i];

        for (int outcome = OUTCOME_DELIVERED;
             one->name[0] != '\0' && outcome <= OUTCOME_DEAD; outcome++)
            buf_addf(
                page,
                "partnerapp_function_invocations_total{function=\"%s\",outcome=\"%s\"} "
                "%llu\n",
                one->name, record_outcome_text((enum outcome)outcome),
                (unsigned long long)one->runs[outcome]);
    }
}

static void print_times_of(struct buf *page, const char *name, const char *subscription,
                           const struct tally_times *times)
{
    uint64_t n = 0;
    double limit_s = 0.0001;

    for (size_t i = 0; i <= TALLY_BUCKETS; i++) {
        char limit[32];

        n += times->buckets[i];
        snprintf(limit, sizeof(limit), i < TALLY_BUCKETS ? "%.4f" : "+Inf", limit_s);
        buf_addf(page, "partnerapp_%s_bucket{subscription=\"%s\",le=\"%s\"} %llu\n", name,
                 subscription, limit, (unsigned long long)n);
        limit_s *= 2;
    }
    buf_addf(page,
             "partnerapp_%s_sum{subscription=\"%s\"} %.6f\n"
             "partnerapp_%s_count{subscription=\"%s\"} %llu\n",
             name, subscription, (double)times->sum_us / 1e6, name, subscription,
             (unsigned long long)times->n);
}

static void print_times(struct buf *page, const struct tally *tally)
{
    static const struct {
        const char *name, *help;
        size_t offset;
    } kinds[] = {
        {"receive_duration_seconds", "From the first byte to the verdict.",
         offsetof(struct tally_subscription, receive)},
        {"delivery_latency_seconds", "From received to delivered.",
         offsetof(struct tally_subscription, latency)},
        {"delivery_attempt_duration_seconds", "One request to an endpoint.",
         offsetof(struct tally_subscription, request)},
        {"function_duration_seconds", "One run of a function.",
         offsetof(struct tally_subscription, run)},
    };

    for (size_t k = 0; k < COUNT(kinds); k++) {
        gauges_head(page, kinds[k].name, "histogram", kinds[k].help);
        for (size_t i = 0; i < TALLY_SUBSCRIPTIONS; i++) {
            const struct tally_subscription *one = &tally->subscriptions[i];
            const struct tally_times *times =
                (const void *)((const char *)one + kinds[k].offset);

            if (one->name[0] != '\0')
                print_times_of(page, kinds[k].name, one->name, times);
        }
    }
}

/* --- Segment ---------------------------------------------------------------------- */

static void print_tokens(struct buf *page, const struct tally *tally)
{
    static const char *const steps[] = {
        [OAUTH_EXCHANGE] = "exchange", [OAUTH_REFRESH] = "refresh"};

    gauges_head(page, "oauth_requests_total", "counter",
                "Tokens asked of Segment, by what came of it.");
    for (size_t step = 0; step < COUNT(steps); step++) {
        for (int verdict = 0; verdict <= OAUTH_TOKEN_SCOPE; verdict++)
            buf_addf(page,
                     "partnerapp_oauth_requests_total{step=\"%s\",outcome=\"%s\"} %llu\n",
                     steps[step], tally_token_text((enum oauth_token_verdict)verdict),
                     (unsigned long long)tally->tokens[step][verdict]);
    }
}

static void print_config_api(struct buf *page, const struct tally *tally)
{
    static const struct {
        enum segment_verb verb;
        const char *method;
    } methods[] = {
        {SEGMENT_GET, "GET"}, {SEGMENT_CREATE, "POST"}, {SEGMENT_UPDATE, "PATCH"}};

    gauges_head(page, "config_api_requests_total", "counter",
                "Requests about destinations to Segment, by class of status.");
    for (size_t i = 0; i < COUNT(methods); i++) {
        for (size_t class = 0; class < COUNT(classes); class ++)
            buf_addf(
                page,
                "partnerapp_config_api_requests_total{method=\"%s\",code=\"%s\"} %llu\n",
                methods[i].method, classes[class],
                (unsigned long long)tally->config_api[methods[i].verb][class]);
    }
}

static void print_syncs(struct buf *page, const struct tally *tally)
{
    gauges_head(page, "install_syncs_total", "counter",
                "Looks at installs' destinations, by outcome.");
    for (int sync = SYNC_FAILED; sync < SYNC_N; sync++)
        buf_addf(page, "partnerapp_install_syncs_total{outcome=\"%s\"} %llu\n",
                 tally_sync_text((enum tally_sync)sync),
                 (unsigned long long)tally->syncs[sync]);
}

static void run_metrics(struct courier *courier, struct order *order)
{
    struct visit *visit = container_of(order, struct visit, order);
    struct tally *copy = mem_new(struct tally);
    cleanup(buf_done) struct buf page = {0};
    struct server_answer answer = {
        .status = 200, .content_type = "text/plain; version=0.0.4; charset=utf-8"};

    pthread_mutex_lock(&visit->site->tally->lock);
    *copy = *visit->site->tally;
    pthread_mutex_unlock(&visit->site->tally->lock);
    buf_init(&page, PAGE_BYTES);
    gauges_print(&page, visit->site, courier, &copy->counts, visit->oldest_ms);
    print_received(&page, copy);
    print_refused(&page, copy);
    print_settled(&page, copy);
    print_retries(&page, copy);
    print_requests(&page, copy);
    print_runs(&page, copy);
    print_times(&page, copy);
    print_tokens(&page, copy);
    print_config_api(&page, copy);
    print_syncs(&page, copy);
    answer.body = buf_bytes(&page);
    server_answer(visit->request, &answer);
    free(copy);
    free(visit);
}

static void go_to_courier(struct visit *visit)
{
    visit->order.run_fn = run_metrics;
    courier_order(visit->site->courier, &visit->order);
}

static void run_oldest(struct reader *reader, struct desk_job *job)
{
    struct visit *visit = container_of(job, struct visit, job);
    struct err err = {0};

    if (reader_oldest_waiting(reader, &visit->oldest_ms, &err) < 0)
        visit->oldest_ms = -1;
    go_to_courier(visit);
}

/* Whoever asks gets an answer: a desk that is busy costs it one number. */
void api_metrics_get(const struct site_call *call)
{
    struct visit *visit = mem_new(struct visit);

    visit->site = call->site;
    visit->request = call->request;
    visit->job.run_fn = run_oldest;
    if (tally_waiting(call->site->tally) > 0) {
        if (desk_ask(call->site->desk, &visit->job))
            return;
        visit->oldest_ms = -1;
    }
    go_to_courier(visit);
}
