/* SPDX-License-Identifier: MIT */

#include <stdio.h>

#include "base/err.h"
#include "core/id.h"
#include "core/query.h"
#include "service/access/veil.h"
#include "service/access/visit.h"
#include "service/live.h"
#include "service/registrar.h"
#include "service/site.h"
#include "store/reader.h"
#include "json/json.h"
#include "json/write.h"

enum { PROBLEM_BYTES = 8192 };

static void answer_veiled(struct server_request *request, int status,
                          const struct buf *body)
{
    cleanup(buf_done) struct buf veiled = {0};
    struct server_answer answer = {.status = status,
                                   .content_type = "application/json",
                                   .headers = {{"Cache-Control", "no-store"}}};

    buf_init(&veiled, 2 * body->max_bytes);
    if (veil_json(buf_bytes(body), &veiled) < 0) {
        site_problem(request, 500, NULL, "the answer cannot be shown to a viewer");
        return;
    }
    answer.body = buf_bytes(&veiled);
    server_answer(request, &answer);
}

void site_json(struct server_request *request, int status, const struct buf *body)
{
    const struct visit *visit = visit_of(request);
    const struct server_answer answer = {.status = status,
                                         .content_type = "application/json",
                                         .headers = {{"Cache-Control", "no-store"}},
                                         .body = buf_bytes(body)};

    if (body->full)
        site_problem(request, 500, NULL, "the answer is too large: ask for fewer rows");
    else if (visit != NULL && visit->is_veiled)
        answer_veiled(request, status, body);
    else
        server_answer(request, &answer);
}

static const char *title_of(int status)
{
    switch (status) {
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 409:
        return "Conflict";
    case 422:
        return "Unprocessable Content";
    case 429:
        return "Too Many Requests";
    case 503:
        return "Service Unavailable";
    default:
        return "Internal Server Error";
    }
}

/* For problems that need no page of their own. */
static const char *code_of(int status)
{
    if (status >= 400 && status < 500)
        return "PA7030";
    return status == 503 ? "PA7031" : "PA7032";
}

struct problem {
    int status;
    const char *code, *detail;
    const struct query *query; /* NULL: no query's */
    const struct err *err;     /* of the query */
};

static void print_problem(const struct problem *problem, struct buf *body)
{
    struct write json;

    write_init(&json, body);
    write_object(&json);
    write_member_text(&json, "type", "about:blank");
    write_member_text(&json, "title", title_of(problem->status));
    write_member_i64(&json, "status", problem->status);
    write_member_text(&json, "detail", problem->detail);
    write_member_text(&json, "code",
                      problem->code != NULL ? problem->code : code_of(problem->status));
    if (problem->status == 401)
        write_member_text(&json, "login", "/login");
    if (problem->query != NULL) {
        write_member_i64(&json, "position", (int64_t)problem->query->fault_at);
        write_member_i64(&json, "length", (int64_t)problem->query->fault_len);
        write_member_text(&json, "place", problem->err->place);
        write_member_text(&json, "help", problem->err->help);
    }
    write_object_end(&json);
}

static void answer_problem(struct server_request *request, const struct problem *problem)
{
    cleanup(buf_done) struct buf body = {0};
    struct server_answer answer = {.status = problem->status,
                                   .content_type = "application/problem+json"};

    buf_init(&body, PROBLEM_BYTES);
    print_problem(problem, &body);
    answer.body = buf_bytes(&body);
    if (problem->status == 401)
        answer.headers[0] = (struct server_header){"WWW-Authenticate", "Bearer"};
    else if (problem->status == 503)
        answer.headers[0] = (struct server_header){"Retry-After", "1"};
    server_answer(request, &answer);
}

void site_problem(struct server_request *request, int status, const char *code,
                  const char *detail)
{
    answer_problem(request,
                   &(struct problem){.status = status, .code = code, .detail = detail});
}

static int status_of(const struct err *err)
{
    if (err->exit_code == ERR_USAGE)
        return 400;
    if (err->exit_code == ERR_NOT_FOUND)
        return 404;
    if (err->exit_code == ERR_CONFLICT)
        return 409;
    return err->exit_code == ERR_TRY_LATER ? 503 : 500;
}

void site_problem_err(struct server_request *request, const struct err *err)
{
    char detail[sizeof(err->text) + sizeof(err->help) + 4];

    snprintf(detail, sizeof(detail), "%s%s%s", err->text,
             err->help[0] != '\0' ? "; " : "", err->help);
    site_problem(request, status_of(err), err->code[0] != '\0' ? err->code : NULL,
                 detail);
}

void site_problem_query(struct server_request *request, const struct query *query,
                        const struct err *err)
{
    answer_problem(request, &(struct problem){.status = 400,
                                              .code = err->code,
                                              .detail = err->text,
                                              .query = query,
                                              .err = err});
}

static const char *kind_text(int kind)
{
    switch (kind) {
    case JSON_BOOL:
        return "true or false";
    case JSON_INTEGER:
        return "a whole number";
    case JSON_ARRAY:
        return "a list";
    case JSON_OBJECT:
        return "an object";
    default:
        return "a text";
    }
}

static int check_field(const char *key, const struct json *value,
                       const struct site_field *fields, size_t n_fields, struct err *err)
{
    cleanup(buf_done) struct buf known = {0};
    enum json_kind kind = json_kind(value);
    size_t i = 0;

    while (i < n_fields && strcmp(fields[i].name, key) != 0)
        i++;
    if (i < n_fields && (kind == JSON_NULL || fields[i].kind == JSON_MISSING ||
                         (int)kind == fields[i].kind))
        return 0;
    if (i < n_fields)
        return err_code(err, "PA7033", ERR_USAGE, "`%s` must be %s", key,
                        kind_text(fields[i].kind));
    buf_init(&known, PROBLEM_BYTES);
    for (i = 0; i < n_fields; i++)
        buf_addf(&known, " %s", fields[i].name);
    err_code(err, "PA7033", ERR_USAGE, "there is no `%s` here", key);
    return err_help(err, "known:%s", buf_text(&known));
}

