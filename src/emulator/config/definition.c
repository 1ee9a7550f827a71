/* SPDX-License-Identifier: MIT */

#include "emulator/config/definition.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/err.h"
#include "emulator/world/world.h"
#include "segment/label.h"
#include "json/json.h"
#include "json/write.h"

enum {
    MAX_SETTINGS = 100,
    LABEL_BYTES = 100,
    DESCRIPTION_BYTES = 1000,
    VALUE_BYTES = 65536,
    BODY_BYTES = 1 << 22,
};

const char *const definition_types[] = {"STRING", "BOOLEAN",  "NUMBER", "SELECT", "LIST",
                                        "MAP",    "PASSWORD", "COLOR",  "MIXED",  NULL};

/* All that a setting's object may have, and what of it is passed on as it is. */
static const char *const members[] = {"name",
                                      "display_name",
                                      "description",
                                      "type",
                                      "required",
                                      "sensitive",
                                      "deprecated",
                                      "settings",
                                      "string_validators",
                                      "select_validators",
                                      "map_validators",
                                      "number_validators",
                                      NULL};
static const char *const validators[] = {"string_validators", "select_validators",
                                         "number_validators", "map_validators", NULL};

/* The settings as they are to be: texts lie in the arena. */
struct draft {
    struct arena arena;
    struct bytes keys[MAX_SETTINGS], labels[MAX_SETTINGS];
    size_t n;
    struct buf settings, sensitive, zeros; /* JSON: two lists, and an object */
    struct write to_settings, to_sensitive, to_zeros;
    char *why;
};

printf_like(2, 3) static bool refuse(char *why, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(why, CONFIG_WHY_BYTES, format, args);
    va_end(args);
    return false;
}

static bool is_one_of(struct bytes text, const char *const *list)
{
    for (; *list != NULL; list++) {
        if (bytes_eq(text, bytes_str(*list)))
            return true;
    }
    return false;
}

/* --- what is sensitive -------------------------------------------------------------- */

struct json *definition_sensitive(struct world *world, struct bytes slug)
{
    struct sql_statement *row =
        world_use(world, "SELECT sensitive FROM catalog WHERE kind = 'destinations'"
                         " AND slug = ?1");
    struct json *list = NULL;
    struct err err = {0};

    sql_bind_text(row, 1, slug);
    if (world_step(world, row) && json_parse(sql_bytes(row, 0), &list, &err) < 0)
        list = NULL; /* somebody has put it there by hand */
    sql_reset(row);
    return list != NULL ? list : json_object();
}

bool definition_is_sensitive(const struct json *list, const struct json *setting)
{
    const struct bytes key = json_string(json_get(setting, "name"));

    if (bytes_eq(key, BYTES("apiKey")) ||
        bytes_eq(json_string(json_get(setting, "type")), BYTES("PASSWORD")))
        return true;
    for (size_t i = 0; i < json_count(list); i++) {
        if (bytes_eq(json_string(json_at(list, i)), key))
            return true;
    }
    return false;
}

/* --- writing ------------------------------------------------------------------------ */

static void write_node(struct write *write, const char *key, const struct json *value)
{
    cleanup(buf_done) struct buf text = {0};

    buf_init(&text, VALUE_BYTES);
    json_print(value, /* indented= */ false, &text);
    write_member_raw(write, key, buf_bytes(&text));
}

void definition_write_setting(const struct json *setting, bool is_sensitive,
                              struct write *write)
{
    const struct json *value;
    const char *key;
    void *cursor = NULL;

    write_object(write);
    while (json_next(setting, &cursor, &key, &value)) {
        if (strcmp(key, "sensitive") != 0)
            write_node(write, key, value);
    }
    write_member_bool(write, "sensitive", is_sensitive);
    write_object_end(write);
}

