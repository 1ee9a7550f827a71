/* SPDX-License-Identifier: MIT */

/* The catalog in the Public API's words (dossier §8): metadata with options. */

#include "base/err.h"
#include "emulator/config/answer.h"
#include "emulator/config/settings.h"
#include "emulator/frame/exchange.h"
#include "emulator/public/answer.h"
#include "emulator/public/routes.h"
#include "emulator/world/world.h"
#include "json/json.h"
#include "json/write.h"

enum { TYPE_BYTES = 32 };

#define COLUMNS "id, slug, display_name, body"

/* STRING is string here. */
static void write_lower(struct write *write, const char *key, struct bytes text)
{
    char lower[TYPE_BYTES];
    size_t len = 0;

    for (; len < text.len && len < sizeof(lower); len++) {
        const char c = text.ptr[len];

        lower[len] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    write_member_string(write, key, bytes_of(lower, len));
}

static void write_option(const struct json *setting, struct write *write)
{
    write_object(write);
    write_member_string(write, "name", json_string(json_get(setting, "name")));
    write_lower(write, "type", json_string(json_get(setting, "type")));
    write_member_bool(write, "required", json_bool(json_get(setting, "required")));
    write_member_string(write, "label", json_string(json_get(setting, "display_name")));
    write_member_string(write, "description",
                        json_string(json_get(setting, "description")));
    write_member_raw(write, "defaultValue", bytes_str(config_settings_zero(setting)));
    write_object_end(write);
}

static void write_options(const struct json *item, struct write *write)
{
    const struct json *settings = json_get(item, "settings");

    write_key(write, "options");
    write_array(write);
    for (size_t i = 0; i < json_count(settings); i++)
        write_option(json_at(settings, i), write);
    write_array_end(write);
}

static void write_logos(const struct json *item, struct write *write)
{
    write_key(write, "logos");
    write_object(write);
    write_member_string(write, "default", json_string(json_path(item, "logos.logo")));
    write_member_string(write, "mark", json_string(json_path(item, "logos.mark")));
    write_object_end(write);
}

/* A source's categories are a list; a destination's have ranks. */
static void write_categories(const struct json *item, struct write *write)
{
    const struct json *categories = json_get(item, "categories");
    static const char *const ranks[] = {"primary", "secondary"};

    if (json_kind(categories) == JSON_ARRAY) {
        config_write_node(write, "categories", categories, "[]");
        return;
    }
    write_key(write, "categories");
    write_array(write);
    for (size_t i = 0; i < COUNT(ranks); i++) {
        const struct bytes name = json_string(json_get(categories, ranks[i]));

        if (name.len > 0)
            write_string(write, name);
    }
    write_array_end(write);
}

static void write_item(struct exchange *exchange, struct sql_statement *row,
                       struct write *write)
{
    cleanup(json_freep) struct json *item = NULL;
    struct err err = {0};

    (void)exchange;
    if (json_parse(sql_bytes(row, 3), &item, &err) < 0)
        item = json_object();
    write_object(write);
    write_member_string(write, "id", sql_bytes(row, 0));
    write_member_string(write, "slug", sql_bytes(row, 1));
    write_member_string(write, "name", sql_bytes(row, 2));
    write_member_string(write, "description", json_string(json_get(item, "description")));
    write_member_string(write, "website", json_string(json_get(item, "website")));
    write_member_string(write, "status", json_string(json_get(item, "status")));
    write_logos(item, write);
    write_categories(item, write);
    write_options(item, write);
    write_object_end(write);
}

void public_write_metadata(struct exchange *exchange, const char *kind, struct bytes slug,
                           struct write *write)
{
    struct sql_statement *row = world_use(
        exchange->world, "SELECT " COLUMNS " FROM catalog WHERE kind = ?1 AND slug = ?2");

    sql_bind_text(row, 1, bytes_str(kind));
    sql_bind_text(row, 2, slug);
    if (world_step(exchange->world, row))
        write_item(exchange, row, write);
    else
        write_null(write);
    sql_reset(row);
}

static void list_items(struct exchange *exchange, const char *kind, const char *member)
{
    const struct public_list list = {
        .member = member,
        .rows = "SELECT " COLUMNS " FROM catalog WHERE kind = ?1 ORDER BY rowid"
                " LIMIT ?2 OFFSET ?3",
        .count = "SELECT count(*) FROM catalog WHERE kind = ?1",
        .of = bytes_str(kind),
        .write_fn = write_item,
    };

    public_answer_list(exchange, &list);
}

void public_list_catalog_destinations(struct exchange *exchange)
{
    list_items(exchange, "destinations", "destinationsCatalog");
}

void public_list_catalog_sources(struct exchange *exchange)
{
    list_items(exchange, "sources", "sourcesCatalog");
}

/* There are none here. */
void public_list_catalog_warehouses(struct exchange *exchange)
{
    list_items(exchange, "warehouses", "warehousesCatalog");
}

void public_get_catalog_destination(struct exchange *exchange)
{
    public_answer_one(exchange,
                      "SELECT " COLUMNS " FROM catalog WHERE kind = 'destinations'"
                      " AND ?1 <> '' AND id = ?2",
                      exchange->params[0], "destinationMetadata", write_item);
}

void public_get_catalog_source(struct exchange *exchange)
{
    public_answer_one(exchange,
                      "SELECT " COLUMNS " FROM catalog WHERE kind = 'sources'"
                      " AND ?1 <> '' AND id = ?2",
                      exchange->params[0], "sourceMetadata", write_item);
}
