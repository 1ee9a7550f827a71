/* SPDX-License-Identifier: MIT */

#include "emulator/config/settings.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/err.h"
#include "emulator/config/answer.h"
#include "emulator/world/world.h"
#include "segment/pattern.h"
#include "json/json.h"
#include "json/write.h"

enum { VALUE_BYTES = 16 << 20, MAX_ENTRIES = 1000, NAME_BYTES = 1024 };

#define MASK "••••••••"

/* What is judged, and where to say why it is not good. */
struct judge {
    const struct json *setting;
    char *why;
};

printf_like(2, 3) static bool refuse(const struct judge *judge, const char *format, ...)
{
    const struct bytes name = json_string(json_get(judge->setting, "name"));
    char said[CONFIG_WHY_BYTES / 2];
    va_list args;

    va_start(args, format);
    vsnprintf(said, sizeof(said), format, args);
    va_end(args);
    snprintf(judge->why, CONFIG_WHY_BYTES, "setting %.100s %s",
             name.len > 0 ? name.ptr : "?", said);
    return false;
}

/* --- the catalog -------------------------------------------------------------------- */

struct json *config_settings_item(struct world *world, const char *kind,
                                  struct bytes slug)
{
    struct sql_statement *row =
        world_use(world, "SELECT body FROM catalog WHERE kind = ?1 AND slug = ?2");
    struct json *item = NULL;
    struct err err = {0};

    sql_bind_text(row, 1, bytes_str(kind));
    sql_bind_text(row, 2, slug);
    if (world_step(world, row) && json_parse(sql_bytes(row, 0), &item, &err) < 0)
        item = NULL; /* somebody has put it there by hand */
    sql_reset(row);
    return item;
}

const struct json *config_settings_find(const struct json *item, struct bytes key)
{
    const struct json *list = json_get(item, "settings");

    for (size_t i = 0; i < json_count(list); i++) {
        const struct json *setting = json_at(list, i);

        if (bytes_eq(json_string(json_get(setting, "name")), key))
            return setting;
    }
    return NULL;
}

static bool is_type(const struct json *setting, const char *type)
{
    return bytes_eq(json_string(json_get(setting, "type")), bytes_str(type));
}

const char *config_settings_zero(const struct json *setting)
{
    static const struct {
        const char *type, *zero;
    } zeros[] = {{"BOOLEAN", "false"},
                 {"NUMBER", "0"},
                 {"LIST", "[]"},
                 {"MIXED", "[]"},
                 {"MAP", "{}"}};

    for (size_t i = 0; i < COUNT(zeros); i++) {
        if (is_type(setting, zeros[i].type))
            return zeros[i].zero;
    }
    return "\"\"";
}

/* --- validators --------------------------------------------------------------------- */

static bool has_option(const struct json *options, struct bytes text)
{
    for (size_t i = 0; i < json_count(options); i++) {
        if (bytes_eq(json_string(json_at(options, i)), text))
            return true;
    }
    return json_count(options) == 0;
}

static bool fits_pattern(const struct json *validators, struct bytes text)
{
    const struct bytes pattern = json_string(json_get(validators, "regexp"));

    /* One that is beyond us must not make a destination impossible. */
    return pattern.len == 0 || pattern_match(pattern, text) != PATTERN_DIFFERS;
}

static bool judge_text(const struct judge *judge, const struct json *value)
{
    const struct json *setting = judge->setting;
    const struct bytes text = json_string(value);

    if (json_kind(value) != JSON_STRING)
        return refuse(judge, "must be a text");
    if (text.len == 0)
        return true;
    if (!fits_pattern(json_get(setting, "string_validators"), text))
        return refuse(judge, "does not match %.80s",
                      json_string(json_path(setting, "string_validators.regexp")).ptr);
    if (!has_option(json_path(setting, "select_validators.select_options"), text))
        return refuse(judge, "is none of its options");
    return true;
}

static bool is_number(const struct json *json)
{
    return json_kind(json) == JSON_INTEGER || json_kind(json) == JSON_REAL;
}

static bool judge_number(const struct judge *judge, const struct json *value)
{
    const struct json *min = json_path(judge->setting, "number_validators.min");
    const struct json *max = json_path(judge->setting, "number_validators.max");

    if (!is_number(value))
        return refuse(judge, "must be a number");
    if (is_number(min) && json_double(value) < json_double(min))
        return refuse(judge, "must be at least %g", json_double(min));
    if (is_number(max) && json_double(value) > json_double(max))
        return refuse(judge, "must be at most %g", json_double(max));
    return true;
}

static bool judge_elements(const struct judge *judge, const struct json *value,
                           enum json_kind kind, const char *what)
{
    if (json_kind(value) != JSON_ARRAY)
        return refuse(judge, "must be a list of %s", what);
    for (size_t i = 0; i < json_count(value); i++) {
        if (json_kind(json_at(value, i)) != kind)
            return refuse(judge, "must be a list of %s", what);
    }
    return true;
}

