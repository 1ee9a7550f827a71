/* SPDX-License-Identifier: MIT */

#include "emulator/config/metrics.h"

#include <stdio.h>

#include "base/time_text.h"
#include "emulator/config/answer.h"
#include "emulator/config/input.h"
#include "emulator/config/routes.h"
#include "emulator/delivery/counters.h"
#include "emulator/frame/exchange.h"
#include "emulator/world/world.h"
#include "segment/name.h"
#include "json/write.h"

enum { HOUR_MS = COUNTERS_HOUR_MS, DAY_HOURS = 24, WEEK_HOURS = 168, MAX_STEPS = 2000 };

#define SUCCESSES "successes"
#define P95 "time_to_success_p95"

/* --- names -------------------------------------------------------------------------- */

/* What counters.h calls it, and what this API does: retried_502. */
static const struct spelling {
    const char *counter, *metric;
} spellings[] = {
    {"errors.awaiting-retry.", "retried_"},
    {"errors.discarded.", "discarded_"},
    {"errors.expired.", "expired_"},
};

static struct bytes respell(struct bytes text, const char *from, const char *to,
                            char ret_text[METRICS_NAME_BYTES])
{
    const struct bytes prefix = bytes_str(from);

    snprintf(ret_text, METRICS_NAME_BYTES, "%s%.*s", to,
             BYTES_FMT(bytes_slice(text, prefix.len, text.len)));
    return bytes_str(ret_text);
}

static struct bytes counter_of(struct bytes metric, char ret_text[METRICS_NAME_BYTES])
{
    for (size_t i = 0; i < COUNT(spellings); i++) {
        if (bytes_starts(metric, bytes_str(spellings[i].metric)))
            return respell(metric, spellings[i].metric, spellings[i].counter, ret_text);
    }
    return metric;
}

static struct bytes metric_of(struct bytes counter, char ret_text[METRICS_NAME_BYTES])
{
    for (size_t i = 0; i < COUNT(spellings); i++) {
        if (bytes_starts(counter, bytes_str(spellings[i].counter)))
            return respell(counter, spellings[i].counter, spellings[i].metric, ret_text);
    }
    return counter;
}

/* --- numbers ------------------------------------------------------------------------ */

static int64_t counted(struct world *world, struct bytes destination, struct bytes metric,
                       int64_t start_hour, int64_t end_hour)
{
    struct sql_statement *row =
        world_use(world, "SELECT sum(value) FROM counter WHERE destination = ?1"
                         " AND metric = ?2 AND hour >= ?3 AND hour < ?4");
    int64_t value = 0;

    sql_bind_text(row, 1, destination);
    sql_bind_text(row, 2, metric);
    sql_bind(row, 3, start_hour * HOUR_MS);
    sql_bind(row, 4, end_hour * HOUR_MS);
    if (world_step(world, row))
        value = sql_i64(row, 0);
    sql_reset(row);
    return value;
}

/* The smallest that 95 of 100 do not exceed. */
static int64_t latency(struct world *world, struct bytes destination, int64_t start_hour,
                       int64_t end_hour)
{
    struct sql_statement *row = world_use(
        world, "SELECT ms FROM latency WHERE destination = ?1 AND hour >= ?2"
               " AND hour < ?3 ORDER BY ms LIMIT 1 OFFSET max(0, (SELECT"
               " (count(*) * 95 + 99) / 100 - 1 FROM latency WHERE destination = ?1"
               " AND hour >= ?2 AND hour < ?3))");
    int64_t ms = 0;

    sql_bind_text(row, 1, destination);
    sql_bind(row, 2, start_hour * HOUR_MS);
    sql_bind(row, 3, end_hour * HOUR_MS);
    if (world_step(world, row))
        ms = sql_i64(row, 0);
    sql_reset(row);
    return ms;
}

int64_t config_metrics_value(struct world *world, struct bytes destination,
                             struct bytes metric, int64_t start_hour, int64_t end_hour)
{
    char counter[METRICS_NAME_BYTES];

    if (bytes_eq(metric, BYTES(P95)))
        return latency(world, destination, start_hour, end_hour);
    return counted(world, destination, counter_of(metric, counter), start_hour, end_hour);
}

void config_metrics_each(struct world *world, struct bytes destination,
                         void (*fn)(void *arg, struct bytes metric), void *arg)
{
    struct sql_statement *rows =
        world_use(world, "SELECT DISTINCT metric FROM counter WHERE destination = ?1"
                         " AND metric <> '" SUCCESSES "' ORDER BY metric");
    char metric[METRICS_NAME_BYTES];

    fn(arg, BYTES(SUCCESSES));
    fn(arg, BYTES(P95));
    sql_bind_text(rows, 1, destination);
    while (world_step(world, rows))
        fn(arg, metric_of(sql_bytes(rows, 0), metric));
}

/* --- the span ----------------------------------------------------------------------- */

static bool read_hour(struct exchange *exchange, const char *name, int64_t *hour)
{
    const struct bytes text = exchange_query(exchange, name);
    int64_t time_ms;

    if (text.len == 0)
        return true;
    if (!time_text_parse(text, &time_ms) || time_ms < 0)
        return false;
    *hour = time_ms / HOUR_MS;
    return true;
}

static int64_t step_of(struct bytes granularity)
{
    if (granularity.len == 0 || bytes_eq_nocase(granularity, BYTES("hour")) ||
        bytes_eq_nocase(granularity, BYTES("minute")))
        return 1;
    return bytes_eq_nocase(granularity, BYTES("day")) ? DAY_HOURS : 0;
}

