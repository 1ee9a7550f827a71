/* SPDX-License-Identifier: MIT */

/* GET /metrics: the tally as Prometheus text (ux §5.2). One table a kind of counter, so a
 * name without a sentence cannot be. */

#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/mem.h"
#include "js/pool.h"
#include "service/courier.h"
#include "service/keeper.h"
#include "service/record.h"
#include "service/registrar.h"
#include "service/site.h"
#include "sys/clock.h"

enum { PAGE_BYTES = 4 << 20 };

struct visit {
    struct order order;
    struct site *site;
    struct server_request *request;
};

static void head(struct buf *page, const char *name, const char *type, const char *help)
{
    buf_addf(page, "# HELP partnerapp_%s %s\n# TYPE partnerapp_%s %s\n", name, help, name,
             type);
}

static void print_received(struct buf *page, const struct tally *tally)
{
    head(page, "events_received_total", "counter", "Events stored, by type.");
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
    head(page, "events_duplicate_total", "counter", "Events that were known already.");
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
    head(page, "events_rejected_total", "counter", "Requests refused, by reason.");
    for (int reason = REFUSED_AUTH; reason < REFUSED_N; reason++)
        buf_addf(page, "partnerapp_events_rejected_total{reason=\"%s\"} %llu\n",
                 tally_refusal_text((enum tally_refusal)reason),
                 (unsigned long long)tally->refusals[reason]);
}

static void print_settled(struct buf *page, const struct tally *tally)
{
    head(page, "deliveries_total", "counter", "Deliveries that ended, by outcome.");
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

static void print_requests(struct buf *page, const struct tally *tally)
{
    static const char *const classes[] = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};

    head(page, "delivery_attempts_total", "counter",
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
    head(page, "function_invocations_total", "counter", "Runs of functions, by outcome.");
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
        head(page, kinds[k].name, "histogram", kinds[k].help);
        for (size_t i = 0; i < TALLY_SUBSCRIPTIONS; i++) {
            const struct tally_subscription *one = &tally->subscriptions[i];
            const struct tally_times *times =
                (const void *)((const char *)one + kinds[k].offset);

            if (one->name[0] != '\0')
                print_times_of(page, kinds[k].name, one->name, times);
        }
    }
}

static void print_gauges(struct buf *page, struct site *site,
                         const struct tally_counts *counts, struct courier *courier)
{
    struct pool_stats stats;

    head(page, "build_info", "gauge", "The version that runs.");
    buf_addf(page, "partnerapp_build_info{version=\"%s\"} 1\n", PARTNERAPP_VERSION);
    head(page, "events_accepted_total", "counter",
         "Events stored since the store was made.");
    buf_addf(page, "partnerapp_events_accepted_total %lld\n",
             (long long)counts->accepted);
    head(page, "queue_deliveries", "gauge", "Deliveries on their way, by state.");
    for (int state = DELIVERY_QUEUED; state <= DELIVERY_RETRYING; state++)
        buf_addf(page, "partnerapp_queue_deliveries{state=\"%s\"} %lld\n",
                 delivery_state_text((enum delivery_state)state),
                 (long long)counts->by_state[state]);
    head(page, "dead_letters", "gauge", "Deliveries that failed for good.");
    buf_addf(page, "partnerapp_dead_letters %lld\n",
             (long long)counts->by_state[DELIVERY_DEAD]);
    head(page, "store_bytes", "gauge", "The store's files on disk.");
    buf_addf(page, "partnerapp_store_bytes %lld\n",
             (long long)keeper_store_bytes(site->keeper));
    courier_stats(courier, &stats);
    head(page, "runners", "gauge", "Processes that run functions.");
    buf_addf(page, "partnerapp_runners %u\n", stats.n_runners);
    head(page, "runner_kills_total", "counter", "Runners ended by us, by reason.");
    buf_addf(page,
             "partnerapp_runner_kills_total{reason=\"time\"} %llu\n"
             "partnerapp_runner_kills_total{reason=\"memory\"} %llu\n"
             "partnerapp_runner_kills_total{reason=\"crash\"} %llu\n",
             (unsigned long long)stats.n_killed_time,
             (unsigned long long)stats.n_killed_memory,
             (unsigned long long)stats.n_crashed);
    head(page, "runner_rss_peak_bytes", "gauge",
         "The most memory that any one runner was seen with.");
    buf_addf(page, "partnerapp_runner_rss_peak_bytes %lld\n",
             (long long)stats.peak_rss_bytes);
    head(page, "uptime_seconds", "gauge", "Since the service started.");
    buf_addf(page, "partnerapp_uptime_seconds %lld\n",
             (long long)((clock_now_ms() - site->started_ms) / 1000));
}

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static long long resident_bytes(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    long long n_pages = 0;

    if (file == NULL)
        return 0;
    if (fscanf(file, "%*d %lld", &n_pages) != 1)
        n_pages = 0;
    fclose(file);
    return n_pages * sysconf(_SC_PAGESIZE);
}

/* Under the names that every Prometheus client gives them: no prefix of ours. */
static void print_process(struct buf *page, const struct site *site)
{
    struct rusage usage = {0};
    int64_t up_ms = clock_now_ms() - site->started_ms;

    getrusage(RUSAGE_SELF, &usage);
    buf_addf(page,
             "# HELP process_cpu_seconds_total CPU time of the service itself.\n"
             "# TYPE process_cpu_seconds_total counter\n"
             "process_cpu_seconds_total %.6f\n"
             "# HELP process_resident_memory_bytes Memory of the service itself.\n"
             "# TYPE process_resident_memory_bytes gauge\n"
             "process_resident_memory_bytes %lld\n"
             "# HELP process_start_time_seconds When the service started.\n"
             "# TYPE process_start_time_seconds gauge\n"
             "process_start_time_seconds %.3f\n",
             seconds(usage.ru_utime) + seconds(usage.ru_stime), resident_bytes(),
             (double)(clock_wall_ms() - up_ms) / 1000.0);
}

static void count_install(void *arg, const struct store_install *install)
{
    int64_t *counts = arg;

    counts[bytes_eq(install->state, BYTES("enabled")) && install->fault.len == 0 ? 0
                                                                                 : 1]++;
}

static void print_installs(struct buf *page, const struct site *site)
{
    int64_t counts[2] = {0};

    registrar_each(site->registrar, count_install, counts);
    head(page, "installs", "gauge", "Installs of our app at Segment, by state.");
    buf_addf(page,
             "partnerapp_installs{state=\"active\"} %lld\n"
             "partnerapp_installs{state=\"attention\"} %lld\n",
             (long long)counts[0], (long long)counts[1]);
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
    print_gauges(&page, visit->site, &copy->counts, courier);
    print_received(&page, copy);
    print_refused(&page, copy);
    print_settled(&page, copy);
    print_requests(&page, copy);
    print_runs(&page, copy);
    print_times(&page, copy);
    print_installs(&page, visit->site);
    print_process(&page, visit->site);
    answer.body = buf_bytes(&page);
    server_answer(visit->request, &answer);
    free(copy);
    free(visit);
}

void api_metrics_get(const struct site_call *call)
{
    struct visit *visit = mem_new(struct visit);

    visit->site = call->site;
    visit->request = call->request;
    visit->order.run_fn = run_metrics;
    courier_order(call->site->courier, &visit->order);
}
