/* SPDX-License-Identifier: MIT */

/* GET /api/v1/dead/groups: dead letters by what they died of, each group with the query
 * that means it and with advice. The desk groups, courier says how endpoints are now. */

#include <ctype.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/advice.h"
#include "net/client.h"
#include "service/courier.h"
#include "service/desk.h"
#include "service/site.h"
#include "store/reader.h"
#include "json/write.h"

enum { ANSWER_BYTES = 2 << 20, ADVICE_BYTES = 1024, QUERY_BYTES = 1024 };

struct visit {
    struct desk_job job;
    struct order order;
    struct site *site;
    struct server_request *request;
    struct arena arena; /* of the groups' texts */
    struct reader_dead_groups groups;
};

static void visit_free(struct visit *visit)
{
    arena_done(&visit->arena);
    free(visit);
}

/* One value of the query language; false when it cannot say this. */
static bool add_term(struct buf *query, const char *prefix, struct bytes value)
{
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] == '"' || value.ptr[i] == '*' ||
            iscntrl((unsigned char)value.ptr[i]))
            return false;
    }
    if (value.len == 0)
        return false;
    buf_addf(query, " %s:", prefix);
    if (bytes_index(value, ' ') < value.len)
        buf_addf(query, "\"%.*s\"", BYTES_FMT(value));
    else
        buf_add(query, value);
    return true;
}

static void write_query(struct write *json, const struct reader_dead_group *group)
{
    cleanup(buf_done) struct buf query = {0};

    buf_init(&query, QUERY_BYTES);
    buf_add_text(&query, "is:dead");
    if (add_term(&query, "sub", group->subscription) &&
        add_term(&query, "error", group->error_name) && !query.full)
        write_member_string(json, "q", buf_bytes(&query));
    else
        write_member_text(json, "q", NULL);
}

/* The host that both samples went to; they stand for the letters between them. */
static const char *endpoint_of(const struct reader_dead_group *group, struct buf *host)
{
    cleanup(buf_done) struct buf other = {0};

    buf_init(host, QUERY_BYTES);
    buf_init(&other, QUERY_BYTES);
    if (!client_url_endpoint(group->newest.url, host) ||
        !client_url_endpoint(group->oldest.url, &other) ||
        !bytes_eq(buf_bytes(host), buf_bytes(&other)))
        return NULL;
    return buf_text(host);
}

static void write_text_or_null(struct write *json, const char *key, struct bytes text)
{
    if (text.len > 0)
        write_member_string(json, key, text);
    else
        write_member_text(json, key, NULL);
}

static void write_advice(struct courier *courier, struct write *json,
                         const struct reader_dead_group *group, const char *host)
{
    cleanup(buf_done) struct buf text = {0};
    struct courier_endpoint state = {0};

    if (host != NULL)
        courier_endpoint(courier, bytes_str(host), &state);
    const struct advice_endpoint endpoint = {
        .name = host,
        .status = state.last_status,
        .is_failing = state.is_failing,
        .answered_at_ms = state.last_success_ms,
    };
    buf_init(&text, ADVICE_BYTES);
    advice_write(group->error_name, &endpoint, group->last_at_ms, &text);
    write_member_string(json, "advice", buf_bytes(&text));
    write_member_bool(json, "is_temporary", advice_is_temporary(group->error_name));
}

static void write_group(struct courier *courier, struct write *json,
                        const struct reader_dead_group *group)
{
    cleanup(buf_done) struct buf host = {0};
    const char *endpoint = endpoint_of(group, &host);

    write_object(json);
    write_text_or_null(json, "subscription", group->subscription);
    write_member_text(json, "endpoint", endpoint);
    write_text_or_null(json, "error", group->error_name);
    write_text_or_null(json, "message", group->newest.message);
    write_key(json, "status");
    if (group->newest.status != 0)
        write_i64(json, group->newest.status);
    else
        write_null(json);
    write_member_i64(json, "count", group->count);
    write_member_time(json, "first_at", group->first_at_ms);
    write_member_time(json, "last_at", group->last_at_ms);
    write_query(json, group);
    write_advice(courier, json, group, endpoint);
    write_object_end(json);
}

static void run_answer(struct courier *courier, struct order *order)
{
    struct visit *visit = container_of(order, struct visit, order);
    const struct reader_dead_groups *groups = &visit->groups;
    cleanup(buf_done) struct buf body = {0};
    struct write json;

    buf_init(&body, ANSWER_BYTES);
    write_init(&json, &body);
    write_object(&json);
    write_key(&json, "data");
    write_array(&json);
    for (size_t i = 0; i < groups->n; i++)
        write_group(courier, &json, &groups->list[i]);
    write_array_end(&json);
    write_member_text(&json, "next", NULL);
    write_member_i64(&json, "total", groups->total);
    write_member_i64(&json, "dead_letters", groups->n_letters);
    write_member_bool(&json, "is_whole", groups->n_letters < READER_DEAD_LOOKS);
    write_object_end(&json);
    site_json(visit->request, 200, &body);
    visit_free(visit);
}

static void run_groups(struct reader *reader, struct desk_job *job)
{
    struct visit *visit = container_of(job, struct visit, job);
    struct err err = {0};

    if (reader_dead_groups(reader, &visit->arena, &visit->groups, &err) < 0) {
        site_problem_err(visit->request, &err);
        visit_free(visit);
        return;
    }
    visit->order.run_fn = run_answer;
    courier_order(visit->site->courier, &visit->order);
}

void api_dead_groups(const struct site_call *call)
{
    struct visit *visit = mem_new(struct visit);

    arena_init(&visit->arena);
    visit->site = call->site;
    visit->request = call->request;
    visit->job.run_fn = run_groups;
    if (desk_ask(call->site->desk, &visit->job))
        return;
    site_problem(call->request, 503, NULL, "too many questions at once");
    visit_free(visit);
}
