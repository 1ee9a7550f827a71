/* SPDX-License-Identifier: MIT */

#include "service/gauges.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "js/pool.h"
#include "service/courier_state.h"
#include "service/keeper.h"
#include "service/registrar.h"
#include "service/site.h"
#include "sys/clock.h"

void gauges_head(struct buf *page, const char *name, const char *type, const char *help)
{
    buf_addf(page, "# HELP partnerapp_%s %s\n# TYPE partnerapp_%s %s\n", name, help, name,
             type);
}

static void print_one(struct buf *page, const char *name, const char *help, int64_t value)
{
    gauges_head(page, name, "gauge", help);
    buf_addf(page, "partnerapp_%s %lld\n", name, (long long)value);
}

/* --- events --------------------------------------------------------------------------
 */

static void print_queue(struct buf *page, const struct tally_counts *counts,
                        int64_t oldest_ms)
{
    const int64_t age_ms = oldest_ms > 0 ? clock_wall_ms() - oldest_ms : 0;

    gauges_head(page, "events_accepted_total", "counter",
                "Events stored since the store was made.");
    buf_addf(page, "partnerapp_events_accepted_total %lld\n",
             (long long)counts->accepted);
    gauges_head(page, "queue_deliveries", "gauge", "Deliveries on their way, by state.");
    for (int state = DELIVERY_QUEUED; state <= DELIVERY_RETRYING; state++)
        buf_addf(page, "partnerapp_queue_deliveries{state=\"%s\"} %lld\n",
                 delivery_state_text((enum delivery_state)state),
                 (long long)counts->by_state[state]);
    if (oldest_ms >= 0) {
        gauges_head(page, "queue_oldest_seconds", "gauge",
                    "How long the oldest delivery that waits has waited.");
        buf_addf(page, "partnerapp_queue_oldest_seconds %.3f\n",
                 age_ms > 0 ? (double)age_ms / 1000.0 : 0.0);
    }
    print_one(page, "dead_letters", "Deliveries that failed for good.",
              counts->by_state[DELIVERY_DEAD]);
}

/* --- endpoints ------------------------------------------------------------------------
 */

struct row {
    bool is_up, is_paused;
    unsigned n_in_flight;
};

static struct row row_of(const struct host *host)
{
    return (struct row){.is_up = host->breaker.state == BREAKER_CLOSED,
                        .is_paused = host->is_paused,
                        .n_in_flight = host->n_in_flight};
}

static int64_t value_of(const struct row *row, size_t column)
{
    const int64_t values[] = {row->is_up, row->is_paused, row->n_in_flight};

    return values[column];
}

static void print_host(struct buf *page, const char *name, const char *host,
                       int64_t value)
{
    buf_addf(page, "partnerapp_%s{destination=\"", name);
    for (; *host != '\0'; host++) {
        if (*host == '"' || *host == '\\')
            buf_add_char(page, '\\');
        buf_add_char(page, *host == '\n' ? ' ' : *host);
    }
    buf_addf(page, "\"} %lld\n", (long long)value);
}

/* One of many that is down is told as "other" being down. */
static void add_row(struct row *sum, const struct row *row)
{
    sum->is_up = sum->is_up && row->is_up;
    sum->is_paused = sum->is_paused || row->is_paused;
    sum->n_in_flight += row->n_in_flight;
}

static void print_column(struct buf *page, const struct courier *courier, size_t column,
                         const char *name)
{
    struct row others = {.is_up = true};
    size_t n = 0, cursor = 0;
    struct bytes key;
    void *value;

    while (map_next(&courier->hosts.by_name, &cursor, &key, &value)) {
        const struct host *host = value;
        const struct row row = row_of(host);

        if (++n <= GAUGES_HOSTS)
            print_host(page, name, host->name, value_of(&row, column));
        else
            add_row(&others, &row);
    }
    if (n > GAUGES_HOSTS)
        print_host(page, name, "other", value_of(&others, column));
}

static void print_hosts(struct buf *page, const struct courier *courier)
{
    static const struct {
        const char *name, *help;
    } columns[] = {
        {"destination_up", "1: its breaker is closed, 0: it has failed too often."},
        {"destination_paused", "1: somebody has paused it."},
        {"destination_in_flight", "Requests under way to it."},
    };

    for (size_t i = 0; i < COUNT(columns); i++) {
        gauges_head(page, columns[i].name, "gauge", columns[i].help);
        print_column(page, courier, i, columns[i].name);
    }
}

/* --- installs -------------------------------------------------------------------------
 */

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
    gauges_head(page, "installs", "gauge", "Installs of our app at Segment, by state.");
    buf_addf(page,
             "partnerapp_installs{state=\"active\"} %lld\n"
             "partnerapp_installs{state=\"attention\"} %lld\n",
             (long long)counts[0], (long long)counts[1]);
}

/* --- machine --------------------------------------------------------------------------
 */

