/* SPDX-License-Identifier: MIT */

#include "emulator/delivery/subscription.h"

#include "base/err.h"
#include "emulator/control/control_routes.h"
#include "emulator/frame/exchange.h"
#include "emulator/world/world.h"
#include "json/json.h"

enum { BODY_BYTES = 256 << 10 };

static bool find(struct world *world, int64_t app, struct arena *arena,
                 struct bytes *ret_body)
{
    struct sql_statement *statement =
        world_use(world, "SELECT body FROM subscription WHERE app = ?1");
    bool is_there;

    sql_bind(statement, 1, app);
    is_there = world_step(world, statement);
    if (is_there) {
        const struct bytes body = sql_bytes(statement, 0);

        *ret_body = bytes_of(arena_copy(arena, body), body.len);
    }
    sql_reset(statement);
    return is_there;
}

struct json *subscription_read(struct world *world, int64_t app)
{
    struct arena arena;
    struct json *json = NULL;
    struct bytes body;
    struct err err = {0};

    arena_init(&arena);
    if (find(world, app, &arena, &body) && json_parse(body, &json, &err) < 0)
        json = NULL;
    arena_done(&arena);
    return json;
}

struct bytes subscription_text(const struct json *subscription, const char *key)
{
    const bool is_lambda =
        bytes_eq(json_string(json_get(subscription, "kind")), BYTES("lambda"));

    if (is_lambda && strcmp(key, "invoke_url") == 0 &&
        json_get(subscription, key) == NULL)
        key = "url";
    else if (is_lambda && strcmp(key, "url") == 0)
        return bytes_of(NULL, 0); /* a webhook's */
    return json_string(json_get(subscription, key));
}

int subscription_target(struct world *world, int64_t app, struct arena *arena,
                        struct target *ret_target, struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;
    struct bytes body;

    if (!find(world, app, arena, &body))
        return err_set(err, "the app has no subscription");
    if (json_parse(body, &json, err) < 0)
        return -1;
    if (target_of_json(json, arena, ret_target, err) < 0)
        return -1;
    target_default_external_id(world, app, arena, ret_target);
    return 0;
}

/* --- controls ----------------------------------------------------------------------- */

static int64_t app_of(const struct json *body)
{
    const struct json *app = json_get(body, "app");

    return json_kind(app) == JSON_INTEGER ? json_i64(app) : 1;
}

static bool is_app(struct world *world, int64_t app)
{
    struct sql_statement *statement = world_use(world, "SELECT 1 FROM app WHERE id = ?1");
    bool is_there;

    sql_bind(statement, 1, app);
    is_there = world_step(world, statement);
    sql_reset(statement);
    return is_there;
}

static void save(struct world *world, int64_t app, struct bytes kind, struct bytes body)
{
    struct sql_statement *statement =
        world_use(world, "INSERT INTO subscription (app, kind, body) VALUES (?1, ?2, ?3) "
                         "ON CONFLICT (app) DO UPDATE SET kind = excluded.kind, "
                         "body = excluded.body");

    sql_bind(statement, 1, app);
    sql_bind_text(statement, 2, kind);
    sql_bind_text(statement, 3, body);
    world_run(world, statement);
}

static int64_t asked_app(struct exchange *exchange)
{
    int64_t app = 1;
    const struct bytes text = exchange_query(exchange, "app");

    return text.ptr != NULL && bytes_to_i64(text, &app) ? app : 1;
}

void control_get_subscription(struct exchange *exchange)
{
    struct bytes body;

    if (!find(exchange->world, asked_app(exchange), &exchange->arena, &body))
        exchange_refuse(exchange, 404, "the app has no subscription");
    else
        exchange_json(exchange, 200, body);
}

static bool is_good(struct exchange *exchange, const struct json *body)
{
    struct target target;
    struct err err = {0};

    if (target_of_json(body, &exchange->arena, &target, &err) < 0) {
        exchange_refuse(exchange, 400, "%s", err.text);
        return false;
    }
    if (target.kind == TARGET_CLASSIC || target.kind == TARGET_ACTIONS) {
        exchange_refuse(exchange, 400,
                        "a subscription is a webhook, function or lambda; the other "
                        "webhooks are destinations of the catalog");
        return false;
    }
    return true;
}

void control_put_subscription(struct exchange *exchange)
{
    cleanup(json_freep) struct json *body = exchange_read_object(exchange);
    cleanup(buf_done) struct buf text = {0};

    if (body == NULL || !is_good(exchange, body))
        return;
    if (!is_app(exchange->world, app_of(body))) {
        exchange_refuse(exchange, 404, "there is no such app");
        return;
    }
    buf_init(&text, BODY_BYTES);
    if (json_print(body, /* indented= */ false, &text) != 0) {
        exchange_refuse(exchange, 400, "a subscription is smaller than %d bytes",
                        BODY_BYTES);
        return;
    }
    save(exchange->world, app_of(body), json_string(json_get(body, "kind")),
         buf_bytes(&text));
    exchange_json(exchange, 200, buf_bytes(&text));
}
