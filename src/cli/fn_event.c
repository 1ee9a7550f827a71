/* SPDX-License-Identifier: MIT */

#include "cli/fn_event.h"

#include "base/err.h"
#include "cli/call.h"
#include "cli/fixture.h"
#include "cli/input.h"
#include "js/pool.h"
#include "json/json.h"

/* Where `dev` delivers to: a function that was tried there finds the same here. */
#define DEFAULT_ENDPOINT "http://localhost:8888/sink/demo"

static int read_settings(const struct call *call, const struct json *from_file,
                         struct fn_event *event, struct err *err)
{
    cleanup(json_freep) struct json *settings = json_object();
    cleanup(json_freep) struct json *given = NULL;
    const char *text = call_given(call, "settings");

    if (json_kind(from_file) == JSON_OBJECT)
        json_merge(settings, from_file);
    if (text != NULL && json_parse(bytes_str(text), &given, err) < 0) {
        err->exit_code = ERR_USAGE;
        return err_wrap(err, "--settings");
    }
    if (text != NULL && json_kind(given) != JSON_OBJECT)
        return err_code(err, "PA7003", ERR_USAGE, "--settings wants a JSON object");
    if (given != NULL)
        json_merge(settings, given);
    if (json_kind(json_get(settings, "endpoint")) == JSON_MISSING)
        json_set_string(settings, "endpoint", BYTES(DEFAULT_ENDPOINT));
    buf_add(&event->endpoint, json_string(json_get(settings, "endpoint")));
    return json_print(settings, /* indented= */ false, &event->settings);
}

/* A bare track event has an "event" too, but there it is a name, not an object. */
static int split(const struct call *call, struct bytes text, struct fn_event *event,
                 struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;
    const struct json *inner;

    if (json_parse(text, &json, err) < 0)
        return err_wrap(err, "%s", call_given(call, "event"));
    if (json_kind(json) != JSON_OBJECT)
        return err_code(err, "PA7029", ERR_FAILED, "an event is a JSON object");
    inner = json_get(json, "event");
    if (json_kind(inner) != JSON_OBJECT) {
        buf_add(&event->event, text); /* as it is: no number changes its spelling */
        return read_settings(call, NULL, event, err);
    }
    json_print(inner, /* indented= */ false, &event->event);
    return read_settings(call, json_get(json, "settings"), event, err);
}

int fn_event_read(struct fn_event *event, const struct call *call, struct err *err)
{
    const char *file = call_given(call, "event");
    enum event_verdict verdict;
    struct buf text;
    int answer;

    *event = (struct fn_event){0};
    buf_init(&event->event, POOL_VALUE_BYTES);
    buf_init(&event->settings, POOL_VALUE_BYTES);
    buf_init(&event->endpoint, POOL_VALUE_BYTES);
    buf_init(&event->scratch, EVENT_SCRATCH_BYTES);
    buf_init(&text, POOL_VALUE_BYTES);
    if (file != NULL)
        answer = input_read(file, &text, err);
    else
        answer = fixture_make(BYTES("track"), NULL, 0, &text, err);
    if (answer == 0)
        answer = split(call, buf_bytes(&text), event, err);
    buf_done(&text);
    if (answer != 0)
        return -1;
    verdict = event_judge(buf_bytes(&event->event), &event->scratch, &event->judged);
    if (verdict == EVENT_MALFORMED || verdict == EVENT_NO_TYPE)
        return err_code(err, "PA3004", ERR_FAILED, "this is no event: %s",
                        event->judged.why);
    return 0;
}

void fn_event_done(struct fn_event *event)
{
    buf_done(&event->event);
    buf_done(&event->settings);
    buf_done(&event->endpoint);
    buf_done(&event->scratch);
}