bool definition_write(struct world *world, struct bytes slug, struct write *write)
{
    cleanup(json_freep) struct json *item =
        config_settings_item(world, "destinations", slug);
    cleanup(json_freep) struct json *sensitive = definition_sensitive(world, slug);
    const struct json *settings = json_get(item, "settings");

    if (item == NULL)
        return false;
    write_object(write);
    write_member_string(write, "slug", slug);
    write_member_string(write, "display_name",
                        json_string(json_get(item, "display_name")));
    write_node(write, "methods", json_get(item, "methods"));
    write_key(write, "settings");
    write_array(write);
    for (size_t i = 0; i < json_count(settings); i++) {
        const struct json *setting = json_at(settings, i);

        definition_write_setting(setting, definition_is_sensitive(sensitive, setting),
                                 write);
    }
    write_array_end(write);
    write_object_end(write);
    return true;
}

/* --- one setting -------------------------------------------------------------------- */

static bool read_label(const struct json *setting, struct draft *draft,
                       struct bytes *ret_label)
{
    const struct bytes label = bytes_trim(json_string(json_get(setting, "display_name")));

    if (label.len == 0 || label.len > LABEL_BYTES)
        return refuse(draft->why, "setting %zu needs a label of at most %d bytes",
                      draft->n + 1, LABEL_BYTES);
    *ret_label = label;
    return true;
}

/* ASCII letters, digits and _: what a setting may be called that has another name than
 * its label says. */
static bool is_plain(struct bytes key)
{
    for (size_t i = 0; i < key.len; i++) {
        const char lower = (char)(key.ptr[i] | 0x20);

        if (!(lower >= 'a' && lower <= 'z') &&
            !(key.ptr[i] >= '0' && key.ptr[i] <= '9') && key.ptr[i] != '_')
            return false;
    }
    return key.len > 0 && key.len <= LABEL_BYTES;
}

static bool read_key(const struct json *setting, struct bytes label, struct draft *draft,
                     struct bytes *ret_key)
{
    const struct bytes name = json_string(json_get(setting, "name"));
    cleanup(buf_done) struct buf key = {0};

    buf_init(&key, 2 * LABEL_BYTES);
    if (label_key(label, &key) != 0 || (key.len == 0 && name.len == 0))
        return refuse(draft->why,
                      "the label “%.*s” gives no key: it needs a letter or a digit",
                      BYTES_FMT(label));
    if (name.len > 0 && !bytes_eq(name, buf_bytes(&key)) && !is_plain(name))
        return refuse(draft->why,
                      "setting %zu has a name that is no key: letters, digits and _",
                      draft->n + 1);
    if (name.len > 0) {
        *ret_key = name;
        return true;
    }
    *ret_key = bytes_of(arena_copy(&draft->arena, buf_bytes(&key)), key.len);
    return true;
}

static bool is_free(struct bytes key, struct bytes label, const struct draft *draft)
{
    for (size_t i = 0; i < draft->n; i++) {
        if (bytes_eq(draft->keys[i], key))
            return refuse(draft->why,
                          "the labels “%.*s” and “%.*s” both give the key %.*s: change "
                          "one of them",
                          BYTES_FMT(draft->labels[i]), BYTES_FMT(label),
                          BYTES_FMT(bytes_slice(key, 0, 60)));
    }
    return true;
}

static bool read_type(const struct json *setting, const char *key, struct draft *draft,
                      struct bytes *ret_type)
{
    const struct bytes type = json_string(json_get(setting, "type"));

    for (size_t i = 0; definition_types[i] != NULL; i++) {
        if (bytes_eq_nocase(type, bytes_str(definition_types[i])))
            *ret_type = bytes_str(definition_types[i]);
    }
    if (ret_type->len == 0)
        return refuse(draft->why,
                      "setting %.60s has no type: string, boolean, number, select, list, "
                      "map, password, color or mixed",
                      key);
    if (bytes_eq(*ret_type, BYTES("SELECT")) &&
        json_count(json_path(setting, "select_validators.select_options")) == 0)
        return refuse(draft->why, "setting %.60s is a select without options", key);
    return true;
}

