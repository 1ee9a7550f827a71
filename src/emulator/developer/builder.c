/* SPDX-License-Identifier: MIT */

#include "emulator/developer/builder.h"

#include "base/err.h"
#include "base/html.h"
#include "emulator/config/definition.h"
#include "emulator/developer/developer.h"
#include "emulator/frame/exchange.h"
#include "emulator/pages/input.h"
#include "emulator/pages/posted.h"
#include "json/json.h"
#include "json/write.h"

enum { BODY_BYTES = 1 << 22, OPTION_LINES = 4 };

#define FORM "#setting"

/* --- the table ---------------------------------------------------------------------- */

/* "/developer?edit=KEY#setting", of this app. */
static const char *edit_path(struct exchange *exchange, const struct app *app,
                             struct bytes key)
{
    const char *path = developer_path(exchange, app, "/developer");

    return arena_printf(&exchange->arena, "%s%sedit=%.*s" FORM, path,
                        strchr(path, '?') != NULL ? "&" : "?", BYTES_FMT(key));
}

static void show_buttons(struct exchange *exchange, const struct app *app,
                         struct bytes key, struct bytes label)
{
    struct buf *out = &exchange->out;

    if (bytes_eq(key, BYTES("apiKey"))) {
        html_add(out, "<td class=\"muted\">fixed</td>");
        return;
    }
    html_addf(out,
              "<td class=\"buttons\"><a class=\"button small\" href=\"%s\">Edit<span "
              "class=\"unseen\"> %b</span></a> <form method=\"post\" class=\"inline\" "
              "action=\"%s\">",
              edit_path(exchange, app, key), &label,
              developer_path(exchange, app, "/developer"));
    input_hidden(out, "do", BYTES("remove-setting"));
    html_addf(out,
              "<button class=\"small\" name=\"key\" value=\"%b\">Remove<span "
              "class=\"unseen\"> %b</span></button></form></td>",
              &key, &label);
}

static void show_setting(struct exchange *exchange, const struct app *app,
                         const struct json *setting, bool is_sensitive)
{
    struct buf *out = &exchange->out;
    const struct bytes label = json_string(json_get(setting, "display_name"));
    const struct bytes key = json_string(json_get(setting, "name"));
    const struct bytes type = json_string(json_get(setting, "type"));
    const struct bytes description = json_string(json_get(setting, "description"));

    html_addf(out,
              "<tr><th scope=\"row\"><bdi>%b</bdi></th><td><code>%b</code></td>"
              "<td>%b</td><td>%s%s</td><td>%b</td>",
              &label, &key, &type,
              json_bool(json_get(setting, "required")) ? "required" : "optional",
              is_sensitive ? ", sensitive" : "", &description);
    show_buttons(exchange, app, key, label);
    html_add(out, "</tr>\n");
}

static void show_table(struct exchange *exchange, const struct app *app,
                       const struct json *item)
{
    struct buf *out = &exchange->out;
    const struct json *settings = json_get(item, "settings");
    cleanup(json_freep) struct json *sensitive =
        definition_sensitive(exchange->world, app->slug);

    html_add(out, "<table class=\"folds\"><thead><tr><th scope=\"col\">Label</th><th "
                  "scope=\"col\">Key</th><th scope=\"col\">Type</th><th "
                  "scope=\"col\">Required</th><th scope=\"col\">Description</th><td>"
                  "</td></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < json_count(settings); i++) {
        const struct json *setting = json_at(settings, i);

        show_setting(exchange, app, setting, definition_is_sensitive(sensitive, setting));
    }
    html_add(out, "</tbody></table>\n");
}

/* --- the form ----------------------------------------------------------------------- */

/* What stands in the form. */
struct fields {
    struct bytes key; /* of the one that is edited; empty: a new one */
    struct bytes label, description, type, options;
    bool is_required, is_sensitive;
};

/* One a line. */
static struct bytes print_options(struct exchange *exchange, const struct json *setting)
{
    const struct json *options = json_path(setting, "select_validators.select_options");
    cleanup(buf_done) struct buf text = {0};

