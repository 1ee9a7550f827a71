/* SPDX-License-Identifier: MIT */

/* Sources in the Public API (dossier §8): by id, with a name of their own. */

#include "emulator/config/sources.h"
#include "emulator/config/answer.h"
#include "emulator/frame/exchange.h"
#include "emulator/public/answer.h"
#include "emulator/public/routes.h"
#include "emulator/world/world.h"
#include "segment/name.h"
#include "json/json.h"
#include "json/write.h"

enum { SETTINGS_BYTES = 1 << 20 };

#define COLUMNS                                                                          \
    "s.id, s.slug, s.display_name, (SELECT id FROM workspace w"                          \
    " WHERE w.slug = s.workspace), s.enabled, s.name, s.catalog_name, s.settings"
#define THE_ONE "SELECT " COLUMNS " FROM source s WHERE s.workspace = ?1 AND s.id = ?2"

static const char name_of[] = "SELECT name FROM source WHERE workspace = ?1 AND id = ?2";

/* --- reading ------------------------------------------------------------------------ */

static void write_keys(struct world *world, struct bytes source, struct write *write)
{
    struct sql_statement *keys = world_use(
        world, "SELECT write_key FROM write_key WHERE source = ?1 ORDER BY rowid");

    sql_bind_text(keys, 1, source);
    write_key(write, "writeKeys");
    write_array(write);
    while (world_step(world, keys))
        write_string(write, sql_bytes(keys, 0));
    write_array_end(write);
}

static void write_source(struct exchange *exchange, struct sql_statement *row,
                         struct write *write)
{
    const struct bytes display_name = sql_bytes(row, 2);

    write_object(write);
    write_member_string(write, "id", sql_bytes(row, 0));
    write_member_string(write, "slug", sql_bytes(row, 1));
    write_member_string(write, "name",
                        display_name.len > 0 ? display_name : sql_bytes(row, 1));
    write_member_string(write, "workspaceId", sql_bytes(row, 3));
    write_member_bool(write, "enabled", sql_i64(row, 4) != 0);
    write_keys(exchange->world, sql_bytes(row, 5), write);
    write_key(write, "metadata");
    public_write_metadata(exchange, "sources", name_last(sql_bytes(row, 6)), write);
    config_write_json(write, "settings", sql_bytes(row, 7), "{}");
    write_member_raw(write, "labels", BYTES("[]"));
    write_object_end(write);
}

void public_list_sources(struct exchange *exchange)
{
    const struct public_list list = {
        .member = "sources",
        .rows = "SELECT " COLUMNS " FROM source s WHERE s.workspace = ?1"
                " ORDER BY s.rowid LIMIT ?2 OFFSET ?3",
        .count = "SELECT count(*) FROM source WHERE workspace = ?1",
        .of = public_workspace(exchange),
        .write_fn = write_source,
    };

    public_answer_list(exchange, &list);
}

static void answer(struct exchange *exchange, struct bytes id)
{
    public_answer_one(exchange, THE_ONE, id, "source", write_source);
}

void public_get_source(struct exchange *exchange)
{
    answer(exchange, exchange->params[0]);
}

/* --- writing ------------------------------------------------------------------------ */

static bool read_settings(struct exchange *exchange, const struct json *body,
                          struct buf *ret_settings)
{
    const struct json *settings = json_get(body, "settings");

    if (json_kind(settings) == JSON_MISSING || json_kind(settings) == JSON_NULL)
        return true;
    if (json_kind(settings) == JSON_OBJECT &&
        json_print(settings, /* indented= */ false, ret_settings) == 0)
        return true;
    public_refuse(exchange, 422, "settings", "settings must be an object.");
    return false;
}

static struct bytes catalog_name(struct exchange *exchange, struct bytes metadata_id)
{
    return public_find(exchange,
                       "SELECT 'catalog/sources/' || slug FROM catalog"
                       " WHERE kind = 'sources' AND ?1 <> '' AND id = ?2",
                       metadata_id);
}

static bool read_wish(struct exchange *exchange, const struct json *body,
                      struct config_source_wish *wish)
{
    struct bytes metadata_id = bytes_of(NULL, 0);

