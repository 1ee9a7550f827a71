/* SPDX-License-Identifier: MIT */

#include "cli/trigger_segment.h"

#include <stdio.h>

#include "base/err.h"
#include "base/secret.h"
#include "cli/api.h"
#include "cli/call.h"
#include "cli/input.h"
#include "cli/setup.h"
#include "segment/basic.h"
#include "json/json.h"
#include "json/write.h"

#define SOURCE "workspaces/acme/sources/website"
#define DEFAULT_KEY "demo"

enum { PATH_BYTES = 1024, BODY_BYTES = 1 << 20, KEY_MAX = 65536 };

/* --- the destination ---------------------------------------------------------------- */

/* app.settings.apiKey of the configuration, unless every install gets a new one. */
static void add_configured_key(const struct call *call, struct buf *key)
{
    struct setup setup;
    struct config_sources sources;
    struct config_problems problems = {0};
    struct config *config = NULL;
    cleanup(json_freep) struct json *settings = NULL;
    struct bytes value;

    if (setup_read(&setup, call, /* is_dev= */ true, NULL) == 0) {
        setup_sources(&setup, &sources);
        if (config_load(&sources, &config, &problems) == 0 && config->app.is_present &&
            json_parse(bytes_str(config->app.settings_json), &settings, NULL) == 0) {
            value = json_string(json_get(settings, "apiKey"));
            if (!bytes_eq(value, BYTES("new")))
                buf_add(key, value);
        }
    }
    config_problems_done(&problems);
    config_free(config);
    setup_done(&setup);
}

static int read_key(const struct call *call, struct buf *key, struct err *err)
{
    const char *file = call_given(call, "key-file");

    if (file != NULL)
        return input_read_secret(file, "key-file", key, err);
    add_configured_key(call, key);
    if (key->len == 0)
        buf_add_text(key, DEFAULT_KEY);
    return 0;
}

static int has_destination(const struct trigger_segment *segment, bool *ret_has,
                           struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;
    const struct json *rows;

    if (emulator_link_ask(&segment->link, "GET", "/_emulator/destinations", BYTES(""),
                          &json, err) < 0)
        return -1;
    rows = json_get(json, "destinations");
    *ret_has = false;
    for (size_t i = 0; i < json_count(rows); i++)
        *ret_has |=
            bytes_eq(json_string(json_get(json_at(rows, i), "source")), BYTES(SOURCE));
    return 0;
}

static int put_destination(const struct trigger_segment *segment, struct bytes slug,
                           struct bytes key, struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;
    cleanup(buf_done) struct buf body = {0};
    struct write write;

    buf_init(&body, BODY_BYTES);
    write_init(&write, &body);
    write_object(&write);
    write_member_text(&write, "source", SOURCE);
    write_member_string(&write, "slug", slug);
    write_member_bool(&write, "enabled", true);
    write_key(&write, "config");
    write_object(&write);
    write_member_string(&write, "apiKey", key);
    write_object_end(&write);
    write_object_end(&write);
    return emulator_link_ask(&segment->link, "PUT", "/_emulator/destination",
                             buf_bytes(&body), &json, err);
}

static int ensure_destination(const struct trigger_segment *segment,
                              const struct call *call, struct err *err)
{
    cleanup(json_freep) struct json *app = NULL;
    cleanup(buf_done) struct buf key = {0};
    bool is_there = false;
    int answer;

    buf_init(&key, KEY_MAX);
    if (has_destination(segment, &is_there, err) < 0)
        return -1;
    if (is_there)
        return 0;
    answer =
        emulator_link_ask(&segment->link, "GET", "/_emulator/app", BYTES(""), &app, err);
    if (answer == 0)
        answer = read_key(call, &key, err);
    if (answer == 0)
        answer = put_destination(segment, json_string(json_get(app, "slug")),
                                 buf_bytes(&key), err);
    secret_wipe(key.ptr, key.len);
    if (answer == 0)
        call_say(call, "Made destination %.*s on website: it had none yet",
                 BYTES_FMT(json_string(json_get(app, "slug"))));
    return answer;
}

