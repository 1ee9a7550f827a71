/* SPDX-License-Identifier: MIT */

#include "emulator/config/destinations.h"

#include <stdio.h>

#include "base/err.h"
#include "emulator/config/answer.h"
#include "emulator/config/config.h"
#include "emulator/config/input.h"
#include "emulator/config/routes.h"
#include "emulator/config/settings.h"
#include "emulator/frame/emulator.h"
#include "emulator/frame/exchange.h"
#include "emulator/world/world.h"
#include "segment/name.h"
#include "json/json.h"
#include "json/write.h"

#define COLUMNS                                                                          \
    "rowid, name, source, slug, display_name, enabled, connection_mode, config,"         \
    " create_time, update_time"
#define EXISTS "destination already exists"

static const char the_one[] = "SELECT " COLUMNS " FROM destination WHERE name = ?1";

/* --- reading ------------------------------------------------------------------------ */

/* Does it run in the browser or on devices as well as on servers? */
static bool has_several_modes(const struct json *item)
{
    const struct json *components = json_get(item, "components");
    bool is_cloud = false;
    bool is_device = false;

    for (size_t i = 0; i < json_count(components); i++) {
        const struct bytes type = json_string(json_get(json_at(components, i), "type"));
        const bool runs_on_servers =
            bytes_eq(type, BYTES("CLOUD")) || bytes_eq(type, BYTES("SERVER"));

        is_cloud = is_cloud || runs_on_servers;
        is_device = is_device || !runs_on_servers;
    }
    return is_cloud && is_device;
}

/* What was sent is kept, and shown where there is a choice (dossier §7.5, case 101). */
static void write_mode(const struct json *item, struct bytes mode, struct write *write)
{
    if (mode.len > 0 && has_several_modes(item))
        write_member_string(write, "connection_mode", mode);
    else
        write_member_text(write, "connection_mode", "UNSPECIFIED");
}

static void write_display_name(const struct json *item, struct bytes own,
                               struct write *write)
{
    write_member_string(write, "display_name",
                        own.len > 0 ? own : json_string(json_get(item, "display_name")));
}

static void write_destination(struct exchange *exchange, struct sql_statement *row,
                              struct write *write)
{
    const struct bytes name = sql_bytes(row, 1);
    cleanup(json_freep) struct json *item =
        config_settings_item(exchange->world, "destinations", sql_bytes(row, 3));
    cleanup(json_freep) struct json *values = NULL;
    struct err err = {0};

    if (json_parse(sql_bytes(row, 7), &values, &err) < 0)
        values = json_object();
    if (emulator_options(exchange->emulator)->redacts)
        config_settings_redact(item, values);
    write_object(write);
    write_member_string(write, "name", name);
    write_member_string(write, "parent", sql_bytes(row, 2));
    write_display_name(item, sql_bytes(row, 4), write);
    write_member_bool(write, "enabled", sql_i64(row, 5) != 0);
    write_mode(item, sql_bytes(row, 6), write);
    write_key(write, "config");
    config_settings_write_list(item, values, name, write);
    write_member_time(write, "create_time", sql_i64(row, 8));
    write_member_time(write, "update_time", sql_i64(row, 9));
    write_object_end(write);
}

void config_list_destinations(struct exchange *exchange)
{
    const struct config_list list = {
        .member = "destinations",
        .literal = "SELECT " COLUMNS " FROM destination WHERE source = ?1 AND rowid > ?2"
                   " ORDER BY rowid LIMIT ?3",
        .of = config_name(exchange, 2),
        .write_fn = write_destination,
    };

    if (config_has_parent(exchange, 2))
        config_answer_list(exchange, &list);
}

void config_get_destination(struct exchange *exchange)
{
    config_answer_one(exchange, the_one, config_name(exchange, 3), write_destination);
}

/* --- drafts of requests ------------------------------------------------------------- */

static bool read_mode(struct exchange *exchange, const struct json *resource,
                      struct config_draft *draft)
{
    static const char *const modes[] = {"UNSPECIFIED", "CLOUD", "DEVICE"};
    struct bytes mode = BYTES("UNSPECIFIED");
    size_t i = 0;

    if (!config_read_text(exchange, resource, "connection_mode", &mode))
        return false;
    while (i < COUNT(modes) && !bytes_eq(mode, bytes_str(modes[i])))
        i++;
    if (i == COUNT(modes)) {
        config_refuse(exchange, CONFIG_INVALID,
                      "connection_mode must be UNSPECIFIED, CLOUD or DEVICE");
        return false;
    }
    if (bytes_eq(mode, BYTES("DEVICE")) &&
        config_caller(exchange)->scope.kind == SCOPE_DESTINATION) {
        config_refuse(exchange, CONFIG_DENIED, "insufficient scope");
        return false;
    }
    snprintf(draft->mode, sizeof(draft->mode), "%s", modes[i]);
    return true;
}

static bool read_settings(struct exchange *exchange, const struct json *resource,
                          struct config_draft *draft)
{
    const struct json *list = config_get(resource, "config");
    char why[CONFIG_WHY_BYTES] = "";

    if (list == NULL ||
        config_settings_merge(draft->item, draft->values, draft->name, list, why))
        return true;
    config_refuse(exchange, CONFIG_INVALID, "%s", why);
    return false;
}

