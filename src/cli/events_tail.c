/* SPDX-License-Identifier: MIT */

/* events tail: a line when an event comes, a line when its delivery moves. */

#include "base/err.h"
#include "base/time_text.h"
#include "cli/api.h"
#include "cli/call.h"
#include "cli/commands.h"
#include "cli/events.h"
#include "sys/clock.h"
#include "json/json.h"

enum { TEXT_BYTES = 1 << 20 };

static void print_json(const struct call *call, struct bytes name, struct json *object)
{
    char now[TIME_TEXT_LEN + 1];
    struct buf text;

    json_set_string(object, "kind", name);
    if (json_kind(json_get(object, "at")) == JSON_MISSING) {
        time_text_format(clock_wall_ms(), now);
        json_set_string(object, "at", bytes_str(now));
    }
    buf_init(&text, EVENTS_TEXT_MAX);
    json_print(object, /* indented= */ false, &text);
    print_record(&call->out, buf_bytes(&text));
    buf_done(&text);
}

static void add_member(struct buf *line, const struct json *object, const char *key)
{
    buf_add_char(line, ' ');
    print_clean(json_string(json_get(object, key)), line);
}

static void print_human(const struct call *call, struct bytes name,
                        const struct json *object)
{
    struct buf line;
    bool is_event = bytes_eq(name, BYTES("event"));

    buf_init(&line, TEXT_BYTES);
    print_time(&call->out, clock_wall_ms(), &line);
    buf_add_text(&line, is_event ? "  → " : "  ƒ ");
    add_member(&line, object, is_event ? "type" : "state");
    if (is_event && json_string(json_get(object, "name")).len > 0) {
        buf_add_text(&line, " \"");
        print_clean(json_string(json_get(object, "name")), &line);
        buf_add_char(&line, '"');
    }
    add_member(&line, object, "subscription");
    add_member(&line, object, is_event ? "id" : "event");
    print_text(&call->out, "%s\n", buf_text(&line));
    fflush(call->out.file);
    buf_done(&line);
}

static bool on_event(void *arg, struct bytes name, struct bytes data)
{
    const struct call *call = arg;
    cleanup(json_freep) struct json *object = NULL;

    if (!bytes_eq(name, BYTES("event")) && !bytes_eq(name, BYTES("delivery")))
        return true;
    if (json_parse(data, &object, NULL) < 0)
        return true;
    if (call->wants_json)
        print_json(call, name, object);
    else
        print_human(call, name, object);
    return ferror(call->out.file) == 0;
}

/* A query that cannot be understood is told with its help, which a stream cannot. */
static int check_query(const struct api *api, struct bytes query, struct err *err)
{
    cleanup(buf_done) struct buf path = {0};

    buf_init(&path, EVENTS_QUERY_MAX * 4);
    buf_add_text(&path, "/api/v1/events");
    api_add_query(&path, "q", query);
    api_add_query(&path, "limit", BYTES("1"));
    return api_call(api, "GET", buf_text(&path), BYTES(""), NULL, err);
}

int events_tail_run(struct call *call, struct err *err)
{
    cleanup(buf_done) struct buf query = {0};
    cleanup(buf_done) struct buf path = {0};
    struct api api;

    buf_init(&query, EVENTS_QUERY_MAX);
    buf_init(&path, EVENTS_QUERY_MAX * 4);
    events_query(call, 0, &query);
    buf_add_text(&path, "/api/v1/stream");
    api_add_query(&path, "q", buf_bytes(&query));
    if (api_open(&api, call, err) < 0 || check_query(&api, buf_bytes(&query), err) < 0)
        return -1;
    call_hint(call, "Waiting for events. Ctrl-C ends.");
    return api_follow(&api, buf_text(&path), on_event, call, err);
}
