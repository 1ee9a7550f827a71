/* SPDX-License-Identifier: MIT */

#include "trial/fn_event.h"

#include <stdio.h>

#include "base/err.h"
#include "sys/disk.h"
#include "trial/fn_code.h"
#include "trial/fn_folder.h"
#include "json/json.h"

/* Where `dev` delivers to: a function that was tried there finds the same here. */
#define DEFAULT_ENDPOINT BYTES("http://localhost:8888/sink/demo")
/* The older generations' code takes nothing but https. */
#define UNSENT_ENDPOINT BYTES("https://sink.example.com/demo")
/* What onRequest finds as its URL where nobody says one (runtime/source.js). */
#define DEFAULT_URL BYTES("https://fn.segmentapis.com/")

enum { PATH_BYTES = 4200 };

int fn_settings_want(const struct json *json, const char *where, struct err *err)
{
    if (json_kind(json) == JSON_OBJECT)
        return 0;
    return err_code(err, "PA7003", ERR_USAGE, "%s wants a JSON object", where);
}

int fn_settings_read(struct fn_settings *settings, struct fn_code *code, struct err *err)
{
    char path[PATH_BYTES];

    *settings = (struct fn_settings){0};
    if (code->configured != NULL &&
        json_parse(bytes_str(code->configured), &settings->configured, err) < 0)
        return err_wrap(err, "the subscription's settings");
    snprintf(path, sizeof(path), "%s/settings.json", fn_code_folder(code));
    if (!disk_exists(path))
        return 0;
    if (fn_folder_read(path, &settings->file, err) < 0)
        return -1;
    return fn_settings_want(settings->file, path, err);
}

void fn_settings_done(struct fn_settings *settings)
{
    json_free(settings->configured);
    json_free(settings->file);
    json_free(settings->given);
    *settings = (struct fn_settings){0};
}

static void merge(struct json *settings, const struct json *over)
{
    if (json_kind(over) == JSON_OBJECT)
        json_merge(settings, over);
}

static int add_settings(struct fn_event *event, const struct json *beside,
                        const struct fn_settings *from)
{
    cleanup(json_freep) struct json *settings = json_object();

    merge(settings, from->configured);
    merge(settings, from->file);
    merge(settings, beside);
    merge(settings, from->given);
    if (from->mask != NULL)
        from->mask(settings);
    if (json_kind(json_get(settings, "endpoint")) == JSON_MISSING)
        json_set_string(settings, "endpoint",
                        from->is_unsent ? UNSENT_ENDPOINT : DEFAULT_ENDPOINT);
    buf_add(&event->endpoint, json_string(json_get(settings, "endpoint")));
    return json_print(settings, /* indented= */ false, &event->settings);
}

static int judge(struct fn_event *event, struct err *err)
{
    enum event_verdict verdict =
        event_judge(buf_bytes(&event->event), &event->scratch, &event->judged);

    if (verdict == EVENT_MALFORMED || verdict == EVENT_NO_TYPE)
        return err_code(err, "PA3004", ERR_FAILED, "this is no event: %s",
                        event->judged.why);
    return 0;
}

static void init(struct fn_event *event, enum pool_entry entry)
{
    *event = (struct fn_event){.entry = entry};
    buf_init(&event->event, POOL_VALUE_BYTES);
    buf_init(&event->settings, POOL_VALUE_BYTES);
    buf_init(&event->endpoint, POOL_VALUE_BYTES);
    buf_init(&event->scratch, EVENT_SCRATCH_BYTES);
}

static int finish(struct fn_event *event, const struct json *beside,
                  const struct fn_settings *settings, struct err *err)
{
    if (event->event.full || add_settings(event, beside, settings) != 0)
        return err_set(err, "the event and its settings are larger than %d bytes",
                       POOL_VALUE_BYTES);
    return event->entry == POOL_EVENT ? judge(event, err) : 0;
}

