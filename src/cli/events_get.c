/* SPDX-License-Identifier: MIT */

/* events list and get: a table, and one event as a story. */

#include "base/err.h"
#include "cli/api.h"
#include "cli/call.h"
#include "cli/commands.h"
#include "cli/events.h"
#include "json/json.h"

enum { TEXT_BYTES = 1 << 20 };

int events_list_run(struct call *call, struct err *err)
{
    return events_list(call, "/api/v1/events", err);
}

static void print_string(const struct print *out, const char *label, struct bytes text)
{
    struct buf clean;

    if (text.len == 0)
        return;
    buf_init(&clean, TEXT_BYTES);
    print_clean(text, &clean);
    print_text(out, "%s%s\n", label, buf_text(&clean));
    buf_done(&clean);
}

static void print_head(const struct print *out, const struct json *event)
{
    struct buf line;

    buf_init(&line, TEXT_BYTES);
    print_clean(json_string(json_get(event, "type")), &line);
    if (json_string(json_get(event, "name")).len > 0) {
        buf_add_text(&line, " \"");
        print_clean(json_string(json_get(event, "name")), &line);
        buf_add_text(&line, "\"");
    }
    print_styled(out, PRINT_BOLD, "%s", buf_text(&line));
    buf_clear(&line);
    print_clean(json_string(json_get(event, "id")), &line);
    buf_add_text(&line, "   subscription ");
    print_clean(json_string(json_get(event, "subscription")), &line);
    if (json_string(json_get(event, "user_id")).len > 0) {
        buf_add_text(&line, " · user ");
        print_clean(json_string(json_get(event, "user_id")), &line);
    }
    print_text(out, "  %s\n\n", buf_text(&line));
    buf_done(&line);
}

static void print_moment(const struct print *out, const struct json *when,
                         const char *what)
{
    struct buf time;

    buf_init(&time, TEXT_BYTES);
    events_add_time(out, json_string(when), &time);
    print_text(out, "  %s  %s", buf_text(&time), what);
    buf_done(&time);
}

static void print_request(const struct print *out, const struct json *request)
{
    struct buf line;
    struct buf duration;
    int64_t status = json_i64(json_path(request, "response.status"));
    int64_t n_sent = json_i64(json_get(request, "sends"));

    buf_init(&line, TEXT_BYTES);
    buf_init(&duration, TEXT_BYTES);
    print_clean(json_string(json_get(request, "method")), &line);
    buf_add_char(&line, ' ');
    print_clean(json_string(json_get(request, "url")), &line);
    if (status != 0)
        buf_addf(&line, " → %lld", (long long)status);
    else
        buf_add_text(&line, " → ");
    print_clean(json_string(json_get(request, "error")), &line);
    print_duration((int64_t)(json_double(json_get(request, "duration_ms")) * 1000),
                   &duration);
    print_text(out, "      %s, %s\n", buf_text(&line), buf_text(&duration));
    if (n_sent > 1)
        print_text(out,
                   "        sent %lld times: the connection ended without an answer\n",
                   (long long)n_sent);
    print_string(out, "        sent    ", json_string(json_get(request, "body")));
    print_string(out, "        answer  ",
                 json_string(json_path(request, "response.body")));
    buf_done(&duration);
    buf_done(&line);
}

/* "X: what", the line, and what was missing there. */
static void print_error(const struct print *out, const struct json *error)
{
    struct bytes name = json_string(json_get(error, "name"));
    int64_t line = json_i64(json_get(error, "line"));
    struct buf text;

    buf_init(&text, TEXT_BYTES);
    print_clean(name, &text);
    if (text.len > 0)
        buf_add_text(&text, ": ");
    print_clean(json_string(json_get(error, "message")), &text);
    if (text.len > 0 && line > 0)
        buf_addf(&text, " (line %lld)", (long long)line);
    if (text.len > 0)
        print_text(out, "      %s\n", buf_text(&text));
    print_string(out, "      ", json_string(json_get(error, "note")));
    buf_done(&text);
}

