/* SPDX-License-Identifier: MIT */

/* endpoint: where requests go, by host; pausing keeps the backlog. */

#include "base/err.h"
#include "cli/api.h"
#include "cli/call.h"
#include "cli/columns.h"
#include "cli/commands.h"
#include "json/json.h"

enum { TEXT_MAX = 4 << 20, PATH_MAX_BYTES = 1024 };

/* GET or POST of an endpoint; prints the answer with --json, else *ret_json has it. */
static int ask(const struct call *call, const char *method, const char *verb,
               struct json **ret_json, struct err *err)
{
    struct api api;
    struct buf path;
    struct buf text;
    int answer;

    buf_init(&path, PATH_MAX_BYTES);
    buf_init(&text, TEXT_MAX);
    buf_add_text(&path, "/api/v1/endpoints");
    if (call_arg(call, 0) != NULL) {
        buf_add_char(&path, '/');
        api_add_segment(&path, bytes_str(call_arg(call, 0)));
        buf_add_text(&path, verb);
    }
    answer = api_open(&api, call, err);
    if (answer == 0)
        answer = api_call_text(&api, method, buf_text(&path), BYTES(""), &text, err);
    if (answer == 0 && call->wants_json && text.len > 0)
        print_record(&call->out, bytes_trim(buf_bytes(&text)));
    if (answer == 0 && !call->wants_json && text.len > 0)
        answer = json_parse(buf_bytes(&text), ret_json, err);
    buf_done(&text);
    buf_done(&path);
    return answer;
}

static void add_row(struct columns *columns, const struct json *row)
{
    struct bytes state = json_string(json_get(row, "state"));

    columns_add(columns, json_string(json_get(row, "host")));
    columns_add(columns, json_bool(json_get(row, "paused")) ? BYTES("paused") : state);
    columns_add_i64(columns, json_i64(json_get(row, "waiting")));
    columns_add_i64(columns, json_i64(json_get(row, "in_flight")));
    columns_add_i64(columns, json_i64(json_get(row, "last_status")));
    columns_add(columns, json_string(json_get(row, "last_success_at")));
    columns_add(columns, json_string(json_get(row, "last_error")));
}

int endpoint_list_run(struct call *call, struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;
    struct columns columns;
    const struct json *rows;

    if (ask(call, "GET", "", &json, err) < 0)
        return -1;
    if (call->wants_json)
        return 0;
    rows = json_get(json, "data");
    columns_init(&columns, "HOST STATE WAITING IN_FLIGHT STATUS LAST_SUCCESS LAST_ERROR");
    for (size_t i = 0; i < json_count(rows); i++)
        add_row(&columns, json_at(rows, i));
    if (columns_has_rows(&columns))
        columns_print(&columns, &call->out);
    else
        call_say(call, "No endpoint yet: none was asked since the start");
    columns_done(&columns);
    return 0;
}

static void print_members(const struct print *out, const struct json *object)
{
    void *cursor = NULL;
    const char *key;
    const struct json *value;

    while (json_next(object, &cursor, &key, &value)) {
        struct buf raw;
        struct buf clean;

        buf_init(&raw, TEXT_MAX);
        buf_init(&clean, TEXT_MAX);
        if (json_kind(value) == JSON_STRING)
            buf_add(&raw, json_string(value));
        else
            json_print(value, /* indented= */ false, &raw);
        print_clean(buf_bytes(&raw), &clean);
        print_text(out, "  %-16s %s\n", key, buf_text(&clean));
        buf_done(&raw);
        buf_done(&clean);
    }
}

static int show_one(const struct call *call, const char *method, const char *verb,
                    struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;

    if (ask(call, method, verb, &json, err) < 0)
        return -1;
    if (!call->wants_json)
        print_members(&call->out, json);
    return 0;
}

int endpoint_get_run(struct call *call, struct err *err)
{
    return show_one(call, "GET", "", err);
}

int endpoint_ping_run(struct call *call, struct err *err)
{
    return show_one(call, "POST", "/ping", err);
}

int endpoint_pause_run(struct call *call, struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;
    const char *host = call_arg(call, 0);

    if (ask(call, "POST", "/pause", &json, err) < 0)
        return -1;
    call_say(call, "Paused %s; deliveries wait until: partnerapp endpoint resume %s",
             host, host);
    return 0;
}

int endpoint_resume_run(struct call *call, struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;

    if (ask(call, "POST", "/resume", &json, err) < 0)
        return -1;
    call_say(call, "Resumed %s", call_arg(call, 0));
    return 0;
}
