/* SPDX-License-Identifier: MIT */

/* GET /api/v1/jobs[/{id}]: the newest long work, and one of it. */

#include "base/mem.h"
#include "core/id.h"
#include "service/console/exports.h"
#include "service/console/jobs.h"
#include "service/desk.h"
#include "service/site.h"
#include "json/write.h"

enum { ANSWER_BYTES = 1 << 20 };

struct question {
    struct desk_job job;
    struct site *site;
    struct server_request *request;
    struct id id; /* of one */
};

static void ask(const struct site_call *call, struct question *question,
                void (*run_fn)(struct reader *reader, struct desk_job *job))
{
    question->site = call->site;
    question->request = call->request;
    question->job.run_fn = run_fn;
    if (desk_ask(call->site->desk, &question->job))
        return;
    site_problem(call->request, 503, NULL, "too many questions at once");
    free(question);
}

static void answer_list(const struct question *question,
                        const struct reader_replays *replays)
{
    cleanup(buf_done) struct buf body = {0};
    cleanup(arena_done) struct arena arena = {0};
    struct exports_list exports;
    struct write json;

    arena_init(&arena);
    exports_list(question->site->exports, &arena, &exports);
    buf_init(&body, ANSWER_BYTES);
    write_init(&json, &body);
    write_object(&json);
    write_key(&json, "data");
    write_array(&json);
    for (size_t i = 0, k = 0; i < replays->n || k < exports.n;) {
        const bool is_export =
            i == replays->n || (k < exports.n && exports.list[k].created_at_ms >=
                                                     replays->list[i].created_at_ms);

        write_object(&json);
        if (is_export)
            jobs_write_export(&json, &exports.list[k++]);
        else
            jobs_write(&json, &replays->list[i++]);
        write_object_end(&json);
    }
    write_array_end(&json);
    write_member_text(&json, "next", NULL);
    write_member_i64(&json, "total", (int64_t)(replays->n + exports.n));
    write_object_end(&json);
    site_json(question->request, 200, &body);
}

static void run_list(struct reader *reader, struct desk_job *job)
{
    struct question *question = container_of(job, struct question, job);
    cleanup(arena_done) struct arena arena = {0};
    struct reader_replays replays;
    struct err err = {0};

    arena_init(&arena);
    if (reader_replays(reader, &arena, &replays, &err) < 0)
        site_problem_err(question->request, &err);
    else
        answer_list(question, &replays);
    free(question);
}

void api_jobs_list(const struct site_call *call)
{
    ask(call, mem_new(struct question), run_list);
}

static void answer_one(const struct question *question,
                       const struct reader_replay *replay)
{
    cleanup(buf_done) struct buf body = {0};
    struct write json;

    buf_init(&body, ANSWER_BYTES);
    write_init(&json, &body);
    write_object(&json);
    jobs_write(&json, replay);
    write_object_end(&json);
    site_json(question->request, 200, &body);
}

static void run_get(struct reader *reader, struct desk_job *job)
{
    struct question *question = container_of(job, struct question, job);
    cleanup(arena_done) struct arena arena = {0};
    struct reader_replay replay;
    struct err err = {0};
    int found;

    arena_init(&arena);
    found = reader_replay(reader, question->id.row, &arena, &replay, &err);
    if (found < 0)
        site_problem_err(question->request, &err);
    else if (found == 0 || replay.created_at_ms != question->id.time_ms)
        site_problem(question->request, 404, "PA7005", "there is no job with this id");
    else
        answer_one(question, &replay);
    free(question);
}

void api_jobs_get(const struct site_call *call)
{
    struct question *question;
    struct id id;

    if (id_parse(call->parameters[0], &id) && id.kind == ID_EXPORT) {
        api_exports_get(call);
        return;
    }
    if (!id_parse(call->parameters[0], &id) || id.kind != ID_REPLAY) {
        site_problem(call->request, 404, "PA7005", "there is no job with this id");
        return;
    }
    question = mem_new(struct question);
    question->id = id;
    ask(call, question, run_get);
}
