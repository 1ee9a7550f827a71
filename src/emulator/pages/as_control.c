/* SPDX-License-Identifier: MIT */

#include "emulator/pages/as_control.h"

#include "base/err.h"
#include "json/json.h"

static const char *read_message(struct exchange *exchange)
{
    cleanup(json_freep) struct json *json = NULL;
    struct err err = {0};

    if (json_parse(buf_bytes(&exchange->out), &json, &err) < 0)
        return "that was refused";
    return arena_copy(&exchange->arena, json_string(json_get(json, "message")));
}

const char *as_control(struct exchange *exchange, route_fn *fn, struct bytes json)
{
    const struct bytes body = exchange->body;
    const char *why = NULL;

    exchange->body = json;
    fn(exchange);
    exchange->body = body;
    if (exchange->status >= 400)
        why = read_message(exchange);
    exchange_restart(exchange);
    exchange_answer(exchange, 200, NULL);
    return why;
}
