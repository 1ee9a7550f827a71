/* SPDX-License-Identifier: MIT */

#include "cli/replay_first.h"

#include "base/buf.h"
#include "cli/events.h"
#include "cli/print.h"
#include "json/json.h"

enum { MAX_SHOWN = 10 };

static void show_line(const struct print *print, const char *before, struct bytes text)
{
    cleanup(buf_done) struct buf clean = {0};

    buf_init(&clean, EVENTS_TEXT_MAX);
    print_clean(text, &clean);
    print_text(print, "%s%s\n", before, buf_text(&clean));
}

static void show_request(const struct print *print, const struct json *request)
{
    const struct json *response = json_get(request, "response");
    cleanup(buf_done) struct buf line = {0};

    buf_init(&line, EVENTS_TEXT_MAX);
    buf_addf(&line, "%.*s %.*s → ", BYTES_FMT(json_string(json_get(request, "method"))),
             BYTES_FMT(json_string(json_get(request, "url"))));
    if (json_kind(response) == JSON_OBJECT)
        buf_addf(&line, "%lld (answered here, nothing was sent)",
                 (long long)json_i64(json_get(response, "status")));
    else
        buf_add(&line, json_string(json_get(request, "error")));
    show_line(print, "  ", buf_bytes(&line));
}

static void show_rest(const struct print *print, const struct json *list)
{
    if (json_count(list) > MAX_SHOWN)
        print_text(print, "  … and %zu more\n", json_count(list) - MAX_SHOWN);
}

static void show_error(const struct print *print, const struct json *error)
{
    cleanup(buf_done) struct buf line = {0};

    if (json_kind(error) != JSON_OBJECT)
        return;
    buf_init(&line, EVENTS_TEXT_MAX);
    buf_addf(&line, "%.*s: %.*s", BYTES_FMT(json_string(json_get(error, "name"))),
             BYTES_FMT(json_string(json_get(error, "message"))));
    show_line(print, "  ", buf_bytes(&line));
}

static void show_run(const struct print *print, const struct json *run)
{
    const struct json *logs = json_get(run, "logs");
    const struct json *requests = json_get(run, "requests");
    cleanup(buf_done) struct buf took = {0};

    buf_init(&took, 64);
    print_duration((int64_t)(json_double(json_get(run, "duration_ms")) * 1000.0), &took);
    print_text(print, "  %.*s in %s\n", BYTES_FMT(json_string(json_get(run, "outcome"))),
               buf_text(&took));
    show_error(print, json_get(run, "error"));
    for (size_t i = 0; i < json_count(logs) && i < MAX_SHOWN; i++)
        show_line(print, "  ", json_string(json_at(logs, i)));
    show_rest(print, logs);
    for (size_t i = 0; i < json_count(requests) && i < MAX_SHOWN; i++)
        show_request(print, json_at(requests, i));
    show_rest(print, requests);
}

void replay_first_show(const struct print *print, const struct json *first)
{
    const struct json *run = json_get(first, "run");
    cleanup(buf_done) struct buf line = {0};

    if (json_kind(first) != JSON_OBJECT)
        return;
    buf_init(&line, EVENTS_TEXT_MAX);
    buf_addf(&line, "%.*s  %.*s  %.*s", BYTES_FMT(json_string(json_get(first, "event"))),
             BYTES_FMT(json_string(json_get(first, "name"))),
             BYTES_FMT(json_string(json_get(first, "subscription"))));
    show_line(print, "First: ", buf_bytes(&line));
    if (json_kind(run) == JSON_OBJECT)
        show_run(print, run);
    else
        show_line(print, "  not tried: ", json_string(json_get(first, "why")));
}
