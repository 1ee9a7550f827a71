/* SPDX-License-Identifier: MIT */

/* Delivery metrics of a destination (dossier §8): totals of a span, by what happened. */

#include "emulator/config/metrics.h"
#include "emulator/frame/exchange.h"
#include "emulator/public/answer.h"
#include "emulator/public/routes.h"
#include "json/write.h"

struct printing {
    struct exchange *exchange;
    struct write write;
    struct config_metrics_span span;
    struct bytes destination;
    const char *kind; /* "retried": the one that is summed up; NULL: all the others */
    int64_t total;
};

static const char *const kinds[] = {"retried", "discarded", "expired"};

/* "retried_502" is 502 of kind "retried"; empty when it is of no kind. */
static struct bytes reason_of(struct bytes metric, const char *kind)
{
    const struct bytes prefix = bytes_str(kind);

    if (!bytes_starts(metric, prefix) || metric.len <= prefix.len ||
        metric.ptr[prefix.len] != '_')
        return bytes_of(NULL, 0);
    return bytes_slice(metric, prefix.len + 1, metric.len);
}

static int64_t value_of(const struct printing *printing, struct bytes metric)
{
    return config_metrics_value(printing->exchange->world, printing->destination, metric,
                                printing->span.start_hour, printing->span.end_hour);
}

static void write_value(struct write *write, struct bytes name, const char *key,
                        int64_t value)
{
    write_member_string(write, "metricName", name);
    write_member_i64(write, key, value);
}

static void add_reason(void *arg, struct bytes metric)
{
    struct printing *printing = arg;
    const struct bytes reason = reason_of(metric, printing->kind);
    const int64_t value = reason.len > 0 ? value_of(printing, metric) : 0;

    if (value == 0)
        return;
    printing->total += value;
    write_object(&printing->write);
    write_value(&printing->write, reason, "value", value);
    write_object_end(&printing->write);
}

static void write_kind(struct printing *printing, const char *kind)
{
    printing->kind = kind;
    printing->total = 0;
    write_object(&printing->write);
    write_key(&printing->write, "breakdown");
    write_array(&printing->write);
    config_metrics_each(printing->exchange->world, printing->destination, add_reason,
                        printing);
    write_array_end(&printing->write);
    write_value(&printing->write, bytes_str(kind), "total", printing->total);
    write_object_end(&printing->write);
}

static void write_plain(void *arg, struct bytes metric)
{
    struct printing *printing = arg;

    for (size_t i = 0; i < COUNT(kinds); i++) {
        if (reason_of(metric, kinds[i]).len > 0)
            return;
    }
    write_object(&printing->write);
    write_value(&printing->write, metric, "total", value_of(printing, metric));
    write_member_raw(&printing->write, "breakdown", BYTES("[]"));
    write_object_end(&printing->write);
}

static void write_all(struct printing *printing)
{
    write_key(&printing->write, "metrics");
    write_array(&printing->write);
    config_metrics_each(printing->exchange->world, printing->destination, write_plain,
                        printing);
    for (size_t i = 0; i < COUNT(kinds); i++)
        write_kind(printing, kinds[i]);
    write_array_end(&printing->write);
}

#define OF_DESTINATION                                                                   \
    " FROM destination d JOIN source s ON s.name = d.source"                             \
    " WHERE s.workspace = ?1 AND d.id = ?2"

static void answer(struct exchange *exchange, struct printing *printing, struct bytes id,
                   struct bytes source)
{
    struct write *write = &printing->write;

    public_begin(exchange, write);
    write_key(write, "deliveryMetricsSummary");
    write_object(write);
    write_member_string(write, "sourceId", source);
    write_member_string(
        write, "destinationMetadataId",
        public_find(exchange,
                    "SELECT (SELECT c.id FROM catalog c WHERE c.slug = d.slug"
                    " AND c.kind = 'destinations')" OF_DESTINATION,
                    id));
    write_all(printing);
    write_object_end(write);
    public_send(exchange, write);
}

void public_get_metrics(struct exchange *exchange)
{
    static const char *const names[] = {"startTime", "endTime", "granularity"};
    const struct bytes id = exchange->params[0];
    const struct bytes source = public_find(exchange, "SELECT s.id" OF_DESTINATION, id);
    const struct bytes wanted = exchange_query(exchange, "sourceId");
    const char *why;
    struct printing printing = {.exchange = exchange};

    printing.destination = public_find(exchange, "SELECT d.name" OF_DESTINATION, id);
    printing.span = config_metrics_read(exchange, names, &why);
    if (source.len == 0 || (wanted.len > 0 && !bytes_eq(wanted, source)))
        public_refuse_missing(exchange);
    else if (why != NULL)
        public_refuse(exchange, 422, NULL, "%s.", why);
    else
        answer(exchange, &printing, id, source);
}
