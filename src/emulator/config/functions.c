/* SPDX-License-Identifier: MIT */

/* Functions of the customer (dossier §7.9): kept and shown, never run. */

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

enum { ID_LEN = 22, BODY_BYTES = 8 * CONFIG_BODY_BYTES };

#define COLUMNS                                                                          \
    "f.rowid, f.name, f.body, f.create_time, (SELECT id FROM workspace w"                \
    " WHERE w.slug = f.workspace)"

static const char the_one[] = "SELECT " COLUMNS " FROM function f WHERE f.name = ?1";

static const struct field {
    const char *name;
    enum json_kind kind;
    const char *zero; /* as JSON text */
} fields[] = {
    {"display_name", JSON_STRING, "\"\""},  {"type", JSON_STRING, "\"DESTINATION\""},
    {"code", JSON_STRING, "\"\""},          {"description", JSON_STRING, "\"\""},
    {"status", JSON_STRING, "\"ENABLED\""}, {"catalog_id", JSON_STRING, "\"\""},
    {"logo_uri", JSON_STRING, "\"\""},      {"buildpack", JSON_STRING, "\"\""},
    {"settings", JSON_ARRAY, "[]"},
};

/* --- reading ------------------------------------------------------------------------ */

static void write_function(struct exchange *exchange, struct sql_statement *row,
                           struct write *write)
{
    cleanup(json_freep) struct json *body = NULL;
    struct err err = {0};

    (void)exchange;
    if (json_parse(sql_bytes(row, 2), &body, &err) < 0)
        body = json_object();
    write_object(write);
    write_member_string(write, "id", name_last(sql_bytes(row, 1)));
    write_member_string(write, "workspace_id", sql_bytes(row, 4));
    for (size_t i = 0; i < COUNT(fields); i++)
        config_write_node(write, fields[i].name, json_get(body, fields[i].name),
                          fields[i].zero);
    write_member_time(write, "created_at", sql_i64(row, 3));
    write_object_end(write);
}

void config_list_functions(struct exchange *exchange)
{
    const struct config_list list = {
        .member = "functions",
        .literal = "SELECT " COLUMNS " FROM function f"
                   " WHERE 'workspaces/' || f.workspace = ?1 AND f.rowid > ?2"
                   " ORDER BY f.rowid LIMIT ?3",
        .of = config_name(exchange, 1),
        .write_fn = write_function,
    };

    if (config_has_parent(exchange, 1))
        config_answer_list(exchange, &list);
}

void config_get_function(struct exchange *exchange)
{
    config_answer_one(exchange, the_one, config_name(exchange, 2), write_function);
}

/* --- writing ------------------------------------------------------------------------ */

static bool set_field(struct exchange *exchange, const struct field *field,
                      const struct json *resource, struct json *function)
{
    const struct json *value = config_get(resource, field->name);

    if (value == NULL || json_kind(value) == field->kind) {
        json_set(function, field->name, value);
        return true;
    }
    config_refuse(exchange, CONFIG_INVALID, "function.%s must be a %s", field->name,
                  field->kind == JSON_ARRAY ? "list" : "text");
    return false;
}

static bool is_type(const struct json *function)
{
    const struct bytes type = json_string(json_get(function, "type"));

    return type.len == 0 || bytes_eq(type, BYTES("DESTINATION")) ||
           bytes_eq(type, BYTES("SOURCE"));
}

static bool save(struct exchange *exchange, const char *literal, struct bytes name,
                 const struct json *function)
{
    struct sql_statement *row;
    cleanup(buf_done) struct buf text = {0};

    buf_init(&text, BODY_BYTES);
    if (!is_type(function) || json_print(function, /* indented= */ false, &text) != 0) {
        config_refuse(exchange, CONFIG_INVALID,
                      "function.type must be DESTINATION or SOURCE");
        return false;
    }
    row = world_use(exchange->world, literal);
    sql_bind_text(row, 1, name);
    sql_bind_text(row, 2, buf_bytes(&text));
    sql_bind_text(row, 3, name_workspace_slug(name));
    sql_bind(row, 4, world_now_ms(exchange->world));
    world_run(exchange->world, row);
    return true;
}

/* "type" stands beside the function, as documented, or in it. */
static void set_type(const struct json *body, struct json *function)
{
    const struct json *type = config_get(body, "type");

    if (type != NULL && json_kind(type) == JSON_STRING)
        json_set(function, "type", type);
}

static void create(struct exchange *exchange, const struct json *body)
{
    const struct json *resource = config_resource(body, "function");
    cleanup(json_freep) struct json *function = json_object();
    char name[NAME_MAX_BYTES + 64], id[INVENT_BYTES];

    for (size_t i = 0; i < COUNT(fields); i++) {
        if (!set_field(exchange, &fields[i], resource, function))
            return;
    }
    set_type(body, function);
    invent_alphanumeric(exchange->world, ID_LEN, id);
    snprintf(name, sizeof(name), "%.*s/functions/%s", BYTES_FMT(config_name(exchange, 1)),
             id);
    if (save(exchange,
             "INSERT INTO function (name, body, workspace, create_time)"
             " VALUES (?1, ?2, ?3, ?4)",
             bytes_str(name), function))
        config_answer_one(exchange, the_one, bytes_str(name), write_function);
}

void config_create_function(struct exchange *exchange)
{
    cleanup(json_freep) struct json *body = NULL;

    if (!config_has_parent(exchange, 1))
        return;
    body = config_read_body(exchange);
    if (body != NULL)
        create(exchange, body);
}

static struct json *load(struct exchange *exchange)
{
    struct sql_statement *row = world_use(exchange->world, the_one);
    struct json *function = NULL;
    struct err err = {0};

    sql_bind_text(row, 1, config_name(exchange, 2));
    if (!world_step(exchange->world, row))
        config_refuse_missing(exchange);
    else if (json_parse(sql_bytes(row, 2), &function, &err) < 0)
        function = json_object();
    sql_reset(row);
    return function;
}

static bool apply(struct exchange *exchange, const struct json *body,
                  struct json *function)
{
    const struct json *resource = config_resource(body, "function");
    const char *names[COUNT(fields) + 1] = {0};
    struct mask mask;

    for (size_t i = 0; i < COUNT(fields); i++)
        names[i] = fields[i].name;
    if (!config_read_mask(exchange, body, "function", names, &mask))
        return false;
    for (size_t i = 0; i < COUNT(fields); i++) {
        if (mask_has(&mask, fields[i].name) &&
            !set_field(exchange, &fields[i], resource, function))
            return false;
    }
    return true;
}

void config_update_function(struct exchange *exchange)
{
    cleanup(json_freep) struct json *function = load(exchange);
    cleanup(json_freep) struct json *body = NULL;

    if (function == NULL)
        return;
    body = config_read_body(exchange);
    if (body != NULL && apply(exchange, body, function) &&
        save(exchange,
             "UPDATE function SET body = ?2 WHERE name = ?1 AND workspace = ?3"
             " AND ?4 IS NOT NULL",
             config_name(exchange, 2), function))
        config_get_function(exchange);
}

void config_delete_function(struct exchange *exchange)
{
    struct sql_statement *row;

    if (!config_exists(exchange->world, the_one, config_name(exchange, 2))) {
        config_refuse_missing(exchange);
        return;
    }
    row = world_use(exchange->world, "DELETE FROM function WHERE name = ?1");
    sql_bind_text(row, 1, config_name(exchange, 2));
    world_run(exchange->world, row);
    config_answer_nothing(exchange);
}