/* One of a batch; a large one is recorded once, with its first event. */
static void print_batch(const struct print *out, const struct json *batch)
{
    if (json_kind(batch) != JSON_OBJECT)
        return;
    print_text(out, "      event %lld of a batch of %lld\n",
               (long long)json_i64(json_get(batch, "index")) + 1,
               (long long)json_i64(json_get(batch, "size")));
    print_string(out, "      its requests and log: partnerapp events get ",
                 json_string(json_get(batch, "recorded_with")));
}

static void print_attempt(const struct print *out, const struct json *attempt,
                          size_t number)
{
    const struct json *requests = json_get(attempt, "requests");
    const struct json *logs = json_get(attempt, "logs");
    char what[32];
    struct buf text;

    snprintf(what, sizeof(what), "attempt %zu", number);
    print_moment(out, json_get(attempt, "at"), what);
    buf_init(&text, TEXT_BYTES);
    print_clean(json_string(json_get(attempt, "outcome")), &text);
    buf_add_text(&text, ", ");
    print_duration((int64_t)(json_double(json_get(attempt, "duration_ms")) * 1000),
                   &text);
    print_text(out, "   %s\n", buf_text(&text));
    print_error(out, json_get(attempt, "error"));
    print_batch(out, json_get(attempt, "batch"));
    for (size_t i = 0; i < json_count(logs); i++)
        print_string(out, "      log  ", json_string(json_at(logs, i)));
    for (size_t i = 0; i < json_count(requests); i++)
        print_request(out, json_at(requests, i));
    buf_done(&text);
}

static void print_delivery(const struct call *call, const struct json *delivery)
{
    const struct print *out = &call->out;
    const struct json *attempts = json_get(delivery, "attempts");
    struct bytes state = json_string(json_get(delivery, "state"));
    bool is_good = bytes_eq(state, BYTES("delivered"));
    bool is_bad = bytes_eq(state, BYTES("dead"));

    for (size_t i = 0; i < json_count(attempts); i++)
        print_attempt(out, json_at(attempts, i), i + 1);
    print_styled(out,
                 is_good  ? PRINT_GREEN
                 : is_bad ? PRINT_RED
                          : PRINT_YELLOW,
                 "  %.*s", BYTES_FMT(state));
    print_text(out, "  %.*s\n\n", BYTES_FMT(json_string(json_get(delivery, "id"))));
}

static int print_event(const struct call *call, struct bytes text, struct err *err)
{
    cleanup(json_freep) struct json *event = NULL;
    const struct json *deliveries;
    struct buf payload;

    if (json_parse(text, &event, err) < 0)
        return -1;
    print_head(&call->out, event);
    print_moment(&call->out, json_get(event, "received_at"), "received");
    print_text(&call->out, "\n");
    deliveries = json_get(event, "deliveries");
    for (size_t i = 0; i < json_count(deliveries); i++)
        print_delivery(call, json_at(deliveries, i));
    buf_init(&payload, EVENTS_TEXT_MAX);
    json_print(json_get(event, "payload"), /* indented= */ true, &payload);
    print_text(&call->out, "Payload\n%s\n", buf_text(&payload));
    buf_done(&payload);
    if (bytes_eq(json_string(json_get(events_last_delivery(event), "state")),
                 BYTES("dead")))
        call_hint(call, "Again: partnerapp events replay %s", call_arg(call, 0));
    return 0;
}

int events_get_run(struct call *call, struct err *err)
{
    struct api api;
    struct buf path;
    struct buf text;
    int answer;

    buf_init(&path, EVENTS_QUERY_MAX);
    buf_init(&text, EVENTS_TEXT_MAX);
    buf_add_text(&path, "/api/v1/events/");
    api_add_segment(&path, bytes_str(call_arg(call, 0)));
    answer = api_open(&api, call, err);
    if (answer == 0)
        answer = api_call_text(&api, "GET", buf_text(&path), BYTES(""), &text, err);
    if (answer == 0 && call->wants_json)
        print_record(&call->out, bytes_trim(buf_bytes(&text)));
    else if (answer == 0)
        answer = print_event(call, buf_bytes(&text), err);
    buf_done(&text);
    buf_done(&path);
    return answer;
}
