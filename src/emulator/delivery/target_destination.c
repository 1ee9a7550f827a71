/* SPDX-License-Identifier: MIT */

/* Where a destination's events go: through the app's subscription, or by the settings of
 * the catalog's own ways out. */

#include "emulator/delivery/target_parts.h"

#include "base/err.h"
#include "emulator/world/world.h"
#include "json/json.h"

/* A destination that is being looked at. */
struct place {
    struct world *world;
    struct arena *arena;
    struct bytes name, slug;
    struct json *config;
};

/* The text of the one column that @literal has for @key; false without a row. */
static bool look_up(const struct place *place, const char *literal, struct bytes key,
                    struct bytes *ret_text)
{
    struct sql_statement *statement = world_use(place->world, literal);
    bool is_there;

    sql_bind_text(statement, 1, key);
    is_there = world_step(place->world, statement);
    if (is_there) {
        const struct bytes text = sql_bytes(statement, 0);

        *ret_text = bytes_of(arena_copy(place->arena, text), text.len);
    }
    sql_reset(statement);
    return is_there;
}

/* What the catalog says must be there, is. */
static int check_required(const struct place *place, struct err *err)
{
    cleanup(json_freep) struct json *item = NULL;
    struct bytes text;
    const struct json *settings;

    if (!look_up(place,
                 "SELECT body FROM catalog WHERE kind = 'destinations' AND slug = ?1",
                 place->slug, &text))
        return 0;
    if (json_parse(text, &item, err) < 0)
        return -1;
    settings = json_get(item, "settings");
    for (size_t i = 0; i < json_count(settings); i++) {
        const struct json *setting = json_at(settings, i);
        const char *name =
            arena_copy(place->arena, json_string(json_get(setting, "name")));

        if (json_bool(json_get(setting, "required")) &&
            json_kind(json_get(place->config, name)) == JSON_MISSING)
            return err_set(err, "the required setting %.100s is missing", name);
    }
    return 0;
}

static int read_text(const struct place *place, const char *name, struct bytes *ret_text,
                     struct err *err)
{
    return target_read_text(place->config, name, place->arena, ret_text, err);
}

static int read_classic(const struct place *place, struct target *target, struct err *err)
{
    struct bytes global = {0};

    target->kind = TARGET_CLASSIC;
    if (read_text(place, "sharedSecret", &target->shared_secret, err) < 0 ||
        read_text(place, "globalHook", &global, err) < 0 ||
        target_read_hooks(json_get(place->config, "hooks"), place->arena, target, err) <
            0)
        return -1;
    if (global.len == 0 || target->n_hooks > 0)
        return 0;
    return target_read_hook(global, NULL, place->arena, target, err);
}

static int read_actions(const struct place *place, struct target *target, struct err *err)
{
    struct bytes url = {0};

    target->kind = TARGET_ACTIONS;
    if (read_text(place, "sharedSecret", &target->shared_secret, err) < 0 ||
        read_text(place, "method", &target->method, err) < 0 ||
        read_text(place, "url", &url, err) < 0)
        return -1;
    return target_read_hook(url, json_get(place->config, "headers"), place->arena, target,
                            err);
}

/* The subscription's own members: of the app whose destination this is, of the first one
 * for others. */
static int read_subscription(const struct place *place, struct target *target,
                             struct err *err)
{
    cleanup(json_freep) struct json *body = NULL;
    struct bytes text;

    if (!look_up(place,
                 "SELECT subscription.body FROM subscription JOIN app"
                 " ON app.id = subscription.app"
                 " WHERE app.slug = ?1 OR app.scope = 'destination/' || ?1"
                 " ORDER BY app.id LIMIT 1",
                 place->slug, &text) &&
        !look_up(place, "SELECT body FROM subscription WHERE app = CAST(?1 AS INTEGER)",
                 BYTES("1"), &text))
        return err_set(err, "there is no subscription to send to");
    if (json_parse(text, &body, err) < 0)
        return -1;
    return target_read(body, place->arena, target, err);
}

