/* SPDX-License-Identifier: MIT */

/* The schema config of a source: what happens to events that no plan knows (dossier
 * §7.4). Kept and shown; the pipeline of the local Segment lets everything through. */

#include <stdio.h>

#include "base/err.h"
#include "emulator/config/answer.h"
#include "emulator/config/input.h"
#include "emulator/config/routes.h"
#include "emulator/frame/exchange.h"
#include "emulator/world/world.h"
#include "segment/name.h"
#include "json/json.h"
#include "json/write.h"

enum { STORED_BYTES = 64 << 10 };

#define RESOURCE "schema_config"
#define OMIT_PROPERTIES "ALLOW OMIT_PROPERTIES BLOCK"
#define OMIT_TRAITS "ALLOW OMIT_TRAITS BLOCK"

static const struct field {
    const char *name;
    const char *words; /* of an enum; "": any text; NULL: true or false */
} fields[] = {
    {"allow_unplanned_track_events", NULL},
    {"allow_unplanned_identify_traits", NULL},
    {"allow_unplanned_group_traits", NULL},
    {"allow_unplanned_track_event_properties", NULL},
    {"allow_track_event_on_violations", NULL},
    {"allow_identify_traits_on_violations", NULL},
    {"allow_group_traits_on_violations", NULL},
    {"allow_track_properties_on_violations", NULL},
    {"forwarding_blocked_events_to", ""},
    {"forwarding_violations_to", ""},
    {"common_track_event_on_violations", OMIT_PROPERTIES},
    {"common_identify_event_on_violations", OMIT_TRAITS},
    {"common_group_event_on_violations", OMIT_TRAITS},
};

static struct json *read_stored(struct exchange *exchange, struct bytes source)
{
    struct sql_statement *row =
        world_use(exchange->world, "SELECT schema_config FROM source WHERE name = ?1");
    struct json *stored = NULL;
    struct err err = {0};

    sql_bind_text(row, 1, source);
    if (!world_step(exchange->world, row) ||
        json_parse(sql_bytes(row, 0), &stored, &err) < 0)
        stored = json_object();
    sql_reset(row);
    return stored;
}

/* Everything is let through until somebody says otherwise. */
static const char *default_of(const struct field *field)
{
    if (field->words == NULL)
        return "true";
    return field->words[0] == '\0' ? "\"\"" : "\"ALLOW\"";
}

static void answer(struct exchange *exchange, const struct json *stored)
{
    struct bytes source = config_name(exchange, 2);
    struct write write;
    char name[NAME_MAX_BYTES + 32];

    snprintf(name, sizeof(name), "%.*s/schema-config", BYTES_FMT(source));
    config_begin(exchange, &write);
    write_object(&write);
    write_member_text(&write, "name", name);
    write_member_string(&write, "parent", source);
    for (size_t i = 0; i < COUNT(fields); i++)
        config_write_node(&write, fields[i].name, json_get(stored, fields[i].name),
                          default_of(&fields[i]));
    write_object_end(&write);
    config_send(exchange);
}

void config_get_schema(struct exchange *exchange)
{
    cleanup(json_freep) struct json *stored = NULL;

    if (!config_has_parent(exchange, 2))
        return;
    stored = read_stored(exchange, config_name(exchange, 2));
    answer(exchange, stored);
}

static bool is_word(const char *words, struct bytes text)
{
    struct bytes rest = bytes_str(words);

    while (rest.len > 0) {
        if (bytes_eq(bytes_take_until(&rest, ' '), text))
            return true;
    }
    return words[0] == '\0';
}

static bool set_bool(struct exchange *exchange, const struct field *field,
                     const struct json *resource, struct json *stored)
{
    struct err err = {0};
    bool value = false;

    return config_read_bool(exchange, resource, field->name, &value) &&
           json_set_path(stored, field->name, value ? BYTES("true") : BYTES("false"),
                         &err) == 0;
}

/* Named without a value it is the zero value: false, "", the first word. */
static bool set_field(struct exchange *exchange, const struct field *field,
                      const struct json *resource, struct json *stored)
{
    struct bytes text = bytes_of(NULL, 0);

    if (field->words == NULL)
        return set_bool(exchange, field, resource, stored);
    if (!config_read_text(exchange, resource, field->name, &text))
        return false;
    if (text.len == 0 && field->words[0] != '\0')
        text = BYTES("ALLOW");
    if (!is_word(field->words, text)) {
        config_refuse(exchange, CONFIG_INVALID, "%s must be one of %s", field->name,
                      field->words);
        return false;
    }
    json_set_string(stored, field->name, text);
    return true;
}

static bool apply(struct exchange *exchange, const struct json *body, struct json *stored)
{
    const struct json *resource = config_resource(body, RESOURCE);
    const char *names[COUNT(fields) + 1] = {0};
    struct mask mask;

    for (size_t i = 0; i < COUNT(fields); i++)
        names[i] = fields[i].name;
    if (!config_read_mask(exchange, body, RESOURCE, names, &mask))
        return false;
    for (size_t i = 0; i < COUNT(fields); i++) {
        if (mask_has(&mask, fields[i].name) &&
            !set_field(exchange, &fields[i], resource, stored))
            return false;
    }
    return true;
}

static void store(struct exchange *exchange, const struct json *stored)
{
    struct sql_statement *row = world_use(
        exchange->world, "UPDATE source SET schema_config = ?2 WHERE name = ?1");
    cleanup(buf_done) struct buf text = {0};

    buf_init(&text, STORED_BYTES);
    json_print(stored, /* indented= */ false, &text);
    sql_bind_text(row, 1, config_name(exchange, 2));
    sql_bind_text(row, 2, buf_bytes(&text));
    world_run(exchange->world, row);
}

void config_update_schema(struct exchange *exchange)
{
    cleanup(json_freep) struct json *stored = NULL;
    cleanup(json_freep) struct json *body = NULL;

    if (!config_has_parent(exchange, 2))
        return;
    body = config_read_body(exchange);
    stored = read_stored(exchange, config_name(exchange, 2));
    if (body == NULL || !apply(exchange, body, stored))
        return;
    store(exchange, stored);
    answer(exchange, stored);
}