static bool is_bool_or_missing(const struct json *value)
{
    return json_kind(value) == JSON_MISSING || json_kind(value) == JSON_BOOL;
}

/* A member that nobody reads is a slip: "require" would be an optional setting. */
static bool has_only_members(const struct json *setting, const char *key,
                             struct draft *draft)
{
    const struct json *value;
    const char *member;
    void *cursor = NULL;

    while (json_next(setting, &cursor, &member, &value)) {
        if (!is_one_of(bytes_str(member), members))
            return refuse(draft->why, "setting %.60s has an unknown member: %.40s", key,
                          member);
    }
    for (size_t i = 0; validators[i] != NULL; i++) {
        const enum json_kind kind = json_kind(json_get(setting, validators[i]));

        if (kind > JSON_NULL && kind != JSON_OBJECT)
            return refuse(draft->why, "%s of setting %.60s must be an object",
                          validators[i], key);
    }
    return true;
}

static bool has_good_members(const struct json *setting, const char *key,
                             struct draft *draft)
{
    const struct json *description = json_get(setting, "description");

    if (!has_only_members(setting, key, draft))
        return false;
    if (!is_bool_or_missing(json_get(setting, "required")) ||
        !is_bool_or_missing(json_get(setting, "sensitive")) ||
        !is_bool_or_missing(json_get(setting, "deprecated")))
        return refuse(draft->why,
                      "required, sensitive and deprecated of setting %.60s are true or "
                      "false",
                      key);
    if (json_kind(description) > JSON_NULL &&
        (json_kind(description) != JSON_STRING ||
         json_string(description).len > DESCRIPTION_BYTES))
        return refuse(draft->why,
                      "the description of setting %.60s is a text of at most %d bytes",
                      key, DESCRIPTION_BYTES);
    return true;
}

/* The one that every partner's destination has from the start. */
static bool is_as_it_must_be(const struct json *setting, struct bytes key,
                             struct bytes type, struct draft *draft)
{
    const struct json *sensitive = json_get(setting, "sensitive");

    if (!bytes_eq(key, BYTES("apiKey")))
        return true;
    if (bytes_eq(type, BYTES("STRING")) && json_bool(json_get(setting, "required")) &&
        (sensitive == NULL || json_bool(sensitive)))
        return true;
    return refuse(draft->why, "apiKey is fixed: a required and sensitive string");
}

static void write_setting(const struct json *setting, struct bytes key, struct bytes type,
                          struct draft *draft)
{
    struct write *write = &draft->to_settings;
    const struct json *parts = json_get(setting, "settings");

    write_object(write);
    write_member_string(write, "name", key);
    write_member_string(write, "display_name", draft->labels[draft->n]);
    write_member_string(write, "type", type);
    write_member_bool(write, "deprecated", json_bool(json_get(setting, "deprecated")));
    write_member_bool(write, "required", json_bool(json_get(setting, "required")));
    for (size_t i = 0; validators[i] != NULL; i++) {
        if (json_kind(json_get(setting, validators[i])) == JSON_OBJECT)
            write_node(write, validators[i], json_get(setting, validators[i]));
    }
    if (json_kind(parts) == JSON_ARRAY)
        write_node(write, "settings", parts);
    else
        write_member_raw(write, "settings", BYTES("[]"));
    write_member_string(write, "description",
                        json_string(json_get(setting, "description")));
    write_object_end(write);
}

static void keep_setting(const struct json *setting, struct bytes key, struct bytes type,
                         struct draft *draft)
{
    write_setting(setting, key, type, draft);
    if (json_bool(json_get(setting, "sensitive")))
        write_string(&draft->to_sensitive, key);
    draft->keys[draft->n++] = key;
    if (bytes_eq(key, BYTES("apiKey")))
        return;
    write_key_string(&draft->to_zeros, key);
    write_raw(&draft->to_zeros, bytes_str(config_settings_zero(setting)));
}