static bool is_fit(struct exchange *exchange, const struct config_draft *draft)
{
    char why[CONFIG_WHY_BYTES] = "";

    if (!config_settings_fit(name_last(draft->name), draft->values, why)) {
        config_refuse(exchange, CONFIG_INVALID, "%s", why);
        return false;
    }
    if (!draft->is_enabled ||
        config_settings_are_complete(draft->item, draft->values, why))
        return true;
    config_refuse(exchange, CONFIG_INVALID, "%s while the destination is enabled", why);
    return false;
}

/* --- creating ----------------------------------------------------------------------- */

static bool read_draft(struct exchange *exchange, const struct json *resource,
                       struct config_draft *draft)
{
    struct bytes name = bytes_of(NULL, 0);

    if (!config_read_text(exchange, resource, "name", &name))
        return false;
    config_draft_init(draft, exchange->world, name);
    draft->made_by = config_caller(exchange)->name;
    if (draft->item == NULL || !bytes_eq(name_parent(name), config_name(exchange, 2)) ||
        !bytes_ends(bytes_slice(name, 0, name.len - name_last(name).len),
                    BYTES("/destinations/"))) {
        config_refuse(exchange, CONFIG_INVALID,
                      "destination.name must be %.*s/destinations/<slug of the catalog>",
                      BYTES_FMT(config_name(exchange, 2)));
        return false;
    }
    return config_read_bool(exchange, resource, "enabled", &draft->is_enabled) &&
           config_read_text(exchange, resource, "display_name", &draft->display_name) &&
           read_mode(exchange, resource, draft) &&
           read_settings(exchange, resource, draft) && is_fit(exchange, draft);
}

/* What was seen, or what is documented (ux §4.1): partners look for the words. */
static void refuse_existing(struct exchange *exchange)
{
    if (emulator_options(exchange->emulator)->is_strict)
        config_refuse(exchange, CONFIG_EXISTS, EXISTS);
    else
        config_refuse(exchange, CONFIG_INTERNAL, EXISTS " or other internal error");
}

void config_create_destination(struct exchange *exchange)
{
    cleanup(config_draft_done) struct config_draft draft = {0};
    cleanup(json_freep) struct json *body = NULL;

    if (!config_has_parent(exchange, 2))
        return;
    body = config_read_body(exchange);
    if (body == NULL ||
        !read_draft(exchange, config_resource(body, "destination"), &draft))
        return;
    if (config_draft_create(&draft, exchange->world))
        config_answer_one(exchange, the_one, draft.name, write_destination);
    else
        refuse_existing(exchange);
}

struct bytes config_destinations_wanted(struct exchange *exchange)
{
    cleanup(json_freep) struct json *body = config_peek_body(exchange);
    const struct bytes slug =
        name_last(json_string(config_get(config_resource(body, "destination"), "name")));

    return bytes_of(arena_copy(&exchange->arena, slug), slug.len);
}

/* --- changing ----------------------------------------------------------------------- */

/* Settings without a list are emptied, as all fields are; a list merges. */
static bool apply_settings(struct exchange *exchange, const struct json *resource,
                           struct config_draft *draft)
{
    if (config_get(resource, "config") == NULL) {
        json_free(draft->values);
        draft->values = json_object();
    }
    return read_settings(exchange, resource, draft);
}

static bool apply(struct exchange *exchange, const struct mask *mask,
                  const struct json *resource, struct config_draft *draft)
{
    if (mask_has(mask, "enabled"))
        draft->is_enabled = false;
    if (mask_has(mask, "display_name"))
        draft->display_name = bytes_of(NULL, 0);
    return (!mask_has(mask, "enabled") ||
            config_read_bool(exchange, resource, "enabled", &draft->is_enabled)) &&
           (!mask_has(mask, "display_name") ||
            config_read_text(exchange, resource, "display_name", &draft->display_name)) &&
           (!mask_has(mask, "connection_mode") || read_mode(exchange, resource, draft)) &&
           (!mask_has(mask, "config") || apply_settings(exchange, resource, draft)) &&
           is_fit(exchange, draft);
}

static void update(struct exchange *exchange, const struct json *body,
                   struct config_draft *draft)
{
    static const char *const fields[] = {"enabled", "config", "connection_mode",
                                         "display_name", NULL};
    struct mask mask;

    if (!config_read_mask(exchange, body, "destination", fields, &mask))
        return;
    if (mask.n_paths > 0) {
        if (!apply(exchange, &mask, config_resource(body, "destination"), draft))
            return;
        config_draft_update(draft, exchange->world);
    }
    config_answer_one(exchange, the_one, draft->name, write_destination);
}

void config_update_destination(struct exchange *exchange)
{
    cleanup(config_draft_done) struct config_draft draft = {0};
    cleanup(json_freep) struct json *body = NULL;

    if (!config_has_parent(exchange, 3))
        return;
    body = config_read_body(exchange);
    if (body == NULL)
        return;
    config_draft_init(&draft, exchange->world, config_name(exchange, 3));
    config_draft_load(&draft, exchange);
    update(exchange, body, &draft);
}

void config_delete_destination(struct exchange *exchange)
{
    if (!config_has_parent(exchange, 3))
        return;
    config_destinations_remove(exchange->world, config_name(exchange, 3));
    config_answer_nothing(exchange);
}
