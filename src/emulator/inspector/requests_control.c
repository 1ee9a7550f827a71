/* SPDX-License-Identifier: MIT */

/* /_emulator/requests: the inspector for programs. */

#include "emulator/control/control_routes.h"
#include "emulator/frame/exchange.h"
#include "emulator/inspector/inspector.h"
#include "emulator/inspector/inspector_show.h"
#include "emulator/inspector/replay.h"
#include "emulator/inspector/requests.h"
#include "emulator/world/world.h"
#include "json/json.h"
#include "json/write.h"

enum { LIMIT_DEFAULT = 100, CURL_BYTES = 1 << 18 };

bool requests_has_area(const struct inspector_call *call, struct bytes area)
{
    return area.len == 0 || bytes_eq_nocase(bytes_str(call->area), area) ||
           (call->where != NULL && bytes_eq(bytes_str(call->where), area));
}

const struct inspector_call *requests_of_params(struct exchange *exchange)
{
    int64_t number = 0;

    if (!bytes_to_i64(exchange->params[0], &number) || number <= 0)
        return NULL;
    return inspector_find(exchange->world->inspector, (uint64_t)number);
}

static int64_t limit_of(struct exchange *exchange)
{
    int64_t limit = 0;

    if (!bytes_to_i64(exchange_query(exchange, "limit"), &limit) || limit <= 0)
        return LIMIT_DEFAULT;
    return limit < INSPECTOR_CALLS ? limit : INSPECTOR_CALLS;
}

void control_get_requests(struct exchange *exchange)
{
    struct inspector *inspector = exchange->world->inspector;
    const struct bytes area = exchange_query(exchange, "area");
    const struct inspector_call *call = NULL;
    int64_t left = limit_of(exchange);
    struct write write;

    write_init(&write, &exchange->out);
    write_object(&write);
    write_key(&write, "requests");
    write_array(&write);
    while (left > 0 && (call = inspector_next(inspector, call)) != NULL) {
        if (!requests_has_area(call, area))
            continue;
        inspector_write(call, /* is_short= */ true, &write);
        left--;
    }
    write_array_end(&write);
    write_object_end(&write);
    exchange_answer(exchange, 200, "application/json");
}

void requests_answer_one(struct exchange *exchange, const struct inspector_call *call)
{
    cleanup(buf_done) struct buf curl = {0};
    struct write write;

    buf_init(&curl, CURL_BYTES);
    inspector_curl(exchange->emulator, call, &curl);
    write_init(&write, &exchange->out);
    write_object(&write);
    write_key(&write, "request");
    inspector_write(call, /* is_short= */ false, &write);
    write_member_string(&write, "curl", buf_bytes(&curl));
    write_object_end(&write);
    exchange_answer(exchange, 200, "application/json");
}

void control_get_request(struct exchange *exchange)
{
    const struct inspector_call *call = requests_of_params(exchange);

    if (call != NULL)
        requests_answer_one(exchange, call);
    else
        exchange_refuse(exchange, 404, "there is no such request (any more)");
}

void control_delete_requests(struct exchange *exchange)
{
    inspector_clear(exchange->world->inspector);
    control_get_requests(exchange);
}

/* --- replay ------------------------------------------------------------------------- */

static struct bytes keep(struct exchange *exchange, struct bytes text)
{
    return bytes_of(arena_copy(&exchange->arena, text), text.len);
}

static bool take_text(struct exchange *exchange, const struct json *body,
                      const char *name, struct bytes *ret_text)
{
    const struct json *value = json_get(body, name);

    if (json_kind(value) == JSON_STRING)
        *ret_text = keep(exchange, json_string(value));
    if (value == NULL || json_kind(value) == JSON_STRING)
        return true;
    exchange_refuse(exchange, 400, "%s is a text", name);
    return false;
}

/* [["Name","value"]] as lines. */
static bool take_headers(struct exchange *exchange, const struct json *list,
                         struct bytes *ret_lines)
{
    cleanup(buf_done) struct buf lines = {0};

    if (list == NULL)
        return true;
    buf_init(&lines, exchange->body.len + 1);
    for (size_t i = 0; i < json_count(list); i++) {
        const struct bytes name = json_string(json_at(json_at(list, i), 0));
        const struct bytes value = json_string(json_at(json_at(list, i), 1));

        if (name.len == 0 || bytes_index(name, '\n') < name.len ||
            bytes_index(value, '\n') < value.len) {
            exchange_refuse(exchange, 400, "headers is a list of [\"Name\", \"value\"]");
            return false;
        }
        buf_addf(&lines, "%.*s: %.*s\n", BYTES_FMT(name), BYTES_FMT(value));
    }
    *ret_lines = keep(exchange, buf_bytes(&lines));
    return true;
}

/* "as"; false after having answered 400. */
static bool take_credential(struct exchange *exchange, const struct json *as,
                            struct replay *replay)
{
    const struct bytes text = json_string(as);

    if (as == NULL)
        return true;
    replay->credential = replay_credential_of(text);
    if (replay->credential != REPLAY_NOBODY || bytes_eq(text, BYTES("nobody")))
        return true;
    exchange_refuse(exchange, 400, "as is app, bearer, write_key or nobody");
    return false;
}

static bool read_replay(struct exchange *exchange, struct replay *replay)
{
    cleanup(json_freep) struct json *body = NULL;

    if (exchange->body.len == 0)
        return true;
    body = exchange_read_object(exchange);
    return body != NULL && take_text(exchange, body, "method", &replay->method) &&
           take_text(exchange, body, "target", &replay->target) &&
           take_text(exchange, body, "body", &replay->body) &&
           take_text(exchange, body, "secret", &replay->secret) &&
           take_headers(exchange, json_get(body, "headers"), &replay->headers) &&
           take_credential(exchange, json_get(body, "as"), replay);
}

static void on_replayed(struct exchange *exchange, const struct inspector_call *call)
{
    if (call != NULL)
        requests_answer_one(exchange, call);
    else
        exchange_refuse(exchange, 502, "the replay got no answer");
}

void control_post_replay(struct exchange *exchange)
{
    const struct inspector_call *call = requests_of_params(exchange);
    struct replay replay;

    if (call == NULL) {
        exchange_refuse(exchange, 404, "there is no such request (any more)");
        return;
    }
    replay_of(exchange, call, &replay);
    if (!read_replay(exchange, &replay))
        return;
    if (replay_problem(&replay) != NULL)
        exchange_refuse(exchange, 400, "%s", replay_problem(&replay));
    else
        replay_start(exchange, &replay, on_replayed);
}
