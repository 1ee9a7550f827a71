/* SPDX-License-Identifier: MIT */

#include "emulator/config/sources.h"

#include <stdio.h>

#include "emulator/config/answer.h"
#include "emulator/config/destinations.h"
#include "emulator/config/input.h"
#include "emulator/config/routes.h"
#include "emulator/frame/exchange.h"
#include "emulator/world/world.h"
#include "segment/name.h"
#include "json/json.h"
#include "json/write.h"

enum { ID_LEN = 10, WRITE_KEY_LEN = 32 };

#define COLUMNS                                                                          \
    "rowid, name, workspace, display_name, catalog_name, library_config, labels,"        \
    " create_time"
#define LIBRARY_CONFIG                                                                   \
    "{\"metrics_enabled\":false,\"retry_queue\":false,"                                  \
    "\"cross_domain_id_enabled\":false,\"api_host\":\"\"}"

static const char the_one[] = "SELECT " COLUMNS " FROM source WHERE name = ?1";

/* --- reading ------------------------------------------------------------------------ */

static void write_keys(struct world *world, struct bytes source, struct write *write)
{
    struct sql_statement *keys = world_use(
        world, "SELECT write_key FROM write_key WHERE source = ?1 ORDER BY rowid");

    sql_bind_text(keys, 1, source);
    write_key(write, "write_keys");
    write_array(write);
    while (world_step(world, keys))
        write_string(write, sql_bytes(keys, 0));
    write_array_end(write);
}

static void write_source(struct exchange *exchange, struct sql_statement *row,
                         struct write *write)
{
    write_object(write);
    write_member_string(write, "name", sql_bytes(row, 1));
    config_write_workspace_name(write, "parent", sql_bytes(row, 2));
    write_member_string(write, "display_name", sql_bytes(row, 3));
    write_member_string(write, "catalog_name", sql_bytes(row, 4));
    write_keys(exchange->world, sql_bytes(row, 1), write);
    config_write_json(write, "library_config", sql_bytes(row, 5), LIBRARY_CONFIG);
    config_write_json(write, "labels", sql_bytes(row, 6), "{}");
    write_member_time(write, "create_time", sql_i64(row, 7));
    write_object_end(write);
}

void config_list_sources(struct exchange *exchange)
{
    const struct config_list list = {
        .member = "sources",
        .literal = "SELECT " COLUMNS " FROM source WHERE 'workspaces/' || workspace = ?1"
                   " AND rowid > ?2 ORDER BY rowid LIMIT ?3",
        .of = config_name(exchange, 1),
        .write_fn = write_source,
    };

    if (config_has_parent(exchange, 1))
        config_answer_list(exchange, &list);
}

void config_get_source(struct exchange *exchange)
{
    config_answer_one(exchange, the_one, config_name(exchange, 2), write_source);
}

/* --- creating ----------------------------------------------------------------------- */

void config_sources_add_key(struct world *world, struct bytes name,
                            char ret_key[INVENT_BYTES])
{
    struct sql_statement *row;

    invent_alphanumeric(world, WRITE_KEY_LEN, ret_key);
    row = world_use(world, "INSERT INTO write_key (write_key, source) VALUES (?1, ?2)");
    sql_bind_text(row, 1, bytes_str(ret_key));
    sql_bind_text(row, 2, name);
    world_run(world, row);
}