/* Segment does not say what the bounds of a map count: here its entries. */
static bool judge_map(const struct judge *judge, const struct json *value)
{
    const struct json *validators = json_get(judge->setting, "map_validators");
    const int64_t n_max = json_i64(json_get(validators, "max"));
    const struct json *entry;
    const char *key;
    void *cursor = NULL;

    if (json_kind(value) != JSON_OBJECT)
        return refuse(judge, "must be an object");
    if ((int64_t)json_count(value) < json_i64(json_get(validators, "min")) ||
        (n_max > 0 && (int64_t)json_count(value) > n_max))
        return refuse(judge, "has too few or too many entries");
    while (json_next(value, &cursor, &key, &entry)) {
        if (json_kind(entry) != JSON_STRING)
            continue;
        if (!fits_pattern(validators, json_string(entry)) ||
            !has_option(json_get(validators, "select_options"), json_string(entry)))
            return refuse(judge, "has the value of %.40s that its validator refuses",
                          key);
    }
    return true;
}

/* Of booleans too; strings that mean one have been replaced before. */
static bool judge_value(const struct judge *judge, const struct json *value)
{
    if (is_type(judge->setting, "BOOLEAN"))
        return json_kind(value) == JSON_BOOL || refuse(judge, "must be true or false");
    if (is_type(judge->setting, "NUMBER"))
        return judge_number(judge, value);
    if (is_type(judge->setting, "LIST"))
        return judge_elements(judge, value, JSON_STRING, "texts");
    if (is_type(judge->setting, "MIXED"))
        return judge_elements(judge, value, JSON_OBJECT, "objects");
    if (is_type(judge->setting, "MAP"))
        return judge_map(judge, value);
    return judge_text(judge, value);
}

/* --- changing ----------------------------------------------------------------------- */

/* true for "true"; NULL when @value means no boolean. */
static struct json *boolean_of(const struct json *setting, const struct json *value)
{
    const struct bytes text = json_string(value);
    struct json *boolean = NULL;
    struct err err = {0};

    if (!is_type(setting, "BOOLEAN") ||
        (!bytes_eq(text, BYTES("true")) && !bytes_eq(text, BYTES("false"))) ||
        json_parse(text, &boolean, &err) < 0)
        return NULL;
    return boolean;
}

bool config_settings_set(const struct json *item, struct json *values, struct bytes key,
                         const struct json *value, char ret_why[CONFIG_WHY_BYTES])
{
    const struct judge judge = {.setting = config_settings_find(item, key),
                                .why = ret_why};
    cleanup(json_freep) struct json *boolean = NULL;

    if (judge.setting == NULL) {
        snprintf(ret_why, CONFIG_WHY_BYTES, "unknown setting %.*s",
                 key.len < 100 ? (int)key.len : 100, key.len > 0 ? key.ptr : "");
        return false;
    }
    boolean = boolean_of(judge.setting, value);
    if (boolean != NULL)
        value = boolean;
    if (json_kind(value) == JSON_MISSING || json_kind(value) == JSON_NULL)
        value = NULL;
    else if (!judge_value(&judge, value))
        return false;
    json_set(values, json_string(json_get(judge.setting, "name")).ptr, value);
    return true;
}

bool config_settings_merge(const struct json *item, struct json *values,
                           struct bytes destination, const struct json *list,
                           char ret_why[CONFIG_WHY_BYTES])
{
    const struct bytes middle = BYTES("/config/");

    snprintf(ret_why, CONFIG_WHY_BYTES,
             "config must be a list of at most %d {\"name\", \"value\"}", MAX_ENTRIES);
    if (json_kind(list) != JSON_ARRAY || json_count(list) > MAX_ENTRIES)
        return false;
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json *entry = json_at(list, i);
        const struct bytes name = json_string(json_get(entry, "name"));
        const struct bytes rest = bytes_slice(name, destination.len, name.len);

        if (!bytes_starts(name, destination) || !bytes_starts(rest, middle)) {
            snprintf(ret_why, CONFIG_WHY_BYTES,
                     "config[%zu].name must begin with the destination's name and "
                     "/config/",
                     i);
            return false;
        }
        if (!config_settings_set(item, values, bytes_slice(rest, middle.len, rest.len),
                                 json_get(entry, "value"), ret_why))
            return false;
    }
    return true;
}

static bool is_set(const struct json *value)
{
    return json_kind(value) != JSON_MISSING && json_kind(value) != JSON_NULL &&
           (json_kind(value) != JSON_STRING || json_string(value).len > 0);
}

