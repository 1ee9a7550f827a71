/* SPDX-License-Identifier: MIT */

/* GET /api/v1/retention: what is kept for how long, how much it is, and what goes first.
 */

#include "base/err.h"
#include "base/mem.h"
#include "core/history.h"
#include "service/console/exports.h"
#include "service/desk.h"
#include "service/keeper.h"
#include "service/site.h"
#include "service/snapshot.h"
#include "store/install_steps.h"
#include "store/reader.h"
#include "json/write.h"

enum { ANSWER_BYTES = 65536, AUDIT_ROWS = 100000 };

struct visit {
    struct desk_job job;
    struct site *site;
    struct server_request *request;
};

static void write_kept(struct write *json, const char *key, int64_t kept_ms,
                       int64_t oldest_ms)
{
    write_key(json, key);
    write_object(json);
    write_member_i64(json, "kept_ms", kept_ms);
    write_member_time(json, "oldest_at", oldest_ms);
    write_member_time(json, "goes_at", oldest_ms != 0 ? oldest_ms + kept_ms : 0);
    write_object_end(json);
}

static void write_count(struct write *json, const char *key, const char *what, int64_t n)
{
    write_key(json, key);
    write_object(json);
    write_member_i64(json, what, n);
    write_object_end(json);
}

static void write_all(struct site *site, int64_t oldest_ms, int64_t dead_ms,
                      struct write *json)
{
    const struct config *config = atomic_load(&site->snapshot)->config;
    const int64_t free_bytes = exports_free_bytes(site->exports);

    write_object(json);
    write_kept(json, "events", config->limits.retention_ms, oldest_ms);
    write_kept(json, "dead", config->limits.retention_ms, dead_ms);
    write_count(json, "exports", "kept_ms", EXPORTS_KEPT_MS);
    write_count(json, "jobs", "kept_rows", READER_REPLAYS);
    write_count(json, "steps", "kept_rows", STORE_STEPS);
    write_count(json, "audit", "kept_rows", AUDIT_ROWS);
    write_count(json, "stats", "kept_ms", HISTORY_KEPT_MS);
    write_key(json, "store");
    write_object(json);
    write_member_i64(json, "bytes", keeper_store_bytes(site->keeper));
    write_member_i64(json, "limit_bytes", config->limits.disk_bytes);
    write_key(json, "free_bytes");
    if (free_bytes >= 0)
        write_i64(json, free_bytes);
    else
        write_null(json);
    write_object_end(json);
    write_object_end(json);
}

static void run_look(struct reader *reader, struct desk_job *job)
{
    struct visit *visit = container_of(job, struct visit, job);
    cleanup(buf_done) struct buf body = {0};
    int64_t oldest_ms = 0;
    int64_t dead_ms = 0;
    struct err err = {0};
    struct write json;

    if (reader_oldest_event(reader, &oldest_ms, &dead_ms, &err) < 0) {
        site_problem_err(visit->request, &err);
    } else {
        buf_init(&body, ANSWER_BYTES);
        write_init(&json, &body);
        write_all(visit->site, oldest_ms, dead_ms, &json);
        site_json(visit->request, 200, &body);
    }
    free(visit);
}

void api_retention_get(const struct site_call *call)
{
    struct visit *visit = mem_new(struct visit);

    visit->site = call->site;
    visit->request = call->request;
    visit->job.run_fn = run_look;
    if (desk_ask(call->site->desk, &visit->job))
        return;
    site_problem(call->request, 503, NULL, "too many questions at once");
    free(visit);
}
