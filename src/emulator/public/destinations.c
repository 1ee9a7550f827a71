/* SPDX-License-Identifier: MIT */

/* Destinations in the Public API (dossier §8): by id, settings as an object. */

#include <stdio.h>

#include "base/err.h"
#include "emulator/config/answer.h"
#include "emulator/config/destinations.h"
#include "emulator/config/settings.h"
#include "emulator/frame/exchange.h"
#include "emulator/public/answer.h"
#include "emulator/public/routes.h"
#include "emulator/world/world.h"
#include "segment/name.h"
#include "json/json.h"
#include "json/write.h"

enum { N_BULLETS = 8, N_SHOWN = 4, MASK_BYTES = 256 };

#define COLUMNS "d.id, d.slug, d.display_name, d.enabled, d.config, s.id, d.name"
#define FROM " FROM destination d JOIN source s ON s.name = d.source"
#define THE_ONE "SELECT " COLUMNS FROM " WHERE s.workspace = ?1 AND d.id = ?2"

static const char name_of[] =
    "SELECT d.name" FROM " WHERE s.workspace = ?1 AND d.id = ?2";

/* --- reading ------------------------------------------------------------------------ */

/* The last @n characters; none when there are no more than these. */
static struct bytes end_of(struct bytes text, size_t n)
{
    size_t at = text.len;

    while (at > 0 && n > 0) {
        at--;
        n -= ((unsigned char)text.ptr[at] & 0xc0) != 0x80;
    }
    return at > 0 ? bytes_slice(text, at, text.len) : bytes_of(NULL, 0);
}

/* A password comes back as bullets and its last four characters. */
static void write_masked(struct write *write, const char *key, struct bytes value)
{
    char text[MASK_BYTES] = "";

    if (value.len > 0) {
        for (size_t i = 0; i < N_BULLETS; i++)
            snprintf(text + 3 * i, sizeof(text) - 3 * i, "\u2022");
        snprintf(text + 3 * N_BULLETS, sizeof(text) - 3 * N_BULLETS, "%.*s",
                 BYTES_FMT(end_of(value, N_SHOWN)));
    }
    write_member_text(write, key, text);
}

static void write_setting(const struct json *setting, const struct json *values,
                          struct write *write)
{
    const struct bytes name = json_string(json_get(setting, "name"));

    if (name.len == 0)
        return;
    if (bytes_eq(json_string(json_get(setting, "type")), BYTES("PASSWORD")))
        write_masked(write, name.ptr, json_string(json_get(values, name.ptr)));
    else
        config_write_node(write, name.ptr, json_get(values, name.ptr),
                          config_settings_zero(setting));
}

static void write_settings(const struct json *item, struct bytes config,
                           struct write *write)
{
    const struct json *settings = json_get(item, "settings");
    cleanup(json_freep) struct json *values = NULL;
    struct err err = {0};

    if (json_parse(config, &values, &err) < 0)
        values = json_object();
    write_key(write, "settings");
    write_object(write);
    for (size_t i = 0; i < json_count(settings); i++)
        write_setting(json_at(settings, i), values, write);
    write_object_end(write);
}

static void write_destination(struct exchange *exchange, struct sql_statement *row,
                              struct write *write)
{
    const struct bytes own = sql_bytes(row, 2);
    cleanup(json_freep) struct json *item =
        config_settings_item(exchange->world, "destinations", sql_bytes(row, 1));

    write_object(write);
    write_member_string(write, "id", sql_bytes(row, 0));
    write_member_string(write, "name",
                        own.len > 0 ? own : json_string(json_get(item, "display_name")));
    write_member_bool(write, "enabled", sql_i64(row, 3) != 0);
    write_key(write, "metadata");
    public_write_metadata(exchange, "destinations", sql_bytes(row, 1), write);
    write_member_string(write, "sourceId", sql_bytes(row, 5));
    write_settings(item, sql_bytes(row, 4), write);
    write_object_end(write);
}

void public_list_destinations(struct exchange *exchange)
{
    const struct public_list list = {
        .member = "destinations",
        .rows = "SELECT " COLUMNS FROM " WHERE s.workspace = ?1 ORDER BY d.rowid"
                " LIMIT ?2 OFFSET ?3",
        .count = "SELECT count(*)" FROM " WHERE s.workspace = ?1",
        .of = public_workspace(exchange),
        .write_fn = write_destination,
    };

    public_answer_list(exchange, &list);
}

void public_list_connected(struct exchange *exchange)
{
    const struct public_list list = {
        .member = "destinations",
        .rows = "SELECT " COLUMNS FROM " WHERE d.source = ?1 ORDER BY d.rowid"
                " LIMIT ?2 OFFSET ?3",
        .count = "SELECT count(*) FROM destination WHERE source = ?1",
        .of = public_find(exchange,
                          "SELECT name FROM source WHERE workspace = ?1 AND id = ?2",
                          exchange->params[0]),
        .write_fn = write_destination,
    };

    if (list.of.len == 0)
        public_refuse_missing(exchange);
    else
        public_answer_list(exchange, &list);
}