/* Where Invoke and STS are: the subscription says it for local ones. */
static void borrow_urls(const struct place *place, struct target *target)
{
    struct target subscription = {0};
    struct err err = {0};

    if (read_subscription(place, &subscription, &err) == 0 &&
        subscription.kind == TARGET_LAMBDA) {
        target->invoke_url = subscription.invoke_url;
        target->sts_url = subscription.sts_url;
    }
}

static int read_lambda(const struct place *place, struct target *target, struct err *err)
{
    const struct json *log_type = json_get(place->config, "logType");

    target->kind = TARGET_LAMBDA;
    target->wants_log = bytes_eq(json_string(log_type), BYTES("Tail"));
    borrow_urls(place, target);
    if (read_text(place, "function", &target->arn, err) < 0 ||
        read_text(place, "region", &target->region, err) < 0 ||
        read_text(place, "roleAddress", &target->role, err) < 0 ||
        read_text(place, "externalId", &target->external_id, err) < 0)
        return -1;
    return target_read_object(place->config, "clientContext", place->arena,
                              &target->client_context, err);
}

static int read_partner(const struct place *place, struct target *target, struct err *err)
{
    if (read_subscription(place, target, err) < 0)
        return -1;
    (void)look_up(place,
                  "SELECT sensitive FROM catalog WHERE kind = 'destinations'"
                  " AND slug = ?1",
                  place->slug, &target->sensitive);
    target->api_key = bytes_of(NULL, 0); /* the subscription's own is for tests */
    return target_read_settings(place->config, place->arena, target, err);
}

static int read_place(const struct place *place, struct target *target, struct err *err)
{
    static const struct {
        const char *slug;
        int (*fn)(const struct place *place, struct target *target, struct err *err);
    } kinds[] = {
        {"webhooks", read_classic},
        {"actions-webhook", read_actions},
        {"amazon-lambda", read_lambda},
    };

    for (size_t i = 0; i < COUNT(kinds); i++) {
        if (bytes_eq(place->slug, bytes_str(kinds[i].slug)))
            return kinds[i].fn(place, target, err);
    }
    return read_partner(place, target, err);
}

/* "acme" of "workspaces/acme/sources/website/destinations/demo". */
static struct bytes workspace_of(struct bytes name)
{
    (void)bytes_take_until(&name, '/');
    return bytes_take_until(&name, '/');
}

void target_default_external_id(struct world *world, int64_t app, struct arena *arena,
                                struct target *target)
{
    const struct place place = {.world = world, .arena = arena};
    const char *number = arena_printf(arena, "%lld", (long long)app);

    if (target->role.len > 0 && target->external_id.len == 0)
        (void)look_up(&place,
                      "SELECT workspace.id FROM workspace JOIN app"
                      " ON app.workspace = workspace.slug"
                      " WHERE app.id = CAST(?1 AS INTEGER)",
                      bytes_str(number), &target->external_id);
}

int target_of_destination(struct world *world, struct bytes name, struct arena *arena,
                          struct target *ret_target, struct err *err)
{
    struct place place = {.world = world, .arena = arena, .name = name};
    cleanup(json_freep) struct json *config = NULL;
    struct bytes text;

    *ret_target = (struct target){0};
    if (!look_up(&place, "SELECT slug FROM destination WHERE name = ?1", name,
                 &place.slug) ||
        !look_up(&place, "SELECT config FROM destination WHERE name = ?1", name, &text))
        return err_set(err, "there is no destination %.*s",
                       BYTES_FMT(bytes_slice(name, 0, 200)));
    if (json_parse(text, &config, err) < 0)
        return -1;
    place.config = config;
    if (check_required(&place, err) < 0 || read_place(&place, ret_target, err) < 0)
        return -1;
    if (ret_target->role.len > 0 && ret_target->external_id.len == 0)
        (void)look_up(&place, "SELECT id FROM workspace WHERE slug = ?1",
                      workspace_of(name), &ret_target->external_id);
    return target_finish(ret_target, arena, err);
}
