/* SPDX-License-Identifier: MIT */

/* /api/v1/support: what helps who helps, in one JSON file: no event, no payload, no
 * secret. The list says what is in it before it is made. */

#include <stdio.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/time_text.h"
#include "core/redact.h"
#include "service/courier.h"
#include "service/desk.h"
#include "service/site.h"
#include "service/snapshot.h"
#include "store/reader.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "json/write.h"

enum { ANSWER_BYTES = 16 << 20 };

static const struct {
    const char *name, *what;
} parts[] = {
    {"version", "of the program, and when the bundle was made"},
    {"config", "each value in force with its origin; secrets and settings masked"},
    {"status", "counters, queue, listeners, store, runners"},
    {"stats", "counts and latencies of the last day, and what needs attention"},
    {"health", "the checks of this page"},
    {"log", "the last 1,000 warnings and errors"},
};

void api_support_list(const struct site_call *call)
{
    cleanup(buf_done) struct buf body = {0};
    struct write json;

    buf_init(&body, ANSWER_BYTES);
    write_init(&json, &body);
    write_object(&json);
    write_key(&json, "data");
    write_array(&json);
    for (size_t i = 0; i < COUNT(parts); i++) {
        write_object(&json);
        write_member_text(&json, "name", parts[i].name);
        write_member_text(&json, "what", parts[i].what);
        write_object_end(&json);
    }
    write_array_end(&json);
    write_member_text(&json, "left_out",
                      "events, payloads, requests and answers, keys, tokens, passwords, "
                      "values of settings");
    write_member_text(&json, "next", NULL);
    write_member_i64(&json, "total", COUNT(parts));
    write_object_end(&json);
    site_json(call->request, 200, &body);
}

struct visit {
    struct desk_job job;
    struct order order;
    struct site *site;
    struct server_request *request;
    int64_t oldest_ms;
};

static void add_line(void *arg, struct bytes line)
{
    write_string(arg, line);
}

static void write_bundle(struct courier *courier, struct visit *visit, struct write *json)
{
    struct site *site = visit->site;
    size_t n;

    write_object(json);
    write_member_text(json, "version", PARTNERAPP_VERSION);
    write_member_time(json, "made_at", clock_wall_ms());
    write_key(json, "config");
    if (!site_write_config(site, json, &n))
        write_null(json);
    write_key(json, "status");
    site_write_status(courier, site, /* n_dead_letters= */ -1, json);
    write_key(json, "stats");
    site_write_stats(courier, site, visit->oldest_ms, json);
    write_key(json, "health");
    site_write_health(courier, site, json);
    write_key(json, "log");
    write_array(json);
    log_each_kept(add_line, json);
    write_array_end(json);
    write_object_end(json);
}

/* Nothing of the above has a secret; but whoever adds to it may not know this file. */
static void add_secrets(const struct config *config, struct redact *redact)
{
    redact_add(redact, secret_bytes(&config->app.client_secret));
    redact_add_settings(redact, bytes_str(config->app.settings_json));
    for (size_t i = 0; i < config->n_subscriptions; i++) {
        redact_add(redact, secret_bytes(&config->subscriptions[i].secret));
        redact_add(redact, secret_bytes(&config->subscriptions[i].write_key));
    }
}

static void answer(struct visit *visit, const struct buf *text)
{
    char name[96], time[TIME_TEXT_LEN + 1];
    const struct server_answer answer = {
        .status = 200,
        .content_type = "application/json",
        .headers = {{"Content-Disposition", name}, {"Cache-Control", "no-store"}},
        .body = buf_bytes(text)};

    time_text_format(clock_wall_ms(), time);
    snprintf(name, sizeof(name), "attachment; filename=\"partnerapp-support-%.10s.json\"",
             time);
    server_answer(visit->request, &answer);
}

static void run_bundle(struct courier *courier, struct order *order)
{
    struct visit *visit = container_of(order, struct visit, order);
    cleanup(buf_done) struct buf text = {0};
    cleanup(buf_done) struct buf masked = {0};
    struct redact redact = {0};
    struct write json;

    buf_init(&text, ANSWER_BYTES);
    buf_init(&masked, ANSWER_BYTES);
    write_init(&json, &text);
    write_bundle(courier, visit, &json);
    add_secrets(atomic_load(&visit->site->snapshot)->config, &redact);
    if (text.full || redact_text(&redact, buf_bytes(&text), &masked) != 0)
        site_problem(visit->request, 500, NULL, "the bundle is too large");
    else
        answer(visit, &masked);
    redact_done(&redact);
    free(visit);
}

static void run_oldest(struct reader *reader, struct desk_job *job)
{
    struct visit *visit = container_of(job, struct visit, job);
    struct err err = {0};

    if (reader_oldest_waiting(reader, &visit->oldest_ms, &err) < 0)
        visit->oldest_ms = 0;
    visit->order.run_fn = run_bundle;
    courier_order(visit->site->courier, &visit->order);
}

void api_support_bundle(const struct site_call *call)
{
    struct visit *visit = mem_new(struct visit);

    visit->site = call->site;
    visit->request = call->request;
    visit->job.run_fn = run_oldest;
    if (desk_ask(call->site->desk, &visit->job))
        return;
    site_problem(call->request, 503, NULL, "too many questions at once");
    free(visit);
}