    buf_init(&text, BODY_BYTES);
    for (size_t i = 0; i < json_count(options); i++) {
        buf_add(&text, json_string(json_at(options, i)));
        buf_add_char(&text, '\n');
    }
    return bytes_of(arena_copy(&exchange->arena, buf_bytes(&text)), text.len);
}

static void read_setting(struct exchange *exchange, const struct app *app,
                         const struct json *setting, struct fields *ret_fields)
{
    cleanup(json_freep) struct json *sensitive =
        definition_sensitive(exchange->world, app->slug);

    *ret_fields = (struct fields){
        .key = json_string(json_get(setting, "name")),
        .label = json_string(json_get(setting, "display_name")),
        .description = json_string(json_get(setting, "description")),
        .type = json_string(json_get(setting, "type")),
        .options = print_options(exchange, setting),
        .is_required = json_bool(json_get(setting, "required")),
        .is_sensitive = definition_is_sensitive(sensitive, setting),
    };
}

static void read_form(struct exchange *exchange, struct fields *ret_fields)
{
    *ret_fields = (struct fields){
        .key = posted_field(exchange, "key"),
        .label = posted_field(exchange, "label"),
        .description = posted_field(exchange, "description"),
        .type = posted_field(exchange, "type"),
        .options = posted_text(exchange, "options"),
        .is_required = posted_is(exchange, "required", "true"),
        .is_sensitive = posted_is(exchange, "sensitive", "true"),
    };
}

static void choose_fields(struct exchange *exchange, const struct app *app,
                          const struct json *item, struct fields *ret_fields)
{
    const struct json *setting =
        config_settings_find(item, exchange_query(exchange, "edit"));

    *ret_fields = (struct fields){0};
    if (posted_is(exchange, "do", "setting"))
        read_form(exchange, ret_fields);
    else if (setting != NULL &&
             !bytes_eq(exchange_query(exchange, "edit"), BYTES("apiKey")))
        read_setting(exchange, app, setting, ret_fields);
}

static void show_types(struct buf *out, struct bytes chosen)
{
    input_choice_begin(out, "type", BYTES("Type"));
    for (size_t i = 0; definition_types[i] != NULL; i++) {
        const struct bytes type = bytes_str(definition_types[i]);

        input_option(out, type, type, bytes_eq(type, chosen));
    }
    input_choice_end(out, BYTES(""));
}

static void show_fields(struct buf *out, const struct fields *fields)
{
    input_show(out, &(struct input){.name = "label",
                                    .label = BYTES("Label"),
                                    .value = fields->label,
                                    .hint = fields->key.len > 0
                                                ? BYTES("What customers read. The key "
                                                        "stays.")
                                                : BYTES("The key is made from it: "
                                                        "“Custom Setting One” becomes "
                                                        "customSettingOne."),
                                    .is_required = true});
    input_show(out, &(struct input){.name = "description",
                                    .label = BYTES("Description"),
                                    .value = fields->description});
    show_types(out, fields->type);
    input_show(out, &(struct input){.name = "options",
                                    .label = BYTES("Options"),
                                    .value = fields->options,
                                    .hint = BYTES("Of a SELECT, one a line."),
                                    .n_lines = OPTION_LINES});
    input_tick(out, "required", BYTES("Required to turn the destination on"),
               fields->is_required);
    input_tick(out, "sensitive", BYTES("Sensitive: pages show dots in its place"),
               fields->is_sensitive);
}

static void show_form(struct exchange *exchange, const struct app *app,
                      const struct fields *fields)
{
    struct buf *out = &exchange->out;
    const char *path = developer_path(exchange, app, "/developer");

    html_add(out, "<section class=\"panel\" id=\"setting\">");
    if (fields->key.len > 0)
        html_addf(out, "<h3>Edit <code>%b</code></h3>\n", &fields->key);
    else
        html_add(out, "<h3>Add a setting</h3>\n");
    input_form(out, path);
    input_hidden(out, "do", BYTES("setting"));
    input_hidden(out, "key", fields->key);
    show_fields(out, fields);
    html_addf(out, "<div class=\"row\"><button class=\"main\">%s</button>",
              fields->key.len > 0 ? "Save setting" : "Add setting");
    if (fields->key.len > 0)
        html_addf(out, "<a href=\"%s\">Leave it as it is</a>", path);
    html_add(out, "</div></form></section>\n");
}

