/* SPDX-License-Identifier: MIT */

#include "emulator/pages/settings_form.h"

#include "base/err.h"
#include "base/html.h"
#include "emulator/config/definition.h"
#include "emulator/frame/exchange.h"
#include "emulator/pages/input.h"
#include "emulator/pages/posted.h"
#include "json/json.h"

enum { VALUE_BYTES = 65536, JSON_LINES = 4 };

static bool has_type(const struct json *setting, const char *type)
{
    return bytes_eq(json_string(json_get(setting, "type")), bytes_str(type));
}

static bool is_json(const struct json *setting)
{
    return has_type(setting, "LIST") || has_type(setting, "MAP") ||
           has_type(setting, "MIXED");
}

static bool is_left_out(const struct settings_form *form, const struct json *setting)
{
    return form->but != NULL &&
           bytes_eq(json_string(json_get(setting, "name")), bytes_str(form->but));
}

static const char *field_name(struct exchange *exchange, const struct json *setting)
{
    return arena_printf(&exchange->arena, "s-%.*s",
                        BYTES_FMT(json_string(json_get(setting, "name"))));
}

/* --- showing ------------------------------------------------------------------------ */

static struct bytes print_value(struct exchange *exchange, const struct json *value)
{
    cleanup(buf_done) struct buf text = {0};

    if (json_kind(value) == JSON_STRING)
        return json_string(value);
    if (json_kind(value) <= JSON_NULL)
        return BYTES("");
    buf_init(&text, VALUE_BYTES);
    json_print(value, /* indented= */ true, &text);
    return bytes_of(arena_copy(&exchange->arena, buf_bytes(&text)), text.len);
}

static struct bytes current_value(struct exchange *exchange,
                                  const struct settings_form *form,
                                  const struct json *setting, const char *field)
{
    const struct bytes key = json_string(json_get(setting, "name"));

    if (form->is_posted)
        return posted_text(exchange, field);
    return print_value(exchange,
                       json_get(form->values, arena_copy(&exchange->arena, key)));
}

/* "apiKey · string · required · The key that …" */
static struct bytes print_hint(struct exchange *exchange, const struct json *setting)
{
    const struct bytes description = json_string(json_get(setting, "description"));
    char *hint = arena_printf(
        &exchange->arena, "%.*s · %.*s%s%s%.*s",
        BYTES_FMT(json_string(json_get(setting, "name"))),
        BYTES_FMT(json_string(json_get(setting, "type"))),
        json_bool(json_get(setting, "required")) ? " · required to turn it on" : "",
        description.len > 0 ? " · " : "", BYTES_FMT(description));

    return bytes_str(hint);
}

static void show_choice(struct exchange *exchange, const struct json *setting,
                        const char *field, struct bytes value)
{
    struct buf *out = &exchange->out;
    const struct json *options = json_path(setting, "select_validators.select_options");

    input_choice_begin(out, field, json_string(json_get(setting, "display_name")));
    input_option(out, BYTES(""), BYTES("(not set)"), value.len == 0);
    for (size_t i = 0; i < json_count(options); i++) {
        const struct bytes option = json_string(json_at(options, i));

        input_option(out, option, option, bytes_eq(option, value));
    }
    input_choice_end(out, print_hint(exchange, setting));
}

static void show_field(struct exchange *exchange, const struct settings_form *form,
                       const struct json *setting)
{
    const char *field = field_name(exchange, setting);
    const struct bytes value = current_value(exchange, form, setting, field);
    const struct bytes label = json_string(json_get(setting, "display_name"));

    if (has_type(setting, "BOOLEAN")) {
        input_tick(&exchange->out, field, label, bytes_eq(value, BYTES("true")));
        return;
    }
    if (has_type(setting, "SELECT")) {
        show_choice(exchange, setting, field, value);
        return;
    }
    /* Not `required`: what is missing may be saved as long as it is turned off. */
    input_show(
        &exchange->out,
        &(struct input){.name = field,
                        .label = label,
                        .value = value,
                        .hint = print_hint(exchange, setting),
                        .is_secret = definition_is_sensitive(form->sensitive, setting),
                        .n_lines = is_json(setting) ? JSON_LINES : 0});
}

void settings_form_show(struct exchange *exchange, const struct settings_form *form)
{
    const struct json *settings = json_get(form->item, "settings");

    for (size_t i = 0; i < json_count(settings); i++) {
        if (!is_left_out(form, json_at(settings, i)))
            show_field(exchange, form, json_at(settings, i));
    }
}

/* --- reading ------------------------------------------------------------------------ */

/* Sets "value" of @holder: what the text means for this type; null when it is empty. */
static void take_value(const struct json *setting, struct bytes text, struct json *holder)
{
    struct err err = {0};

    if (has_type(setting, "BOOLEAN"))
        text = text.len > 0 ? BYTES("true") : BYTES("false");
    else if (text.len == 0)
        text = BYTES("null");
    else if (!is_json(setting) && !has_type(setting, "NUMBER")) {
        json_set_string(holder, "value", text);
        return;
    }
    if (json_set_path(holder, "value", text, &err) < 0)
        json_set_string(holder, "value", text); /* refused as what it is not */
}

bool settings_form_read(struct exchange *exchange, const struct settings_form *form,
                        struct json *values, char ret_why[CONFIG_WHY_BYTES])
{
    const struct json *settings = json_get(form->item, "settings");

    for (size_t i = 0; i < json_count(settings); i++) {
        const struct json *setting = json_at(settings, i);
        cleanup(json_freep) struct json *holder = json_object();

        if (is_left_out(form, setting))
            continue;
        take_value(setting, posted_text(exchange, field_name(exchange, setting)), holder);
        if (!config_settings_set(form->item, values,
                                 json_string(json_get(setting, "name")),
                                 json_get(holder, "value"), ret_why))
            return false;
    }
    return true;
}
