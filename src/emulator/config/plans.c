/* SPDX-License-Identifier: MIT */

/* Tracking plans (dossier §7.8): kept and shown, not enforced. */

#include <stdio.h>

#include "base/err.h"
#include "emulator/config/answer.h"
#include "emulator/config/input.h"
#include "emulator/config/routes.h"
#include "emulator/frame/exchange.h"
#include "emulator/world/invent.h"
#include "emulator/world/world.h"
#include "segment/name.h"
#include "json/json.h"
#include "json/write.h"

enum { ID_LEN = 22, RULES_BYTES = 8 << 20 };

#define COLUMNS "rowid, name, display_name, rules, create_time, update_time"
#define NO_RULES "{\"global\":{},\"events\":[],\"identify\":{},\"group\":{}}"

static const char the_one[] = "SELECT " COLUMNS " FROM tracking_plan WHERE name = ?1";

static void write_plan(struct exchange *exchange, struct sql_statement *row,
                       struct write *write)
{
    (void)exchange;
    write_object(write);
    write_member_string(write, "name", sql_bytes(row, 1));
    write_member_string(write, "display_name", sql_bytes(row, 2));
    config_write_json(write, "rules", sql_bytes(row, 3), NO_RULES);
    write_member_time(write, "create_time", sql_i64(row, 4));
    write_member_time(write, "update_time", sql_i64(row, 5));
    write_object_end(write);
}

void config_list_plans(struct exchange *exchange)
{
    const struct config_list list = {
        .member = "tracking_plans",
        .literal = "SELECT " COLUMNS " FROM tracking_plan"
                   " WHERE 'workspaces/' || workspace = ?1 AND rowid > ?2"
                   " ORDER BY rowid LIMIT ?3",
        .of = config_name(exchange, 1),
        .write_fn = write_plan,
    };

    if (config_has_parent(exchange, 1))
        config_answer_list(exchange, &list);
}

void config_get_plan(struct exchange *exchange)
{
    config_answer_one(exchange, the_one, config_name(exchange, 2), write_plan);
}

/* All four members are always shown; older ones (identify_traits) stay beside them. */
static bool read_rules(struct exchange *exchange, const struct json *resource,
                       struct buf *ret_rules)
{
    const struct json *sent = config_get(resource, "rules");
    cleanup(json_freep) struct json *rules = NULL;
    struct err err = {0};

    if (json_parse(BYTES(NO_RULES), &rules, &err) < 0)
        return false;
    if (json_kind(sent) == JSON_OBJECT)
        json_merge(rules, sent);
    if ((sent == NULL || json_kind(sent) == JSON_OBJECT) &&
        json_print(rules, /* indented= */ false, ret_rules) == 0)
        return true;
    config_refuse(exchange, CONFIG_INVALID, "tracking_plan.rules must be an object");
    return false;
}

static void insert(struct exchange *exchange, struct bytes display_name,
                   struct bytes rules)
{
    struct world *world = exchange->world;
    const struct bytes workspace = config_name(exchange, 1);
    char name[NAME_MAX_BYTES + 64], id[INVENT_BYTES];
    struct sql_statement *row;

    invent_alphanumeric(world, ID_LEN, id);
    snprintf(name, sizeof(name), "%.*s/tracking-plans/rs_%s", BYTES_FMT(workspace), id);
    row = world_use(world,
                    "INSERT INTO tracking_plan (name, workspace, display_name, rules,"
                    " create_time, update_time) VALUES (?1, ?2, ?3, ?4, ?5, ?5)");
    sql_bind_text(row, 1, bytes_str(name));
    sql_bind_text(row, 2, name_workspace_slug(workspace));
    sql_bind_text(row, 3, display_name);
    sql_bind_text(row, 4, rules);
    sql_bind(row, 5, world_now_ms(world));
    world_run(world, row);
    config_answer_one(exchange, the_one, bytes_str(name), write_plan);
}