struct config_metrics_span config_metrics_read(struct exchange *exchange,
                                               const char *const names[3],
                                               const char **ret_why)
{
    struct config_metrics_span span = {0};

    *ret_why = NULL;
    span.end_hour = world_now_ms(exchange->world) / HOUR_MS + 1;
    span.start_hour = span.end_hour - WEEK_HOURS;
    span.step_hours = step_of(exchange_query(exchange, names[2]));
    if (!read_hour(exchange, names[0], &span.start_hour) ||
        !read_hour(exchange, names[1], &span.end_hour))
        *ret_why = "start and end must be times such as 2026-09-03T11:00:00Z";
    else if (span.step_hours == 0)
        *ret_why = "granularity must be MINUTE, HOUR or DAY";
    else if ((span.end_hour - span.start_hour) / span.step_hours > MAX_STEPS)
        *ret_why = "that are too many steps";
    if (span.end_hour <= span.start_hour)
        span.end_hour = span.start_hour + 1;
    return span;
}

/* --- answers ------------------------------------------------------------------------ */

struct printing {
    struct exchange *exchange;
    struct write write;
    struct config_metrics_span span;
    struct bytes destination;
    bool is_summary; /* one value for the whole span */
};

static void write_point(struct printing *printing, struct bytes metric, int64_t start,
                        int64_t end)
{
    const int64_t value = config_metrics_value(printing->exchange->world,
                                               printing->destination, metric, start, end);

    if (value == 0 && !printing->is_summary)
        return;
    write_object(&printing->write);
    write_member_time(&printing->write, "time", start * HOUR_MS);
    write_member_i64(&printing->write, "value", value);
    write_object_end(&printing->write);
}

static void write_metric(void *arg, struct bytes metric)
{
    struct printing *printing = arg;
    const struct config_metrics_span *span = &printing->span;
    const int64_t step =
        printing->is_summary ? span->end_hour - span->start_hour : span->step_hours;
    char name[NAME_MAX_BYTES + METRICS_NAME_BYTES];

    snprintf(name, sizeof(name), "%.*s/metrics/%.*s", BYTES_FMT(printing->destination),
             metric.len < METRICS_NAME_BYTES ? (int)metric.len : METRICS_NAME_BYTES,
             metric.len > 0 ? metric.ptr : "");
    write_object(&printing->write);
    write_member_text(&printing->write, "name", name);
    write_key(&printing->write, "series");
    write_array(&printing->write);
    for (int64_t hour = span->start_hour; hour < span->end_hour; hour += step)
        write_point(printing, metric, hour,
                    hour + step < span->end_hour ? hour + step : span->end_hour);
    write_array_end(&printing->write);
    write_object_end(&printing->write);
}

static bool begin(struct exchange *exchange, struct printing *printing)
{
    static const char *const names[] = {"start_time", "end_time", "granularity"};
    const char *why;

    *printing = (struct printing){
        .exchange = exchange,
        .span = config_metrics_read(exchange, names, &why),
        .destination = config_name(exchange, 3),
    };
    if (why != NULL) {
        config_refuse(exchange, CONFIG_INVALID, "%s", why);
        return false;
    }
    config_begin(exchange, &printing->write);
    return true;
}

static void begin_list(struct printing *printing)
{
    write_object(&printing->write);
    write_key(&printing->write, "metrics");
    write_array(&printing->write);
}

static void end_list(struct printing *printing)
{
    write_array_end(&printing->write);
    write_member_text(&printing->write, "next_page_token", "");
    write_object_end(&printing->write);
    config_send(printing->exchange);
}

void config_list_metrics(struct exchange *exchange)
{
    struct printing printing;

    if (!config_has_parent(exchange, 3) || !begin(exchange, &printing))
        return;
    begin_list(&printing);
    config_metrics_each(exchange->world, printing.destination, write_metric, &printing);
    end_list(&printing);
}

void config_get_metric(struct exchange *exchange)
{
    struct printing printing;

    if (!config_has_parent(exchange, 3) || !begin(exchange, &printing))
        return;
    write_metric(&printing, exchange->params[3]);
    config_send(exchange);
}

/* "successes", or the metric's whole name. */
static void write_named(void *arg, struct bytes value)
{
    write_metric(arg, name_last(value));
}

void config_get_metrics(struct exchange *exchange)
{
    struct printing printing;

    if (!config_has_parent(exchange, 3) || !begin(exchange, &printing))
        return;
    begin_list(&printing);
    config_each_query(exchange, "names", write_named, &printing);
    end_list(&printing);
}

void config_summarize_metrics(struct exchange *exchange)
{
    struct printing printing;

    if (!config_has_parent(exchange, 3) || !begin(exchange, &printing))
        return;
    printing.is_summary = true;
    begin_list(&printing);
    config_metrics_each(exchange->world, printing.destination, write_metric, &printing);
    end_list(&printing);
}

/* A destination of the workspace in the path; others are passed over. */
static void summarize_one(void *arg, struct bytes destination)
{
    struct printing *printing = arg;
    struct bytes workspace = config_name(printing->exchange, 1);

    if (!bytes_eq(name_parent(name_parent(destination)), workspace) ||
        !config_exists(printing->exchange->world,
                       "SELECT 1 FROM destination WHERE name = ?1", destination))
        return;
    printing->destination = destination;
    config_metrics_each(printing->exchange->world, destination, write_metric, printing);
}

void config_summarize_workspace(struct exchange *exchange)
{
    struct printing printing;

    if (!config_has_parent(exchange, 1) || !begin(exchange, &printing))
        return;
    printing.is_summary = true;
    begin_list(&printing);
    config_each_query(exchange, "names", summarize_one, &printing);
    end_list(&printing);
}