static void print_runners(struct buf *page, const struct courier *courier)
{
    struct pool_stats stats;

    courier_stats(courier, &stats);
    print_one(page, "runners", "Processes that run functions.", stats.n_runners);
    print_one(page, "runner_invocations_in_flight", "Runs under way in them.",
              stats.n_in_flight);
    gauges_head(page, "runner_starts_total", "counter", "Runners started.");
    buf_addf(page, "partnerapp_runner_starts_total %llu\n",
             (unsigned long long)stats.n_started);
    gauges_head(page, "runner_kills_total", "counter", "Runners ended by us, by reason.");
    buf_addf(page,
             "partnerapp_runner_kills_total{reason=\"time\"} %llu\n"
             "partnerapp_runner_kills_total{reason=\"memory\"} %llu\n"
             "partnerapp_runner_kills_total{reason=\"crash\"} %llu\n",
             (unsigned long long)stats.n_killed_time,
             (unsigned long long)stats.n_killed_memory,
             (unsigned long long)stats.n_crashed);
    print_one(page, "runner_rss_bytes", "Memory of all runners together.",
              stats.rss_bytes);
    print_one(page, "runner_rss_peak_bytes",
              "The most memory that any one runner was seen with.", stats.peak_rss_bytes);
}

static void print_disk(struct buf *page, const struct site *site)
{
    const struct snapshot *snapshot = atomic_load(&site->snapshot);
    struct statvfs room;

    print_one(page, "store_bytes", "The store's files on disk.",
              keeper_store_bytes(site->keeper));
    print_one(page, "store_limit_bytes", "What they may grow to: limits.disk.",
              snapshot->config->limits.disk_bytes);
    if (statvfs(site->data, &room) == 0)
        print_one(page, "store_free_bytes", "Room beside them in their file system.",
                  (int64_t)(room.f_bavail * room.f_frsize));
}

static void print_service(struct buf *page, struct site *site)
{
    gauges_head(page, "build_info", "gauge", "The version that runs.");
    buf_addf(page, "partnerapp_build_info{version=\"%s\"} 1\n", PARTNERAPP_VERSION);
    print_one(page, "ready", "What /readyz says: 1 events are taken, 0 they are not.",
              site_trouble(site) == NULL);
    print_one(page, "uptime_seconds", "Since the service started.",
              (clock_now_ms() - site->started_ms) / 1000);
    print_one(page, "config_last_reload_successful",
              "0: the last reload was refused, and the configuration before it goes on.",
              !atomic_load(&site->has_bad_config));
    gauges_head(page, "config_last_reload_timestamp_seconds", "gauge",
                "When the configuration in force was taken.");
    buf_addf(page, "partnerapp_config_last_reload_timestamp_seconds %.3f\n",
             (double)atomic_load(&site->configured_ms) / 1000.0);
}

/* --- process --------------------------------------------------------------------------
 */

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

/* Without the one that looks, and "." and "..". */
static long long n_open_files(void)
{
    DIR *folder = opendir("/proc/self/fd");
    long long n = -3;

    if (folder == NULL)
        return 0;
    while (readdir(folder) != NULL)
        n++;
    closedir(folder);
    return n > 0 ? n : 0;
}

/* Under the names that every Prometheus client gives them: no prefix of ours. */
static void print_process(struct buf *page, const struct site *site)
{
    struct rusage usage = {0};
    struct rlimit files = {0};
    int64_t up_ms = clock_now_ms() - site->started_ms;

    getrusage(RUSAGE_SELF, &usage);
    getrlimit(RLIMIT_NOFILE, &files);
    buf_addf(page,
             "# HELP process_cpu_seconds_total CPU time of the service itself.\n"
             "# TYPE process_cpu_seconds_total counter\n"
             "process_cpu_seconds_total %.6f\n"
             "# HELP process_resident_memory_bytes Memory of the service itself.\n"
             "# TYPE process_resident_memory_bytes gauge\n"
             "process_resident_memory_bytes %lld\n"
             "# HELP process_open_fds Files and connections that are open.\n"
             "# TYPE process_open_fds gauge\n"
             "process_open_fds %lld\n"
             "# HELP process_max_fds How many may be.\n"
             "# TYPE process_max_fds gauge\n"
             "process_max_fds %llu\n"
             "# HELP process_start_time_seconds When the service started.\n"
             "# TYPE process_start_time_seconds gauge\n"
             "process_start_time_seconds %.3f\n",
             seconds(usage.ru_utime) + seconds(usage.ru_stime), resident_bytes(),
             n_open_files(), (unsigned long long)files.rlim_cur,
             (double)(clock_wall_ms() - up_ms) / 1000.0);
}

void gauges_print(struct buf *page, struct site *site, struct courier *courier,
                  const struct tally_counts *counts, int64_t oldest_ms)
{
    print_service(page, site);
    print_queue(page, counts, oldest_ms);
    print_hosts(page, courier);
    print_installs(page, site);
    print_runners(page, courier);
    print_disk(page, site);
    print_process(page, site);
}