void config_create_plan(struct exchange *exchange)
{
    cleanup(json_freep) struct json *body = NULL;
    cleanup(buf_done) struct buf rules = {0};
    struct bytes display_name = bytes_of(NULL, 0);
    const struct json *resource;

    buf_init(&rules, RULES_BYTES);
    if (!config_has_parent(exchange, 1))
        return;
    body = config_read_body(exchange);
    if (body == NULL)
        return;
    resource = config_resource(body, "tracking_plan");
    if (config_read_text(exchange, resource, "display_name", &display_name) &&
        read_rules(exchange, resource, &rules))
        insert(exchange, display_name, buf_bytes(&rules));
}

static bool has_plan(struct exchange *exchange)
{
    if (config_exists(exchange->world, the_one, config_name(exchange, 2)))
        return true;
    config_refuse_missing(exchange);
    return false;
}

/* --- changing ----------------------------------------------------------------------- */

static void update_name(struct exchange *exchange, struct bytes display_name)
{
    struct sql_statement *row = world_use(
        exchange->world, "UPDATE tracking_plan SET display_name = ?2 WHERE name = ?1");

    sql_bind_text(row, 1, config_name(exchange, 2));
    sql_bind_text(row, 2, display_name);
    world_run(exchange->world, row);
}

static void update_rules(struct exchange *exchange, struct bytes rules)
{
    struct sql_statement *row =
        world_use(exchange->world, "UPDATE tracking_plan SET rules = ?2 WHERE name = ?1");

    sql_bind_text(row, 1, config_name(exchange, 2));
    sql_bind_text(row, 2, rules);
    world_run(exchange->world, row);
}

static void touch(struct exchange *exchange)
{
    struct sql_statement *row = world_use(
        exchange->world, "UPDATE tracking_plan SET update_time = ?2 WHERE name = ?1");

    sql_bind_text(row, 1, config_name(exchange, 2));
    sql_bind(row, 2, world_now_ms(exchange->world));
    world_run(exchange->world, row);
}

/* Everything is read before anything is written. */
static void apply(struct exchange *exchange, const struct mask *mask,
                  const struct json *resource)
{
    cleanup(buf_done) struct buf rules = {0};
    struct bytes display_name = bytes_of(NULL, 0);

    buf_init(&rules, RULES_BYTES);
    if (!config_read_text(exchange, resource, "display_name", &display_name) ||
        !read_rules(exchange, resource, &rules))
        return;
    if (mask_has(mask, "display_name"))
        update_name(exchange, display_name);
    if (mask_has(mask, "rules"))
        update_rules(exchange, buf_bytes(&rules));
    if (mask->n_paths > 0)
        touch(exchange);
    config_get_plan(exchange);
}

void config_update_plan(struct exchange *exchange)
{
    static const char *const fields[] = {"rules", "display_name", NULL};
    cleanup(json_freep) struct json *body = NULL;
    struct mask mask;

    if (!has_plan(exchange))
        return;
    body = config_read_body(exchange);
    if (body != NULL && config_read_mask(exchange, body, "tracking_plan", fields, &mask))
        apply(exchange, &mask, config_resource(body, "tracking_plan"));
}

void config_delete_plan(struct exchange *exchange)
{
    struct sql_statement *row;

    if (!has_plan(exchange))
        return;
    row = world_use(exchange->world, "DELETE FROM plan_connection WHERE plan = ?1");
    sql_bind_text(row, 1, config_name(exchange, 2));
    world_run(exchange->world, row);
    row = world_use(exchange->world, "DELETE FROM tracking_plan WHERE name = ?1");
    sql_bind_text(row, 1, config_name(exchange, 2));
    world_run(exchange->world, row);
    config_answer_nothing(exchange);
}

/* --- connections -------------------------------------------------------------------- */

static void write_connection(struct exchange *exchange, struct sql_statement *row,
                             struct write *write)
{
    (void)exchange;
    write_object(write);
    write_member_string(write, "source_name", sql_bytes(row, 1));
    write_member_string(write, "tracking_plan_id", name_last(sql_bytes(row, 2)));
    write_object_end(write);
}

