/* SPDX-License-Identifier: MIT */

/* What courier shows of itself, and lets an administrator do: endpoints and functions. */

#include <stdio.h>

#include "base/mem.h"
#include "js/pool.h"
#include "service/courier_state.h"
#include "sys/clock.h"
#include "json/write.h"

static size_t n_waiting(const struct courier *courier, const struct host *host)
{
    size_t n = 0;

    for (struct list_link *link = courier->lines.first; link != NULL; link = link->next) {
        const struct line *line = list_entry(link, struct line, link);

        if (line->host == host)
            n += lines_n_waiting(line);
    }
    return n;
}

/* The last hour: how often in steps of five minutes, how often well, how slow. */
static void write_recent(struct write *json, const struct courier *courier,
                         const struct recent *recent)
{
    struct recent_view view = {.p95_us = -1};

    if (recent != NULL)
        recent_look(recent, loop_now_ms(courier->loop), &view);
    write_key(json, "recent");
    write_array(json);
    for (size_t i = 0; i < RECENT_STEPS; i++)
        write_i64(json, (int64_t)view.counts[i]);
    write_array_end(json);
    write_key(json, "ok_ratio");
    if (view.n > 0)
        write_double(json, (double)view.n_good / (double)view.n);
    else
        write_null(json);
    write_key(json, "p95_ms");
    const int64_t tenths = view.p95_us / 100;
    if (view.p95_us >= 0)
        write_double(json, (double)tenths / 10.0);
    else
        write_null(json);
}

static const char *host_state(const struct host *host)
{
    return host->is_paused ? "paused" : breaker_state_text(host->breaker.state);
}

static void print_host(const struct courier *courier, const struct host *host,
                       struct write *json)
{
    write_object(json);
    write_member_text(json, "host", host->name);
    write_member_text(json, "state", host_state(host));
    write_member_bool(json, "paused", host->is_paused);
    write_member_text(json, "breaker", breaker_state_text(host->breaker.state));
    write_member_i64(json, "failures", host->breaker.n_failures);
    write_member_i64(json, "waiting", (int64_t)n_waiting(courier, host));
    write_member_i64(json, "in_flight", host->n_in_flight);
    write_member_i64(json, "requests", (int64_t)host->n_requests);
    write_recent(json, courier, host->recent);
    write_key(json, "last_status");
    if (host->last_status != 0)
        write_i64(json, host->last_status);
    else
        write_null(json);
    write_member_text(json, "last_error",
                      host->last_error[0] != '\0' ? host->last_error : NULL);
    write_member_time(json, "last_success_at", host->last_success_ms);
    write_member_time(json, "last_failure_at", host->last_failure_ms);
    write_object_end(json);
}

size_t courier_print_endpoints(struct courier *courier, const char *name,
                               struct buf *ret_json)
{
    struct write json;
    size_t n = 0;
    size_t cursor = 0;
    struct bytes key;
    void *value;

    write_init(&json, ret_json);
    if (name != NULL) {
        const struct host *host = hosts_find(&courier->hosts, bytes_str(name));

        if (host != NULL)
            print_host(courier, host, &json);
        return host != NULL;
    }
    for (; map_next(&courier->hosts.by_name, &cursor, &key, &value); n++)
        print_host(courier, value, &json);
    return n;
}

void courier_endpoint(struct courier *courier, struct bytes name,
                      struct courier_endpoint *ret_endpoint)
{
    const struct host *host = hosts_find(&courier->hosts, name);

    *ret_endpoint = (struct courier_endpoint){0};
    if (host == NULL)
        return;
    ret_endpoint->last_status = host->last_status;
    ret_endpoint->last_success_ms = host->last_success_ms;
    ret_endpoint->is_failing =
        host->breaker.state != BREAKER_CLOSED || host->breaker.n_failures > 0;
}

const char *courier_pause(struct courier *courier, struct bytes name, bool is_paused)
{
    struct host *host = hosts_find(&courier->hosts, name);

    if (host == NULL)
        return NULL;
    if (host->is_paused && !is_paused)
        host->resumed_at_ms = clock_wall_ms();
    host->is_paused = is_paused;
    lines_wake_all(courier);
    lines_dispatch(courier);
    return host->name;
}

