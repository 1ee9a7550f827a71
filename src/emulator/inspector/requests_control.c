/* SPDX-License-Identifier: MIT */

/* /_emulator/requests: the inspector for programs. */

#include "emulator/control/control_routes.h"
#include "emulator/frame/exchange.h"
#include "emulator/inspector/inspector.h"
#include "emulator/inspector/inspector_show.h"
#include "emulator/inspector/requests.h"
#include "emulator/world/world.h"
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
    const struct inspector *inspector = exchange->world->inspector;
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

void control_post_replay(struct exchange *exchange)
{
    exchange_refuse(exchange, 501, "not yet");
}