    if (!public_read_text(exchange, body, "slug", &wish->slug) ||
        !public_read_text(exchange, body, "name", &wish->display_name) ||
        !public_read_text(exchange, body, "metadataId", &metadata_id) ||
        !public_read_bool(exchange, body, "enabled", &wish->is_enabled))
        return false;
    if (!name_is_slug(wish->slug)) {
        public_refuse(exchange, 422, "slug",
                      "slug must be letters, digits, - and _, at most 100.");
        return false;
    }
    wish->catalog_name = catalog_name(exchange, metadata_id);
    if (wish->catalog_name.len > 0)
        return true;
    public_refuse(exchange, 422, "metadataId", "metadataId is not in the catalog.");
    return false;
}

void public_create_source(struct exchange *exchange)
{
    struct config_source_wish wish = {.workspace = public_workspace(exchange),
                                      .is_enabled = true};
    cleanup(json_freep) struct json *body = public_read_body(exchange);
    cleanup(buf_done) struct buf settings = {0};

    buf_init(&settings, SETTINGS_BYTES);
    if (body == NULL || !read_wish(exchange, body, &wish) ||
        !read_settings(exchange, body, &settings))
        return;
    wish.settings = buf_bytes(&settings);
    if (!config_sources_add(exchange->world, &wish)) {
        public_refuse(exchange, 409, "slug", "A source with this slug exists.");
        return;
    }
    answer(exchange, public_find(exchange,
                                 "SELECT id FROM source WHERE workspace = ?1"
                                 " AND slug = ?2",
                                 wish.slug));
}

struct change {
    struct bytes display_name, settings;
    bool is_enabled;
};

static void update(struct exchange *exchange, struct bytes name,
                   const struct change *change)
{
    struct sql_statement *row =
        world_use(exchange->world,
                  "UPDATE source SET display_name = coalesce(?2, display_name),"
                  " enabled = ?3, settings = coalesce(?4, settings) WHERE name = ?1");

    sql_bind_text(row, 1, name);
    sql_bind_text(row, 2, change->display_name);
    sql_bind(row, 3, change->is_enabled);
    sql_bind_text(row, 4, change->settings);
    world_run(exchange->world, row);
}

static bool keeps_slug(struct exchange *exchange, const struct json *body,
                       struct bytes name)
{
    struct bytes slug = name_last(name);

    if (!public_read_text(exchange, body, "slug", &slug))
        return false;
    if (bytes_eq(slug, name_last(name)))
        return true;
    public_refuse(exchange, 501, "slug", "The local Segment does not rename slugs.");
    return false;
}

void public_update_source(struct exchange *exchange)
{
    const struct bytes name = public_find(exchange, name_of, exchange->params[0]);
    cleanup(json_freep) struct json *body = NULL;
    cleanup(buf_done) struct buf settings = {0};
    struct change change = {0};

    buf_init(&settings, SETTINGS_BYTES);
    if (name.len == 0) {
        public_refuse_missing(exchange);
        return;
    }
    change.is_enabled =
        world_number(exchange->world, "SELECT enabled FROM source WHERE name = ?1", name,
                     0) != 0;
    body = public_read_body(exchange);
    if (body == NULL || !keeps_slug(exchange, body, name) ||
        !public_read_text(exchange, body, "name", &change.display_name) ||
        !public_read_bool(exchange, body, "enabled", &change.is_enabled) ||
        !read_settings(exchange, body, &settings))
        return;
    change.settings = buf_bytes(&settings);
    update(exchange, name, &change);
    answer(exchange, exchange->params[0]);
}

void public_delete_source(struct exchange *exchange)
{
    const struct bytes name = public_find(exchange, name_of, exchange->params[0]);

    if (name.len == 0) {
        public_refuse_missing(exchange);
        return;
    }
    config_sources_remove(exchange->world, name);
    public_answer_success(exchange);
}

/* --- write keys --------------------------------------------------------------------- */

void public_create_key(struct exchange *exchange)
{
    const struct bytes name = public_find(exchange, name_of, exchange->params[0]);
    char key[INVENT_BYTES];

    if (name.len == 0) {
        public_refuse_missing(exchange);
        return;
    }
    config_sources_add_key(exchange->world, name, key);
    answer(exchange, exchange->params[0]);
}

void public_delete_key(struct exchange *exchange)
{
    const struct bytes name = public_find(exchange, name_of, exchange->params[0]);
    struct sql_statement *row = world_use(
        exchange->world, "DELETE FROM write_key WHERE source = ?1 AND write_key = ?2");

    sql_bind_text(row, 1, name);
    sql_bind_text(row, 2, exchange->params[1]);
    world_run(exchange->world, row);
    if (sql_n_changed(exchange->world->sql) == 0)
        public_refuse_missing(exchange);
    else
        public_answer_success(exchange);
}