/* How many of a request's members @json has. */
static size_t count_members(const struct json *json)
{
    static const char *const members[] = {"body", "headers", "url", "queryParameters",
                                          "method"};
    size_t n = 0;

    for (size_t i = 0; i < COUNT(members); i++)
        n += json_kind(json_get(json, members[i])) != JSON_MISSING;
    return n;
}

static size_t count_object(const struct json *json, const char *name)
{
    return json_kind(json_get(json, name)) == JSON_OBJECT;
}

/* The request in {body, headers, url, …} or in {payload: {body, …}}, either with or
 * without settings beside; NULL when @json is neither, and so a body. What else is in a
 * payload does not count: some of Segment's examples have more. */
static const struct json *find_request(const struct json *json)
{
    const struct json *payload = json_get(json, "payload");
    size_t n_settings = count_object(json, "settings");
    size_t n_members = count_members(json);

    if (n_members > 0 && n_members + n_settings == json_count(json))
        return json;
    if (count_object(json, "payload") + n_settings == json_count(json) &&
        count_members(payload) > 0)
        return payload;
    return NULL;
}

/* A body alone comes as the service would hand it on. */
static void add_body(struct json *request, const struct json *body)
{
    cleanup(json_freep) struct json *headers = json_object();
    cleanup(json_freep) struct json *query = json_object();

    json_set_string(headers, "content-type", BYTES("application/json"));
    json_set(request, "body", body);
    json_set(request, "headers", headers);
    json_set_string(request, "url", DEFAULT_URL);
    json_set(request, "queryParameters", query);
}

static void add_request(struct fn_event *event, const struct json *given)
{
    cleanup(json_freep) struct json *request = json_object();
    const struct json *found = find_request(given);

    if (found != NULL)
        json_merge(request, found);
    else
        add_body(request, given);
    json_print(request, /* indented= */ false, &event->event);
}

int fn_event_make(struct fn_event *event, enum pool_entry entry, const struct json *given,
                  const struct json *beside, const struct fn_settings *settings,
                  struct err *err)
{
    init(event, entry);
    if (entry == POOL_EVENT && json_kind(given) != JSON_OBJECT)
        return err_code(err, "PA3004", ERR_FAILED, "an event is a JSON object");
    if (entry == POOL_BATCH && json_kind(given) != JSON_ARRAY)
        return err_code(err, "PA3004", ERR_FAILED, "a batch is a list of events");
    if (entry == POOL_REQUEST) {
        add_request(event, given);
        if (beside == NULL && find_request(given) != NULL)
            beside = json_get(given, "settings");
    } else {
        json_print(given, /* indented= */ false, &event->event);
    }
    return finish(event, beside, settings, err);
}

/* A bare track event has an "event" too, whatever it is; but that one has a type. */
int fn_event_split(struct fn_event *event, struct bytes text, const char *where,
                   const struct fn_settings *settings, struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;
    const struct json *inner;

    init(event, POOL_EVENT);
    if (json_parse(text, &json, err) < 0)
        return err_wrap(err, "%s", where);
    inner = json_get(json, "event");
    if (json_get(json, "type") == NULL &&
        (json_kind(inner) == JSON_OBJECT || json_kind(inner) == JSON_ARRAY)) {
        event->entry = json_kind(inner) == JSON_ARRAY ? POOL_BATCH : POOL_EVENT;
        json_print(inner, /* indented= */ false, &event->event);
        return finish(event, json_get(json, "settings"), settings, err);
    }
    if (json_kind(json) == JSON_ARRAY)
        event->entry = POOL_BATCH;
    else if (json_kind(json) != JSON_OBJECT)
        return err_code(err, "PA7029", ERR_FAILED, "an event is a JSON object");
    buf_add(&event->event, text); /* as it is: no number changes its spelling */
    return finish(event, NULL, settings, err);
}

void fn_event_done(struct fn_event *event)
{
    buf_done(&event->event);
    buf_done(&event->settings);
    buf_done(&event->endpoint);
    buf_done(&event->scratch);
}