static bool read_setting(const struct json *setting, struct draft *draft)
{
    struct bytes label = bytes_of(NULL, 0), key = label, type = label;

    if (json_kind(setting) != JSON_OBJECT)
        return refuse(draft->why, "setting %zu must be an object", draft->n + 1);
    if (!read_label(setting, draft, &label) || !read_key(setting, label, draft, &key) ||
        !is_free(key, label, draft))
        return false;
    draft->labels[draft->n] = label;

    const char *text = arena_copy(&draft->arena, key);

    if (!read_type(setting, text, draft, &type) ||
        !has_good_members(setting, text, draft) ||
        !is_as_it_must_be(setting, key, type, draft))
        return false;
    keep_setting(setting, key, type, draft);
    return true;
}

/* --- all of them -------------------------------------------------------------------- */

static void begin(struct draft *draft, char *why)
{
    draft->why = why;
    arena_init(&draft->arena);
    buf_init(&draft->settings, BODY_BYTES);
    buf_init(&draft->sensitive, BODY_BYTES);
    buf_init(&draft->zeros, BODY_BYTES);
    write_init(&draft->to_settings, &draft->settings);
    write_init(&draft->to_sensitive, &draft->sensitive);
    write_init(&draft->to_zeros, &draft->zeros);
    write_array(&draft->to_settings);
    write_array(&draft->to_sensitive);
    write_object(&draft->to_zeros);
}

static void end(struct draft *draft)
{
    write_array_end(&draft->to_settings);
    write_array_end(&draft->to_sensitive);
    write_object_end(&draft->to_zeros);
}

static void draft_done(struct draft *draft)
{
    arena_done(&draft->arena);
    buf_done(&draft->settings);
    buf_done(&draft->sensitive);
    buf_done(&draft->zeros);
}

static bool has_key(const struct draft *draft, struct bytes key)
{
    for (size_t i = 0; i < draft->n; i++) {
        if (bytes_eq(draft->keys[i], key))
            return true;
    }
    return false;
}

static bool read_list(const struct json *item, const struct json *list,
                      struct draft *draft)
{
    if (json_kind(list) != JSON_ARRAY || json_count(list) > MAX_SETTINGS)
        return refuse(draft->why, "settings is a list of at most %d", MAX_SETTINGS);
    for (size_t i = 0; i < json_count(list); i++) {
        if (!read_setting(json_at(list, i), draft))
            return false;
    }
    if (config_settings_find(item, BYTES("apiKey")) != NULL &&
        !has_key(draft, BYTES("apiKey")))
        return refuse(draft->why, "apiKey is fixed: it cannot be removed");
    end(draft);
    if (draft->settings.full || config_settings_header_len(buf_bytes(&draft->zeros)) >
                                    CONFIG_SETTINGS_HEADER_BYTES)
        return refuse(draft->why,
                      "with so many settings X-Segment-Settings is longer than %d bytes "
                      "even when all are empty: use fewer or shorter ones",
                      CONFIG_SETTINGS_HEADER_BYTES);
    return true;
}

/* What customers have typed into a setting that is gone. */
static void forget_values(struct world *world, struct bytes slug, struct bytes key)
{
    struct sql_statement *row = world_use(
        world, "UPDATE destination SET config = json_remove(config, '$.\"' || ?2 || '\"')"
               " WHERE slug = ?1");

    sql_bind_text(row, 1, slug);
    sql_bind_text(row, 2, key);
    world_run(world, row);
}

static void forget_missing(struct world *world, struct bytes slug,
                           const struct json *item, const struct draft *draft)
{
    const struct json *settings = json_get(item, "settings");

    for (size_t i = 0; i < json_count(settings); i++) {
        const struct bytes key = json_string(json_get(json_at(settings, i), "name"));

        if (!has_key(draft, key))
            forget_values(world, slug, key);
    }
}

/* --- the rest ----------------------------------------------------------------------- */