bool config_sources_add(struct world *world, const struct config_source_wish *wish)
{
    char name[NAME_MAX_BYTES], id[INVENT_BYTES], key[INVENT_BYTES];
    struct sql_statement *row;

    snprintf(name, sizeof(name), "workspaces/%.*s/sources/%.*s",
             BYTES_FMT(wish->workspace), BYTES_FMT(wish->slug));
    invent_alphanumeric(world, ID_LEN, id);
    row = world_use(world, "INSERT INTO source (name, workspace, slug, id, display_name,"
                           " catalog_name, settings, enabled, create_time)"
                           " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
    sql_bind_text(row, 1, bytes_str(name));
    sql_bind_text(row, 2, wish->workspace);
    sql_bind_text(row, 3, wish->slug);
    sql_bind_text(row, 4, bytes_str(id));
    sql_bind_text(row, 5, wish->display_name);
    sql_bind_text(row, 6, wish->catalog_name);
    sql_bind_text(row, 7, wish->settings);
    sql_bind(row, 8, wish->is_enabled);
    sql_bind(row, 9, world_now_ms(world));
    if (!world_run_unique(world, row))
        return false;
    config_sources_add_key(world, bytes_str(name), key);
    return true;
}

/* "workspaces/acme/sources/js" below the workspace of the path, or 400. */
static bool read_name(struct exchange *exchange, const struct json *resource,
                      struct config_source_wish *wish)
{
    static const char *const collections[] = {"workspaces", "sources", NULL};
    struct bytes text = bytes_of(NULL, 0);
    struct name name;

    if (!config_read_text(exchange, resource, "name", &text))
        return false;
    if (!name_parse(text, &name) || !name_is(&name, collections) ||
        !bytes_eq(name_parent(text), config_name(exchange, 1)) ||
        !name_is_slug(name.ids[1])) {
        config_refuse(exchange, CONFIG_INVALID,
                      "source.name must be %.*s/sources/<slug>, the slug of letters,"
                      " digits, - and _",
                      BYTES_FMT(config_name(exchange, 1)));
        return false;
    }
    wish->workspace = name.ids[0];
    wish->slug = name.ids[1];
    return true;
}

static bool read_wish(struct exchange *exchange, const struct json *resource,
                      struct config_source_wish *wish)
{
    if (!read_name(exchange, resource, wish) ||
        !config_read_text(exchange, resource, "catalog_name", &wish->catalog_name) ||
        !config_read_text(exchange, resource, "display_name", &wish->display_name))
        return false;
    if (config_exists(exchange->world,
                      "SELECT 1 FROM catalog WHERE kind = 'sources'"
                      " AND 'catalog/sources/' || slug = ?1",
                      wish->catalog_name))
        return true;
    config_refuse(exchange, CONFIG_INVALID, "unknown source.catalog_name");
    return false;
}

static void create(struct exchange *exchange, const struct config_source_wish *wish,
                   struct bytes name)
{
    if (!config_sources_add(exchange->world, wish))
        config_refuse(exchange, CONFIG_EXISTS, "source already exists");
    else
        config_answer_one(exchange, the_one, name, write_source);
}

void config_create_source(struct exchange *exchange)
{
    struct config_source_wish wish = {.is_enabled = true};
    cleanup(json_freep) struct json *body = NULL;
    const struct json *resource;

    if (!config_has_parent(exchange, 1))
        return;
    body = config_read_body(exchange);
    if (body == NULL)
        return;
    resource = config_resource(body, "source");
    if (read_wish(exchange, resource, &wish))
        create(exchange, &wish, json_string(config_get(resource, "name")));
}

/* --- deleting ----------------------------------------------------------------------- */

static void run_with(struct world *world, const char *literal, struct bytes name)
{
    struct sql_statement *row = world_use(world, literal);

    sql_bind_text(row, 1, name);
    world_run(world, row);
}

void config_sources_remove(struct world *world, struct bytes name)
{
    config_destinations_remove_of(world, name);
    run_with(world, "DELETE FROM write_key WHERE source = ?1", name);
    run_with(world, "DELETE FROM plan_connection WHERE source = ?1", name);
    run_with(world, "DELETE FROM regulation WHERE parent = ?1", name);
    run_with(world, "DELETE FROM suppressed WHERE parent = ?1", name);
    run_with(world, "DELETE FROM counter WHERE destination = ?1", name);
    run_with(world, "DELETE FROM source WHERE name = ?1", name);
}

void config_delete_source(struct exchange *exchange)
{
    if (!config_has_parent(exchange, 2))
        return;
    config_sources_remove(exchange->world, config_name(exchange, 2));
    config_answer_nothing(exchange);
}