void builder_show(struct exchange *exchange, const struct app *app)
{
    struct buf *out = &exchange->out;
    cleanup(json_freep) struct json *item =
        config_settings_item(exchange->world, "destinations", app->slug);
    struct fields fields;

    if (item == NULL)
        return;
    html_addf(out,
              "<h2>Settings Builder</h2>\n<p class=\"hint\">What a customer fills in. "
              "<code>apiKey</code> arrives as Basic authorization, all others by their "
              "key in <code>X-Segment-Settings</code>. They are those of the catalog "
              "item <a href=\"/catalog/destinations/%b\">%b</a>; as JSON: <code>GET and "
              "PUT /_emulator/catalog/destinations/%b</code>.</p>\n",
              &app->slug, &app->slug, &app->slug);
    show_table(exchange, app, item);
    choose_fields(exchange, app, item, &fields);
    show_form(exchange, app, &fields);
}

/* --- what it does ------------------------------------------------------------------- */

static void write_options(struct bytes lines, struct write *write)
{
    write_key(write, "select_validators");
    write_object(write);
    write_key(write, "select_options");
    write_array(write);
    while (lines.len > 0) {
        const struct bytes option = bytes_trim(bytes_take_until(&lines, '\n'));

        if (option.len > 0)
            write_string(write, option);
    }
    write_array_end(write);
    write_object_end(write);
}

static void write_fields(const struct fields *fields, struct write *write)
{
    write_object(write);
    if (fields->key.len > 0)
        write_member_string(write, "name", fields->key);
    write_member_string(write, "display_name", fields->label);
    write_member_string(write, "description", fields->description);
    write_member_string(write, "type", fields->type);
    write_member_bool(write, "required", fields->is_required);
    write_member_bool(write, "sensitive", fields->is_sensitive);
    if (bytes_eq(fields->type, BYTES("SELECT")))
        write_options(fields->options, write);
    write_object_end(write);
}

/* The list as it is but for the one called @fields->key, which is replaced, or goes. */
static void write_settings(struct exchange *exchange, const struct app *app,
                           const struct fields *fields, bool goes, struct write *write)
{
    cleanup(json_freep) struct json *item =
        config_settings_item(exchange->world, "destinations", app->slug);
    cleanup(json_freep) struct json *sensitive =
        definition_sensitive(exchange->world, app->slug);
    const struct json *settings = json_get(item, "settings");
    bool is_found = false;

    for (size_t i = 0; i < json_count(settings); i++) {
        const struct json *setting = json_at(settings, i);

        if (!bytes_eq(json_string(json_get(setting, "name")), fields->key)) {
            definition_write_setting(setting, definition_is_sensitive(sensitive, setting),
                                     write);
            continue;
        }
        is_found = true;
        if (!goes)
            write_fields(fields, write);
    }
    if (!is_found && !goes)
        write_fields(fields, write);
}

const char *builder_post(struct exchange *exchange, const struct app *app)
{
    const bool goes = posted_is(exchange, "do", "remove-setting");
    cleanup(buf_done) struct buf text = {0};
    cleanup(json_freep) struct json *change = NULL;
    char why[CONFIG_WHY_BYTES] = "";
    struct err err = {0};
    struct fields fields;
    struct write write;

    buf_init(&text, BODY_BYTES);
    write_init(&write, &text);
    read_form(exchange, &fields);
    write_object(&write);
    write_key(&write, "settings");
    write_array(&write);
    write_settings(exchange, app, &fields, goes, &write);
    write_array_end(&write);
    write_object_end(&write);
    if (json_parse(buf_bytes(&text), &change, &err) < 0)
        return arena_text(&exchange->arena, err.text);
    if (definition_change(exchange->world, app->slug, change, why))
        return NULL;
    return arena_text(&exchange->arena, why);
}