void config_list_connections(struct exchange *exchange)
{
    const struct config_list list = {
        .member = "connections",
        .literal = "SELECT rowid, source, plan FROM plan_connection WHERE plan = ?1"
                   " AND rowid > ?2 ORDER BY rowid LIMIT ?3",
        .of = config_name(exchange, 2),
        .write_fn = write_connection,
    };

    if (has_plan(exchange))
        config_answer_list(exchange, &list);
}

/* A source of the plan's workspace, or 400. */
static bool check_source(struct exchange *exchange, struct bytes source)
{
    if (bytes_eq(name_parent(source), config_name(exchange, 1)) &&
        config_exists(exchange->world, "SELECT 1 FROM source WHERE name = ?1", source))
        return true;
    config_refuse(exchange, CONFIG_INVALID, "%.*s is no source of this workspace",
                  source.len < 200 ? (int)source.len : 200,
                  source.len > 0 ? source.ptr : "");
    return false;
}

/* Once more is no error. */
static void connect(struct exchange *exchange, struct bytes source)
{
    struct sql_statement *row =
        world_use(exchange->world,
                  "INSERT OR IGNORE INTO plan_connection (plan, source) VALUES (?1, ?2)");

    sql_bind_text(row, 1, config_name(exchange, 2));
    sql_bind_text(row, 2, source);
    world_run(exchange->world, row);
}

static void answer_connection(struct exchange *exchange, struct bytes source,
                              struct write *write)
{
    write_object(write);
    write_member_string(write, "source_name", source);
    write_member_string(write, "tracking_plan_id", name_last(config_name(exchange, 2)));
    write_object_end(write);
}

void config_create_connection(struct exchange *exchange)
{
    cleanup(json_freep) struct json *body = NULL;
    struct bytes source = bytes_of(NULL, 0);
    struct write write;

    if (!has_plan(exchange))
        return;
    body = config_read_body(exchange);
    if (body == NULL || !config_read_text(exchange, body, "source_name", &source) ||
        !check_source(exchange, source))
        return;
    connect(exchange, source);
    config_begin(exchange, &write);
    answer_connection(exchange, source, &write);
    config_send(exchange);
}

static void connect_all(struct exchange *exchange, const struct json *names)
{
    struct write write;

    for (size_t i = 0; i < json_count(names); i++) {
        if (!check_source(exchange, json_string(json_at(names, i))))
            return;
    }
    config_begin(exchange, &write);
    write_object(&write);
    write_key(&write, "connections");
    write_array(&write);
    for (size_t i = 0; i < json_count(names); i++) {
        connect(exchange, json_string(json_at(names, i)));
        answer_connection(exchange, json_string(json_at(names, i)), &write);
    }
    write_array_end(&write);
    write_object_end(&write);
    config_send(exchange);
}

void config_create_connections(struct exchange *exchange)
{
    cleanup(json_freep) struct json *body = NULL;
    const struct json *names;

    if (!has_plan(exchange))
        return;
    body = config_read_body(exchange);
    if (body == NULL)
        return;
    names = config_get(body, "source_names");
    if (json_kind(names) != JSON_ARRAY || json_count(names) > CONFIG_PAGE)
        config_refuse(exchange, CONFIG_INVALID,
                      "source_names must be a list of at most %d names", CONFIG_PAGE);
    else
        connect_all(exchange, names);
}

void config_delete_connection(struct exchange *exchange)
{
    char source[NAME_MAX_BYTES + 64];
    struct sql_statement *row;

    if (!has_plan(exchange))
        return;
    snprintf(source, sizeof(source), "%.*s/sources/%.*s",
             BYTES_FMT(config_name(exchange, 1)), BYTES_FMT(exchange->params[2]));
    row = world_use(exchange->world,
                    "DELETE FROM plan_connection WHERE plan = ?1 AND source = ?2");
    sql_bind_text(row, 1, config_name(exchange, 2));
    sql_bind_text(row, 2, bytes_str(source));
    world_run(exchange->world, row);
    if (sql_n_changed(exchange->world->sql) == 0)
        config_refuse_missing(exchange);
    else
        config_answer_nothing(exchange);
}
