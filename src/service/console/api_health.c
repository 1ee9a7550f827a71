/* SPDX-License-Identifier: MIT */

/* GET /api/v1/health: what /readyz?verbose says and what is worth a look besides, each
 * with the command that mends it. */

#include <stdio.h>
#include <sys/timex.h>

#include "base/mem.h"
#include "service/console/exports.h"
#include "service/courier.h"
#include "service/keeper.h"
#include "service/site.h"
#include "service/snapshot.h"
#include "sys/clock.h"
#include "sys/disk.h"
#include "json/write.h"

enum { ANSWER_BYTES = 1 << 20, TEXT_BYTES = 256, LOW_BYTES = 1 << 30 };

struct checks {
    struct write *json;
    bool has_failed;
};

/* @remedy: what to type or change when it is not good. */
static void add(struct checks *checks, const char *name, bool is_good, const char *text,
                const char *remedy)
{
    struct write *json = checks->json;

    write_object(json);
    write_member_text(json, "name", name);
    write_member_bool(json, "ok", is_good);
    write_member_text(json, "text", text);
    write_member_text(json, "remedy", is_good ? NULL : remedy);
    write_object_end(json);
    checks->has_failed |= !is_good;
}

static void add_ready(struct checks *checks, struct site *site)
{
    const char *serving = site_serving_trouble(site);
    const char *queue = site_queue_trouble(site);
    const char *store = keeper_refusal(site->keeper);

    add(checks, "serving", serving == NULL, serving == NULL ? "ready" : serving,
        "wait a moment; then: partnerapp status");
    add(checks, "queue", queue == NULL, queue == NULL ? "takes events" : queue,
        "partnerapp endpoint list, and see which one holds up the others");
    add(checks, "store", store == NULL, store == NULL ? "takes events" : store,
        "make room on the disk, or raise limits.disk_bytes");
}

static void add_public(struct checks *checks, const struct site *site,
                       const struct config *config)
{
    const char *url = config->server.public_url;
    const bool has_tls = config->server.tls_cert != NULL;
    const bool is_good = site->is_dev || has_tls ||
                         (url != NULL && bytes_starts(bytes_str(url), BYTES("https://")));
    char text[TEXT_BYTES];

    if (site->is_dev)
        snprintf(text, sizeof(text), "dev: this machine only");
    else if (is_good)
        snprintf(text, sizeof(text), "%.200s", url != NULL ? url : "TLS of our own");
    else
        snprintf(text, sizeof(text), "%.180s: Segment calls https only",
                 url != NULL ? url : "server.public_url is not set");
    add(checks, "public_url", is_good, text,
        "set server.public_url to an address that begins with https://, and have a proxy "
        "or server.tls_cert speak TLS there");
}

static void add_disk(struct checks *checks, struct site *site,
                     const struct config *config)
{
    const int64_t free_bytes = exports_free_bytes(site->exports);
    const int64_t used_bytes = keeper_store_bytes(site->keeper);
    const int64_t limit_bytes = config->limits.disk_bytes;
    const bool is_good =
        (free_bytes < 0 || free_bytes > LOW_BYTES) && used_bytes / 9 < limit_bytes / 10;
    char text[TEXT_BYTES];

    snprintf(text, sizeof(text), "the store has %lld of %lld MiB, %lld MiB are free",
             (long long)used_bytes >> 20, (long long)limit_bytes >> 20,
             (long long)(free_bytes > 0 ? free_bytes : 0) >> 20);
    add(checks, "disk", is_good, text,
        "make room on the disk, keep events less long (limits.retention), or raise "
        "limits.disk_bytes");
}

static void add_clock(struct checks *checks)
{
    struct timex state = {0};
    const int answer = clock_is_followed() ? TIME_OK : adjtimex(&state);
    const bool is_good = answer != TIME_ERROR;

    add(checks, "clock", is_good,
        clock_is_followed() ? "follows the local Segment's"
        : is_good           ? "kept by the system"
                            : "nobody keeps it right",
        "sudo timedatectl set-ntp true");
}

static void add_runner(struct checks *checks, struct courier *courier,
                       const struct config *config)
{
    const char *sandbox = courier_sandbox(courier);
    const bool is_good = config->n_subscriptions == 0 || strcmp(sandbox, "none") != 0;
    char text[TEXT_BYTES];

    snprintf(text, sizeof(text), "sandbox: %.200s", sandbox);
    add(checks, "runner", is_good, text, "set runners.sandbox to auto or strict");
}

void site_write_health(struct courier *courier, struct site *site, struct write *json)
{
    const struct config *config = atomic_load(&site->snapshot)->config;
    struct checks checks = {.json = json};

    write_object(json);
    write_key(json, "checks");
    write_array(json);
    add_ready(&checks, site);
    add(&checks, "config", config->shown_json != NULL, "read without a problem",
        "partnerapp config check");
    add_public(&checks, site, config);
    add_disk(&checks, site, config);
    add_clock(&checks);
    add_runner(&checks, courier, config);
    write_array_end(json);
    write_member_text(json, "status", checks.has_failed ? "attention" : "ok");
    write_object_end(json);
}

struct visit {
    struct order order;
    struct site *site;
    struct server_request *request;
};

static void run_health(struct courier *courier, struct order *order)
{
    struct visit *visit = container_of(order, struct visit, order);
    cleanup(buf_done) struct buf body = {0};
    struct write json;

    buf_init(&body, ANSWER_BYTES);
    write_init(&json, &body);
    site_write_health(courier, visit->site, &json);
    site_json(visit->request, 200, &body);
    free(visit);
}

void api_health_get(const struct site_call *call)
{
    struct visit *visit = mem_new(struct visit);

    visit->site = call->site;
    visit->request = call->request;
    visit->order.run_fn = run_health;
    courier_order(call->site->courier, &visit->order);
}