static const struct json *value_of(const struct json *values, const struct json *setting)
{
    const struct bytes name = json_string(json_get(setting, "name"));

    return name.len > 0 ? json_get(values, name.ptr) : NULL;
}

bool config_settings_are_complete(const struct json *item, const struct json *values,
                                  char ret_why[CONFIG_WHY_BYTES])
{
    const struct json *list = json_get(item, "settings");

    for (size_t i = 0; i < json_count(list); i++) {
        const struct judge judge = {.setting = json_at(list, i), .why = ret_why};

        if (json_bool(json_get(judge.setting, "required")) &&
            !is_set(value_of(values, judge.setting)))
            return refuse(&judge, "is required");
    }
    return true;
}

/* --- the header --------------------------------------------------------------------- */

size_t config_settings_header_len(struct bytes json)
{
    return (json.len + 2) / 3 * 4; /* base64, with its padding */
}

static bool has_header(struct bytes slug)
{
    static const char *const without[] = {"webhooks", "actions-webhook", "amazon-lambda"};

    for (size_t i = 0; i < COUNT(without); i++) {
        if (bytes_eq(slug, bytes_str(without[i])))
            return false;
    }
    return true;
}

bool config_settings_fit(struct bytes slug, const struct json *values,
                         char ret_why[CONFIG_WHY_BYTES])
{
    cleanup(json_freep) struct json *sent = json_object();
    cleanup(buf_done) struct buf text = {0};
    size_t len;

    json_merge(sent, values);
    json_set(sent, "apiKey", NULL); /* that goes as Authorization */
    buf_init(&text, VALUE_BYTES);
    config_settings_print(sent, &text);
    len = config_settings_header_len(buf_bytes(&text));
    if (!has_header(slug) || (!text.full && len <= CONFIG_SETTINGS_HEADER_BYTES))
        return true;
    snprintf(ret_why, CONFIG_WHY_BYTES,
             "the settings make an X-Segment-Settings of %zu bytes; it has %d at most",
             len, CONFIG_SETTINGS_HEADER_BYTES);
    return false;
}

/* --- showing ------------------------------------------------------------------------ */

/* apiKey is predefined, and sensitive, in the Settings Builder (dossier §3.3). */
static bool is_sensitive(const struct json *setting)
{
    return is_type(setting, "PASSWORD") ||
           bytes_eq(json_string(json_get(setting, "name")), BYTES("apiKey"));
}

void config_settings_redact(const struct json *item, struct json *values)
{
    const struct json *list = json_get(item, "settings");

    for (size_t i = 0; i < json_count(list); i++) {
        const struct json *setting = json_at(list, i);

        if (is_sensitive(setting) && is_set(value_of(values, setting)))
            json_set_string(values, json_string(json_get(setting, "name")).ptr,
                            BYTES(MASK));
    }
}

static void write_value(struct write *write, const char *key, const struct json *value)
{
    cleanup(buf_done) struct buf text = {0};

    if (json_kind(value) == JSON_NULL)
        return;
    buf_init(&text, VALUE_BYTES);
    json_print(value, /* indented= */ false, &text);
    write_key_string(write, bytes_str(key));
    write_raw(write, buf_bytes(&text));
}

void config_settings_print(const struct json *values, struct buf *ret_text)
{
    const struct json *value;
    const char *key;
    void *cursor = NULL;
    struct write write;

    write_init(&write, ret_text);
    write_object(&write);
    while (json_next(values, &cursor, &key, &value))
        write_value(&write, key, value);
    write_object_end(&write);
}

/* The catalog says STRING, a destination's config string. */
static void write_type(struct write *write, struct bytes type)
{
    char lower[32];
    size_t len = 0;

    for (; len < type.len && len + 1 < sizeof(lower); len++) {
        const char c = type.ptr[len];

        lower[len] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    write_member_string(write, "type", bytes_of(lower, len));
}

static void write_entry(const struct json *setting, const struct json *value,
                        struct bytes destination, struct write *write)
{
    char name[NAME_BYTES];

    snprintf(name, sizeof(name), "%.*s/config/%.*s", BYTES_FMT(destination),
             BYTES_FMT(json_string(json_get(setting, "name"))));
    write_object(write);
    write_member_text(write, "name", name);
    write_member_string(write, "display_name",
                        json_string(json_get(setting, "display_name")));
    config_write_node(write, "value", value, config_settings_zero(setting));
    write_type(write, json_string(json_get(setting, "type")));
    write_object_end(write);
}

void config_settings_write_list(const struct json *item, const struct json *values,
                                struct bytes destination, struct write *write)
{
    const struct json *list = json_get(item, "settings");

    write_array(write);
    for (size_t i = 0; i < json_count(list); i++)
        write_entry(json_at(list, i), value_of(values, json_at(list, i)), destination,
                    write);
    write_array_end(write);
}