/* --- sending ------------------------------------------------------------------------ */

static int set_authorization(struct trigger_segment *segment, struct err *err)
{
    cleanup(json_freep) struct json *environment = NULL;
    cleanup(buf_done) struct buf value = {0};

    buf_init(&value, sizeof(segment->authorization) - 1);
    if (emulator_link_ask(&segment->link, "GET", "/_emulator/env", BYTES(""),
                          &environment, err) < 0)
        return -1;
    basic_format(json_string(json_get(environment, "SEGMENT_WRITE_KEY")), &value);
    snprintf(segment->authorization, sizeof(segment->authorization), "%s",
             buf_text(&value));
    return 0;
}

int trigger_segment_open(struct trigger_segment *segment, struct call *call,
                         struct err *err)
{
    static const char *const others[] = {"secret-file", "subscription"};

    *segment = (struct trigger_segment){.authorization = ""};
    for (size_t i = 0; i < COUNT(others); i++) {
        if (!call_has(call, others[i]))
            continue;
        err_code(err, "PA7003", ERR_USAGE,
                 "--%s goes with --via direct: here the local Segment decides",
                 others[i]);
        return err_help(err, "PUT /_emulator/subscription says where it sends, and how");
    }
    if (emulator_link_open(&segment->link, call, err) < 0 ||
        set_authorization(segment, err) < 0)
        return -1;
    return ensure_destination(segment, call, err);
}

static int post(const struct trigger_segment *segment, struct bytes type,
                struct bytes event, struct err *err)
{
    char url[PATH_BYTES];
    const struct api_header authorization = {"Authorization", segment->authorization};
    const struct api_request request = {
        .method = "POST",
        .url = url,
        .body = event,
        .headers = &authorization,
        .n_headers = 1,
    };
    struct api_answer answer = {0};
    int result;

    snprintf(url, sizeof(url), "%s/v1/%.*s", segment->link.base, BYTES_FMT(type));
    result = api_send(&request, &answer, err);
    if (result == 0 && answer.status >= 300)
        result =
            err_code(err, "PA8011", ERR_FAILED,
                     "the Tracking API of the local Segment answered %d", answer.status);
    api_answer_done(&answer);
    return result;
}

int trigger_segment_send(const struct trigger_segment *segment, struct bytes event,
                         char ret_message_id[TRIGGER_MESSAGE_ID], struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;
    struct bytes type;
    struct bytes message_id;

    if (json_parse(event, &json, err) < 0)
        return -1;
    type = json_string(json_get(json, "type"));
    message_id = json_string(json_get(json, "messageId"));
    if (bytes_eq(type, BYTES("delete"))) {
        err_code(err, "PA8012", ERR_USAGE,
                 "deletions are Segment's own: no customer's site sends them");
        return err_help(err, "partnerapp trigger delete --via direct");
    }
    if (message_id.len >= TRIGGER_MESSAGE_ID)
        return err_code(err, "PA7003", ERR_USAGE, "the messageId is too long");
    snprintf(ret_message_id, TRIGGER_MESSAGE_ID, "%.*s", BYTES_FMT(message_id));
    return post(segment, type, event, err);
}

/* --- finding it again --------------------------------------------------------------- */

/* The last of @rows whose message_id it is; NULL: none. */
static const struct json *row_of(const struct json *rows, const char *message_id)
{
    for (size_t i = 0; i < json_count(rows); i++) {
        if (bytes_eq(json_string(json_get(json_at(rows, i), "message_id")),
                     bytes_str(message_id)))
            return json_at(rows, i);
    }
    return NULL;
}