static void answer(struct exchange *exchange, struct bytes id)
{
    public_answer_one(exchange, THE_ONE, id, "destination", write_destination);
}

void public_get_destination(struct exchange *exchange)
{
    answer(exchange, exchange->params[0]);
}

/* --- drafts ------------------------------------------------------------------------- */

static bool read_settings(struct exchange *exchange, const struct json *body,
                          struct config_draft *draft)
{
    const struct json *settings = json_get(body, "settings");
    char why[CONFIG_WHY_BYTES] = "settings must be an object";
    const struct json *value;
    const char *key;
    void *cursor = NULL;
    bool is_good = json_kind(settings) == JSON_OBJECT;

    if (json_kind(settings) == JSON_MISSING || json_kind(settings) == JSON_NULL)
        return true;
    while (is_good && json_next(settings, &cursor, &key, &value))
        is_good =
            config_settings_set(draft->item, draft->values, bytes_str(key), value, why);
    if (!is_good)
        public_refuse(exchange, 422, "settings", "%s.", why);
    return is_good;
}

static bool read_draft(struct exchange *exchange, const struct json *body,
                       struct config_draft *draft)
{
    char why[CONFIG_WHY_BYTES] = "";

    if (!public_read_text(exchange, body, "name", &draft->display_name) ||
        !public_read_bool(exchange, body, "enabled", &draft->is_enabled) ||
        !read_settings(exchange, body, draft))
        return false;
    if (!config_settings_fit(name_last(draft->name), draft->values, why)) {
        public_refuse(exchange, 422, "settings", "%s.", why);
        return false;
    }
    if (!draft->is_enabled ||
        config_settings_are_complete(draft->item, draft->values, why))
        return true;
    public_refuse(exchange, 422, "settings", "%s while the destination is enabled.", why);
    return false;
}

/* "workspaces/acme/sources/js/destinations/demo" of the two ids; empty after 422. */
static struct bytes read_name(struct exchange *exchange, const struct json *body)
{
    struct bytes source = bytes_of(NULL, 0);
    struct bytes slug = bytes_of(NULL, 0);

    if (!public_read_text(exchange, body, "sourceId", &source) ||
        !public_read_text(exchange, body, "metadataId", &slug))
        return bytes_of(NULL, 0);
    source = public_find(
        exchange, "SELECT name FROM source WHERE workspace = ?1 AND id = ?2", source);
    slug = public_find(exchange,
                       "SELECT slug FROM catalog WHERE kind = 'destinations'"
                       " AND ?1 <> '' AND id = ?2",
                       slug);
    if (source.len == 0)
        public_refuse(exchange, 422, "sourceId", "sourceId is no source.");
    else if (slug.len == 0)
        public_refuse(exchange, 422, "metadataId", "metadataId is not in the catalog.");
    else
        return bytes_str(arena_printf(&exchange->arena, "%.*s/destinations/%.*s",
                                      BYTES_FMT(source), BYTES_FMT(slug)));
    return bytes_of(NULL, 0);
}

void public_create_destination(struct exchange *exchange)
{
    cleanup(config_draft_done) struct config_draft draft = {0};
    cleanup(json_freep) struct json *body = public_read_body(exchange);
    struct bytes name;

    if (body == NULL)
        return;
    name = read_name(exchange, body);
    if (name.len == 0)
        return;
    config_draft_init(&draft, exchange->world, name);
    draft.is_enabled = true;
    if (!read_draft(exchange, body, &draft))
        return;
    if (config_draft_create(&draft, exchange->world))
        answer(exchange,
               public_find(exchange,
                           "SELECT d.id" FROM " WHERE s.workspace = ?1 AND d.name = ?2",
                           name));
    else
        public_refuse(exchange, 400, NULL,
                      "Multiple configurations of this destination type not supported.");
}

void public_update_destination(struct exchange *exchange)
{
    const struct bytes name = public_find(exchange, name_of, exchange->params[0]);
    cleanup(config_draft_done) struct config_draft draft = {0};
    cleanup(json_freep) struct json *body = NULL;

    if (name.len == 0) {
        public_refuse_missing(exchange);
        return;
    }
    body = public_read_body(exchange);
    if (body == NULL)
        return;
    config_draft_init(&draft, exchange->world, name);
    config_draft_load(&draft, exchange);
    if (!read_draft(exchange, body, &draft))
        return;
    config_draft_update(&draft, exchange->world);
    answer(exchange, exchange->params[0]);
}

void public_delete_destination(struct exchange *exchange)
{
    const struct bytes name = public_find(exchange, name_of, exchange->params[0]);

    if (name.len == 0) {
        public_refuse_missing(exchange);
        return;
    }
    config_destinations_remove(exchange->world, name);
    public_answer_success(exchange);
}