int site_read(struct server_request *request, const struct site_field *fields,
              size_t n_fields, struct json **ret_json, struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;
    struct bytes body = server_body(request);
    void *cursor = NULL;
    const struct json *value;
    const char *key;

    if (json_parse(body.len > 0 ? body : BYTES("{}"), &json, err) < 0) {
        err->exit_code = ERR_USAGE;
        return -1;
    }
    if (json_kind(json) != JSON_OBJECT)
        return err_code(err, "PA7033", ERR_USAGE, "an object is wanted");
    while (json_next(json, &cursor, &key, &value)) {
        if (check_field(key, value, fields, n_fields, err) < 0)
            return -1;
    }
    *ret_json = take(json);
    return 0;
}

void site_event_id(int64_t row, int64_t time_ms, char ret_text[32])
{
    id_format((struct id){.kind = ID_EVENT, .time_ms = time_ms, .row = row}, ret_text);
}

void site_print_counters(struct write *json, const struct tally_counts *counts)
{
    write_key(json, "counters");
    write_object(json);
    write_member_i64(json, "accepted", counts->accepted);
    write_member_i64(json, "duplicates", counts->duplicates);
    write_member_i64(json, "rejected", counts->rejected);
    write_member_i64(json, "replayed", counts->replayed);
    for (int state = DELIVERY_QUEUED; state < DELIVERY_N_STATES; state++)
        write_member_i64(json, delivery_state_text((enum delivery_state)state),
                         counts->by_state[state]);
    write_object_end(json);
}

static void print_text_or_null(struct write *json, const char *key, struct bytes text)
{
    if (text.len > 0)
        write_member_string(json, key, text);
    else
        write_member_text(json, key, NULL);
}

static void print_delivery(const struct site *site, struct write *json,
                           const struct reader_event *event,
                           const struct reader_delivery *delivery)
{
    enum delivery_state state = live_state(site->live, delivery->row, delivery->state);
    char id[ID_TEXT_LEN];

    id_format((struct id){.kind = ID_DELIVERY,
                          .time_ms = delivery->created_at_ms,
                          .extra = delivery->subscription,
                          .row = delivery->row},
              id);
    write_object(json);
    write_member_text(json, "id", id);
    write_member_string(json, "subscription", event->subscription_name);
    write_member_text(json, "state", delivery_state_text(state));
    write_member_i64(json, "n_attempts", delivery->attempts);
    write_member_time(json, "created_at", delivery->created_at_ms);
    write_member_time(json, "next_at",
                      delivery->state == DELIVERY_RETRYING ? delivery->next_at_ms : 0);
    write_member_time(json, "settled_at", delivery->settled_at_ms);
    if (delivery->replay != 0) {
        id_format((struct id){.kind = ID_REPLAY,
                              .time_ms = delivery->replay_created_at_ms,
                              .row = delivery->replay},
                  id);
        write_member_text(json, "replay", id);
    } else {
        write_member_text(json, "replay", NULL);
    }
    print_text_or_null(json, "last_error", delivery->error_name);
    write_key(json, "attempts");
    write_array(json);
    if (delivery->attempts_json.len > 0)
        write_raw(json, delivery->attempts_json);
    write_array_end(json);
    write_object_end(json);
}

static void print_key(struct write *json, const struct reader_event *event)
{
    char id[ID_TEXT_LEN];

    if (event->key == 0) {
        write_member_text(json, "key", NULL);
        return;
    }
    id_format((struct id){.kind = ID_KEY,
                          .time_ms = event->key_created_at_ms,
                          .row = event->key},
              id);
    write_member_text(json, "key", id);
    print_text_or_null(json, "key_name", event->key_name);
}

static void print_install(const struct site *site, struct write *json, int64_t key)
{
    const int64_t number = key != 0 ? registrar_of_key(site->registrar, key) : 0;
    char name[32];

    snprintf(name, sizeof(name), "installs/%lld", (long long)number);
    write_member_text(json, "install", number != 0 ? name : NULL);
}

void site_print_event(const struct site *site, struct write *json,
                      const struct reader_event *event)
{
    char id[32];

    site_event_id(event->row, event->received_at_ms, id);
    write_object(json);
    write_member_text(json, "id", id);
    write_member_time(json, "received_at", event->received_at_ms);
    write_member_text(json, "type", event_kind_text(event->kind));
    print_text_or_null(json, "name", event->name);
    write_member_string(json, "subscription", event->subscription_name);
    print_key(json, event);
    print_install(site, json, event->key);
    print_text_or_null(json, "message_id", event->message_id);
    print_text_or_null(json, "user_id", event->user_id);
    print_text_or_null(json, "anonymous_id", event->anonymous_id);
    print_text_or_null(json, "group_id", event->group_id);
    print_text_or_null(json, "previous_id", event->previous_id);
    write_member_i64(json, "size_bytes", (int64_t)event->payload.len);
    write_member_bool(json, "erased", event->is_erased);
    write_key(json, "payload");
    write_raw(json, event->payload);
    write_key(json, "deliveries");
    write_array(json);
    for (size_t i = 0; i < event->n_deliveries; i++)
        print_delivery(site, json, event, &event->deliveries[i]);
    write_array_end(json);
    write_object_end(json);
}
