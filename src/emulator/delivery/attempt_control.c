/* SPDX-License-Identifier: MIT */

/* POST /_emulator/attempt {"target":{…} or "destination":"workspaces/…","event":{…}}: one
 * attempt, without queues, filters and retries. */

#include "base/err.h"
#include "emulator/control/control_routes.h"
#include "emulator/delivery/attempt.h"
#include "emulator/frame/exchange.h"
#include "emulator/world/world.h"
#include "json/json.h"
#include "json/write.h"

enum { EVENT_BYTES = 4 << 20 };

/* In the exchange's arena. */
struct trial {
    struct exchange *exchange;
    struct attempt *attempt;
};

static void on_done(void *arg, const struct attempt_result *result)
{
    const struct trial *trial = arg;
    struct exchange *exchange = trial->exchange;
    struct write write;

    exchange_answer(exchange, 200, "application/json");
    write_init(&write, &exchange->out);
    write_object(&write);
    attempt_write(result, &write);
    write_object_end(&write);
    exchange_finish(exchange);
}

static void on_abandoned(struct exchange *exchange)
{
    const struct trial *trial = exchange->area_data;

    attempt_cancel(trial->attempt);
}

static int read_target(struct exchange *exchange, const struct json *body,
                       struct target *ret_target, struct err *err)
{
    const struct bytes destination = json_string(json_get(body, "destination"));

    if (destination.len > 0)
        return target_of_destination(exchange->world, destination, &exchange->arena,
                                     ret_target, err);
    if (target_of_json(json_get(body, "target"), &exchange->arena, ret_target, err) < 0)
        return -1;
    target_default_external_id(exchange->world, /* app= */ 1, &exchange->arena,
                               ret_target);
    return 0;
}

static bool is_event(const struct json *event)
{
    return json_kind(event) == JSON_OBJECT || json_kind(event) == JSON_ARRAY;
}

static void start(struct exchange *exchange, const struct target *target,
                  struct bytes event)
{
    struct trial *trial = arena_new(&exchange->arena, struct trial);

    trial->exchange = exchange;
    exchange->area_data = trial;
    exchange->abandoned_fn = on_abandoned;
    exchange_defer(exchange);
    trial->attempt = attempt_start(exchange->world, target, event, on_done, trial);
}

void control_post_attempt(struct exchange *exchange)
{
    cleanup(json_freep) struct json *body = exchange_read_object(exchange);
    cleanup(buf_done) struct buf event = {0};
    struct target target;
    struct err err = {0};

    if (body == NULL)
        return;
    if (read_target(exchange, body, &target, &err) < 0) {
        exchange_refuse(exchange, 400, "%s", err.text);
        return;
    }
    buf_init(&event, EVENT_BYTES);
    if (!is_event(json_get(body, "event")) ||
        json_print(json_get(body, "event"), /* indented= */ false, &event) != 0) {
        exchange_refuse(exchange, 400,
                        "event is an object, or a list of them, of at most %d bytes",
                        EVENT_BYTES);
        return;
    }
    start(exchange, &target, buf_bytes(&event));
}