static void write_function(const struct line *line, struct write *json)
{
    struct bytes handlers = bytes_str(line->function.handlers);

    write_member_text(json, "name", line->name);
    write_member_text(json, "subscription", line->name);
    write_member_text(json, "path", line->function.path);
    write_member_i64(json, "version", line->function.version);
    write_member_text(json, "kind",
                      line->config != NULL && line->config->kind == CONFIG_SOURCE
                          ? "source"
                          : "destination");
    write_member_i64(json, "instances",
                     (line->function.current != NULL) + (int64_t)instances_count(line));
    write_member_text(json, "state",
                      line->function.current != NULL ? "loaded" : "broken");
    write_key(json, "handlers");
    write_array(json);
    while (handlers.len > 0)
        write_string(json, bytes_take_until(&handlers, ' '));
    write_array_end(json);
    write_recent(json, line->courier, &line->function.recent);
    write_member_i64(json, "waiting", (int64_t)lines_n_waiting(line));
    write_member_text(json, "error",
                      line->function.broken.text[0] != '\0' ? line->function.broken.text
                                                            : NULL);
}

static struct line *find_function(const struct courier *courier, struct bytes name)
{
    for (struct list_link *link = courier->lines.first; link != NULL; link = link->next) {
        struct line *line = list_entry(link, struct line, link);

        if (line->function.path != NULL && bytes_eq(name, bytes_str(line->name)))
            return line;
    }
    return NULL;
}

bool courier_write_function(struct courier *courier, struct bytes name,
                            struct write *json, int64_t *ret_version)
{
    const struct line *line = find_function(courier, name);

    if (line == NULL)
        return false;
    *ret_version = line->function.version;
    write_function(line, json);
    return true;
}

bool courier_deploy(struct courier *courier, struct bytes name,
                    void (*fn)(void *arg, const struct err *err), void *arg)
{
    struct line *line = find_function(courier, name);

    return line != NULL && functions_load(line, fn, arg);
}

size_t courier_print_functions(struct courier *courier, struct buf *ret_json)
{
    struct write json;
    size_t n = 0;

    write_init(&json, ret_json);
    for (struct list_link *link = courier->lines.first; link != NULL; link = link->next) {
        const struct line *line = list_entry(link, struct line, link);

        if (line->function.path == NULL)
            continue;
        write_object(&json);
        write_function(line, &json);
        write_object_end(&json);
        n++;
    }
    return n;
}

void courier_stats(const struct courier *courier, struct pool_stats *ret_stats)
{
    pool_stats(courier->pool, ret_stats);
}

const char *courier_sandbox(const struct courier *courier)
{
    return courier->sandbox;
}

void courier_sandbox_layers(const struct courier *courier, char *ret_text, size_t size)
{
    sandbox_layers_text(courier->sandbox_layers, ret_text, size);
}

/* --- ping --------------------------------------------------------------------------- */

struct ping {
    struct client_request request;
    void (*fn)(void *arg, const struct client_response *response);
    void *arg;
};

static void on_pong(void *arg, const struct client_response *response)
{
    struct ping *ping = arg;

    ping->fn(ping->arg, response);
    free(ping);
}

static const struct line *line_of_host(const struct courier *courier, struct bytes name)
{
    const struct host *host = hosts_find(&courier->hosts, name);

    for (struct list_link *link = courier->lines.first; link != NULL; link = link->next) {
        const struct line *line = list_entry(link, struct line, link);

        if (line->config != NULL && line->config->endpoint != NULL && host != NULL &&
            line->host == host)
            return line;
    }
    return NULL;
}

bool courier_ping(struct courier *courier, struct bytes host,
                  void (*fn)(void *arg, const struct client_response *response),
                  void *arg)
{
    const struct line *line = line_of_host(courier, host);
    struct ping *ping;

    if (line == NULL)
        return false;
    ping = mem_new(struct ping);
    ping->fn = fn;
    ping->arg = arg;
    ping->request = (struct client_request){
        .method = BYTES("GET"),
        .url = bytes_str(line->config->endpoint),
        .timeout_ms = line->config->timeout_ms,
        .egress = courier->snapshot->egress,
    };
    (void)client_start(courier->client, &ping->request, on_pong, ping);
    return true;
}
