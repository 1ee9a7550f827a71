/* SPDX-License-Identifier: MIT */

/* /api/v1/audit: what was done by whom, the newest first. */

#include <stdio.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/id.h"
#include "service/access/principal.h"
#include "service/desk.h"
#include "service/site.h"
#include "store/audit.h"
#include "json/write.h"

enum { ANSWER_BYTES = 4 << 20, DEFAULT_ROWS = 50, MAX_ROWS = 1000 };

struct listing {
    struct desk_job job;
    struct server_request *request;
    int64_t before, limit;
    char actor[PRINCIPAL_NAME_BYTES + 8]; /* "": anybody */
    struct write json;
    struct id last;
    int64_t n;
};

static void print_row(void *arg, const struct store_audit *row)
{
    struct listing *listing = arg;
    struct write *json = &listing->json;
    char id[ID_TEXT_LEN];

    /* One more is asked for than is shown: then there is a next page. */
    if (++listing->n > listing->limit)
        return;
    listing->last = (struct id){.kind = ID_AUDIT, .time_ms = row->at_ms, .row = row->row};
    id_format(listing->last, id);
    write_object(json);
    write_member_text(json, "id", id);
    write_member_time(json, "at", row->at_ms);
    write_member_string(json, "actor", row->actor);
    write_member_string(json, "role", row->role);
    write_member_string(json, "action", row->action);
    write_member_string(json, "subject", row->subject);
    write_member_string(json, "peer", row->peer);
    if (row->status != 0)
        write_member_i64(json, "status", row->status);
    else
        write_member_text(json, "status", NULL);
    write_object_end(json);
}

static void run(struct reader *reader, struct desk_job *job)
{
    struct listing *listing = container_of(job, struct listing, job);
    cleanup(buf_done) struct buf body = {0};
    char next[ID_TEXT_LEN] = "";
    struct err err = {0};
    struct store_audit_page page = {.before = listing->before,
                                    .limit = listing->limit + 1,
                                    .actor = bytes_str(listing->actor)};
    int result;

    buf_init(&body, ANSWER_BYTES);
    write_init(&listing->json, &body);
    write_object(&listing->json);
    write_key(&listing->json, "data");
    write_array(&listing->json);
    result = reader_audit(reader, &page, print_row, listing, &err);
    write_array_end(&listing->json);
    if (listing->n > listing->limit)
        id_format(listing->last, next);
    write_member_text(&listing->json, "next", next[0] != '\0' ? next : NULL);
    write_member_i64(&listing->json, "total", page.total);
    write_object_end(&listing->json);
    if (result < 0)
        site_problem_err(listing->request, &err);
    else
        site_json(listing->request, 200, &body);
    free(listing);
}

static bool read_wish(const struct site_call *call, struct listing *listing)
{
    const struct bytes limit = server_query(call->request, "limit");
    const struct bytes after = server_query(call->request, "after");
    const struct bytes actor = server_query(call->request, "actor");
    struct id id;

    listing->limit = DEFAULT_ROWS;
    if (limit.ptr != NULL && (!bytes_to_i64(limit, &listing->limit) ||
                              listing->limit < 1 || listing->limit > MAX_ROWS))
        return false;
    if (actor.len >= sizeof(listing->actor))
        return false;
    snprintf(listing->actor, sizeof(listing->actor), "%.*s", BYTES_FMT(actor));
    if (after.len == 0)
        return true;
    if (!id_parse(after, &id) || id.kind != ID_AUDIT || id.row < 1)
        return false;
    listing->before = id.row;
    return true;
}

void api_audit_list(const struct site_call *call)
{
    struct listing *listing = mem_new(struct listing);

    listing->request = call->request;
    listing->job.run_fn = run;
    if (!read_wish(call, listing)) {
        site_problem(
            call->request, 400, NULL,
            "limit is 1 to 1000, after is the `next` of another answer, actor a name");
        free(listing);
    } else if (!desk_ask(call->site->desk, &listing->job)) {
        site_problem(call->request, 503, NULL, "too many questions at once");
        free(listing);
    }
}