static bool check_name(const struct json *change, char *why)
{
    const struct json *name = json_get(change, "display_name");

    if (name == NULL)
        return true;
    if (json_kind(name) != JSON_STRING || bytes_trim(json_string(name)).len == 0 ||
        json_string(name).len > LABEL_BYTES)
        return refuse(why, "display_name is a text of at most %d bytes", LABEL_BYTES);
    return true;
}

static bool check_methods(const struct json *change, char *why)
{
    static const char *const names[] = {"alias",     "group", "identify",
                                        "page_view", "track", NULL};
    const struct json *methods = json_get(change, "methods");
    const struct json *value;
    const char *key;
    void *cursor = NULL;

    if (methods != NULL && json_kind(methods) != JSON_OBJECT)
        return refuse(why, "methods is an object");
    while (json_next(methods, &cursor, &key, &value)) {
        if (!is_one_of(bytes_str(key), names) || json_kind(value) != JSON_BOOL)
            return refuse(why, "methods are alias, group, identify, page_view and track, "
                               "each true or false");
    }
    return true;
}

static bool check_members(const struct json *change, struct bytes slug, char *why)
{
    static const char *const names[] = {"slug", "display_name", "methods", "settings",
                                        NULL};
    const struct json *value;
    const char *key;
    void *cursor = NULL;

    while (json_next(change, &cursor, &key, &value)) {
        if (!is_one_of(bytes_str(key), names))
            return refuse(why,
                          "only display_name, methods and settings can be changed, not "
                          "%.40s",
                          key);
    }
    if (json_get(change, "slug") != NULL &&
        !bytes_eq(json_string(json_get(change, "slug")), slug))
        return refuse(why, "the slug stays: apps and scopes name it");
    return check_name(change, why) && check_methods(change, why);
}

static void take_over(struct json *item, const struct json *change)
{
    cleanup(json_freep) struct json *methods = json_object();
    const struct json *name = json_get(change, "display_name");

    if (name != NULL)
        json_set_string(item, "display_name", bytes_trim(json_string(name)));
    json_merge(methods, json_get(item, "methods"));
    if (json_get(change, "methods") != NULL)
        json_merge(methods, json_get(change, "methods"));
    json_set(item, "methods", methods);
}

static void save(struct world *world, struct bytes slug, const struct json *item,
                 struct bytes sensitive)
{
    struct sql_statement *row = world_use(
        world, "UPDATE catalog SET display_name = ?2, body = ?3, sensitive ="
               " coalesce(?4, sensitive) WHERE kind = 'destinations' AND slug = ?1");
    cleanup(buf_done) struct buf body = {0};

    buf_init(&body, 2 * BODY_BYTES);
    json_print(item, /* indented= */ false, &body);
    sql_bind_text(row, 1, slug);
    sql_bind_text(row, 2, json_string(json_get(item, "display_name")));
    sql_bind_text(row, 3, buf_bytes(&body));
    sql_bind_text(row, 4, sensitive); /* ptr NULL: as it is */
    world_run(world, row);
}

bool definition_change(struct world *world, struct bytes slug, const struct json *change,
                       char ret_why[CONFIG_WHY_BYTES])
{
    cleanup(json_freep) struct json *item =
        config_settings_item(world, "destinations", slug);
    cleanup(draft_done) struct draft draft = {0};
    const struct json *list = json_get(change, "settings");
    struct err err = {0};

    begin(&draft, ret_why);
    if (item == NULL)
        return refuse(ret_why, "the catalog has no such destination");
    if (!check_members(change, slug, ret_why) ||
        (list != NULL && !read_list(item, list, &draft)))
        return false;
    if (list != NULL) {
        forget_missing(world, slug, item, &draft);
        if (json_set_path(item, "settings", buf_bytes(&draft.settings), &err) < 0)
            return refuse(ret_why, "%s", err.text);
    }
    take_over(item, change);
    save(world, slug, item,
         list != NULL ? buf_bytes(&draft.sensitive) : bytes_of(NULL, 0));
    return true;
}