/* What the local Segment made of it when it came. */
static int judge_entry(const struct trigger_segment *segment, const char *message_id,
                       struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;
    const struct json *entry;
    struct bytes verdict;

    if (emulator_link_ask(&segment->link, "GET", "/_emulator/events?limit=100", BYTES(""),
                          &json, err) < 0)
        return -1;
    entry = row_of(json_get(json, "events"), message_id);
    verdict = json_string(json_get(entry, "verdict"));
    if (entry == NULL)
        return 0;
    if (!bytes_eq(verdict, BYTES("good"))) {
        err_code(err, "PA8013", ERR_FAILED, "the local Segment refused the event: %.*s",
                 BYTES_FMT(verdict));
        return err_help(err, "%.*s", BYTES_FMT(json_string(json_get(entry, "remedy"))));
    }
    if (json_bool(json_get(entry, "duplicate")))
        return err_code(err, "PA8013", ERR_FAILED,
                        "the local Segment has seen this messageId before and sends it "
                        "nowhere");
    if (json_i64(json_get(entry, "destinations")) > 0)
        return 0;
    err_code(err, "PA8013", ERR_FAILED,
             "no destination of website takes this event: disabled, or filtered");
    return err_help(err, "see why: %s/", segment->link.base);
}

/* What became of its delivery there. */
static int judge_delivery(const struct trigger_segment *segment, const char *message_id,
                          struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;
    const struct json *delivery;
    const struct json *attempts;
    const struct json *last;
    struct bytes state;

    if (emulator_link_ask(&segment->link, "GET", "/_emulator/deliveries?limit=1000",
                          BYTES(""), &json, err) < 0)
        return -1;
    delivery = row_of(json_get(json, "deliveries"), message_id);
    state = json_string(json_get(delivery, "state"));
    if (delivery == NULL || bytes_eq(state, BYTES("waiting")) ||
        bytes_eq(state, BYTES("running")) || bytes_eq(state, BYTES("delivered")))
        return 0;
    attempts = json_get(delivery, "attempts");
    last = json_at(attempts, json_count(attempts) > 0 ? json_count(attempts) - 1 : 0);
    err_code(err, "PA8013", ERR_FAILED,
             "the local Segment gave the event up (%.*s) after %zu attempt%s: %.*s %.*s",
             BYTES_FMT(state), json_count(attempts), json_count(attempts) == 1 ? "" : "s",
             BYTES_FMT(json_string(json_get(last, "code"))),
             BYTES_FMT(json_string(json_get(last, "message"))));
    return err_help(err, "a key that is wrong? --key-file FILE is used for a destination "
                         "that is made now");
}

/* A file's own messageId may have anything in it. */
static void add_query(const char *message_id, struct buf *query)
{
    buf_add_text(query, "message:\"");
    for (; *message_id != '\0'; message_id++) {
        if (*message_id == '"' || *message_id == '\\')
            buf_add_char(query, '\\');
        buf_add_char(query, *message_id);
    }
    buf_add_char(query, '"');
}

int trigger_segment_find(const struct trigger_segment *segment, const struct api *api,
                         const char *message_id, char ret_id[TRIGGER_EVENT_ID],
                         struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;
    cleanup(buf_done) struct buf path = {0};
    cleanup(buf_done) struct buf query = {0};
    struct bytes id;

    buf_init(&path, PATH_BYTES);
    buf_init(&query, PATH_BYTES);
    add_query(message_id, &query);
    buf_add_text(&path, "/api/v1/events?limit=1");
    api_add_query(&path, "q", buf_bytes(&query));
    if (api_call(api, "GET", buf_text(&path), BYTES(""), &json, err) < 0)
        return -1;
    id = json_string(json_get(json_at(json_get(json, "data"), 0), "id"));
    snprintf(ret_id, TRIGGER_EVENT_ID, "%.*s", BYTES_FMT(id));
    if (id.len > 0)
        return 0;
    if (judge_entry(segment, message_id, err) < 0 ||
        judge_delivery(segment, message_id, err) < 0)
        return -1;
    return TRIGGER_NOT_YET;
}
