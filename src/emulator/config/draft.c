/* SPDX-License-Identifier: MIT */

/* The half of config_destinations.h that knows no requests. */

#include <stdio.h>

#include "base/err.h"
#include "emulator/config/destinations.h"
#include "emulator/config/settings.h"
#include "emulator/frame/exchange.h"
#include "emulator/world/invent.h"
#include "emulator/world/world.h"
#include "segment/name.h"
#include "json/json.h"

enum { ID_LEN = 22, VALUES_BYTES = 16 << 20 };

/* --- drafts ------------------------------------------------------------------------- */

void config_draft_init(struct config_draft *draft, struct world *world, struct bytes name)
{
    *draft = (struct config_draft){
        .name = name,
        .item = config_settings_item(world, "destinations", name_last(name)),
        .values = json_object(),
        .mode = "UNSPECIFIED",
    };
}

void config_draft_done(struct config_draft *draft)
{
    json_freep(&draft->item);
    json_freep(&draft->values);
}

static struct bytes keep(struct exchange *exchange, struct bytes text)
{
    return bytes_of(arena_copy(&exchange->arena, text), text.len);
}

static void load_values(struct config_draft *draft, struct bytes text)
{
    struct json *values = NULL;
    struct err err = {0};

    if (json_parse(text, &values, &err) < 0)
        return;
    json_free(draft->values);
    draft->values = values;
}

void config_draft_load(struct config_draft *draft, struct exchange *exchange)
{
    struct sql_statement *row =
        world_use(exchange->world, "SELECT display_name, enabled, connection_mode, config"
                                   " FROM destination WHERE name = ?1");

    sql_bind_text(row, 1, draft->name);
    if (world_step(exchange->world, row)) {
        draft->display_name = keep(exchange, sql_bytes(row, 0));
        draft->is_enabled = sql_i64(row, 1) != 0;
        if (!sql_is_null(row, 2))
            snprintf(draft->mode, sizeof(draft->mode), "%.*s",
                     BYTES_FMT(sql_bytes(row, 2)));
        load_values(draft, sql_bytes(row, 3));
    }
    sql_reset(row);
}

bool config_draft_create(struct config_draft *draft, struct world *world)
{
    struct sql_statement *row = world_use(
        world, "INSERT INTO destination (name, source, slug, id, display_name, enabled,"
               " connection_mode, config, made_by, create_time, update_time)"
               " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10)");
    cleanup(buf_done) struct buf values = {0};
    char id[INVENT_BYTES];

    buf_init(&values, VALUES_BYTES);
    config_settings_print(draft->values, &values);
    invent_alphanumeric(world, ID_LEN, id);
    sql_bind_text(row, 1, draft->name);
    sql_bind_text(row, 2, name_parent(draft->name));
    sql_bind_text(row, 3, name_last(draft->name));
    sql_bind_text(row, 4, bytes_str(id));
    sql_bind_text(row, 5, draft->display_name);
    sql_bind(row, 6, draft->is_enabled);
    sql_bind_text(row, 7, bytes_str(draft->mode));
    sql_bind_text(row, 8, buf_bytes(&values));
    sql_bind_text(row, 9, draft->made_by);
    sql_bind(row, 10, world_now_ms(world));
    return world_run_unique(world, row);
}

void config_draft_update(struct config_draft *draft, struct world *world)
{
    struct sql_statement *row =
        world_use(world, "UPDATE destination SET display_name = ?2, enabled = ?3,"
                         " connection_mode = ?4, config = ?5, update_time = ?6"
                         " WHERE name = ?1");
    cleanup(buf_done) struct buf values = {0};

    buf_init(&values, VALUES_BYTES);
    config_settings_print(draft->values, &values);
    sql_bind_text(row, 1, draft->name);
    sql_bind_text(row, 2, draft->display_name);
    sql_bind(row, 3, draft->is_enabled);
    sql_bind_text(row, 4, bytes_str(draft->mode));
    sql_bind_text(row, 5, buf_bytes(&values));
    sql_bind(row, 6, world_now_ms(world));
    world_run(world, row);
}

/* --- removing ----------------------------------------------------------------------- */

static void run_with(struct world *world, const char *literal, struct bytes name)
{
    struct sql_statement *row = world_use(world, literal);

    sql_bind_text(row, 1, name);
    world_run(world, row);
}

void config_destinations_remove(struct world *world, struct bytes name)
{
    run_with(world, "DELETE FROM filter WHERE destination = ?1", name);
    run_with(world, "DELETE FROM counter WHERE destination = ?1", name);
    run_with(world, "DELETE FROM latency WHERE destination = ?1", name);
    run_with(world, "DELETE FROM destination WHERE name = ?1", name);
}

void config_destinations_remove_of(struct world *world, struct bytes source)
{
    run_with(world,
             "DELETE FROM filter WHERE destination IN"
             " (SELECT name FROM destination WHERE source = ?1)",
             source);
    run_with(world,
             "DELETE FROM counter WHERE destination IN"
             " (SELECT name FROM destination WHERE source = ?1)",
             source);
    run_with(world,
             "DELETE FROM latency WHERE destination IN"
             " (SELECT name FROM destination WHERE source = ?1)",
             source);
    run_with(world, "DELETE FROM destination WHERE source = ?1", source);
}
