/* SPDX-License-Identifier: MIT */

#include "cli/segment_show.h"

#include "base/attr.h"
#include "cli/call.h"
#include "cli/columns.h"
#include "core/segment_setting.h"
#include "json/json.h"
#include "json/write.h"

enum { TEXT_BYTES = 8 << 20, N_COLUMNS = 5 };

#define MASK "••••"
#define INDENT "  "

void segment_show_json(const struct call *call, struct bytes body)
{
    cleanup(buf_done) struct buf text = {0};
    cleanup(json_freep) struct json *json = NULL;
    struct write write;

    buf_init(&text, TEXT_BYTES);
    write_init(&write, &text);
    body = bytes_trim(body);
    if (body.len == 0)
        return;
    if (json_parse(body, &json, NULL) < 0)
        buf_add(&text, body);
    else if (call->wants_json)
        write_compact(&write, body);
    else
        json_print(json, /* indented= */ true, &text);
    print_record(&call->out, bytes_trim(buf_bytes(&text)));
}

/* --- lists -------------------------------------------------------------------------- */

struct view {
    const char *titles;
    const char *members[N_COLUMNS]; /* dotted paths, one a title */
};

static const struct view views[][2] = {
    [SEGMENT_WORKSPACES] =
        {
            {"NAME DISPLAY_NAME ID", {"name", "display_name", "id"}},
            {"ID SLUG NAME", {"id", "slug", "name"}},
        },
    [SEGMENT_SOURCES] =
        {
            {"NAME CATALOG CREATED", {"name", "catalog_name", "create_time"}},
            {"ID SLUG NAME ENABLED KIND",
             {"id", "slug", "name", "enabled", "metadata.slug"}},
        },
    [SEGMENT_DESTINATIONS] =
        {
            {"NAME DISPLAY_NAME ENABLED MODE UPDATED",
             {"name", "display_name", "enabled", "connection_mode", "update_time"}},
            {"ID NAME ENABLED KIND SOURCE",
             {"id", "name", "enabled", "metadata.slug", "sourceId"}},
        },
    [SEGMENT_CATALOG_DESTINATIONS] =
        {
            {"NAME DISPLAY_NAME TYPE STATUS", {"name", "display_name", "type", "status"}},
            {"ID SLUG NAME STATUS", {"id", "slug", "name", "status"}},
        },
    [SEGMENT_CATALOG_SOURCES] =
        {
            {"NAME DISPLAY_NAME", {"name", "display_name"}},
            {"ID SLUG NAME", {"id", "slug", "name"}},
        },
};

static void add_text(const struct json *value, struct buf *text)
{
    if (json_kind(value) == JSON_STRING)
        buf_add(text, json_string(value));
    else if (json_kind(value) != JSON_MISSING && json_kind(value) != JSON_NULL)
        json_print(value, /* indented= */ false, text);
}

static void add_row(struct columns *columns, const struct view *view,
                    const struct json *row)
{
    for (size_t i = 0; i < N_COLUMNS && view->members[i] != NULL; i++) {
        cleanup(buf_done) struct buf text = {0};

        buf_init(&text, TEXT_BYTES);
        add_text(json_path(row, view->members[i]), &text);
        columns_add(columns, buf_bytes(&text));
    }
}

void segment_show_list(const struct call *call, const struct segment_target *target,
                       const struct json *rows)
{
    const struct view *view = &views[target->noun][target->backend == SEGMENT_PUBLIC];
    struct columns columns;

    columns_init(&columns, view->titles);
    if (json_kind(rows) == JSON_OBJECT) /* the token's only workspace */
        add_row(&columns, view, rows);
    else
        for (size_t i = 0; i < json_count(rows); i++)
            add_row(&columns, view, json_at(rows, i));
    if (columns_has_rows(&columns))
        columns_print(&columns, &call->out);
    else
        call_say(call, "None.");
    columns_done(&columns);
}

/* --- one ---------------------------------------------------------------------------- */

/* @indent: "" or more, for what is inside of a member. */
static void print_member(const struct call *call, const char *indent, struct bytes name,
                         const struct json *value, bool is_masked)
{
    cleanup(buf_done) struct buf raw = {0};
    cleanup(buf_done) struct buf text = {0};

    buf_init(&raw, TEXT_BYTES);
    buf_init(&text, TEXT_BYTES);
    buf_add(&raw, name);
    print_clean(buf_bytes(&raw), &text);
    print_text(&call->out, "  %s%-20s ", indent, buf_text(&text));
    buf_clear(&raw);
    buf_clear(&text);
    add_text(value, &raw);
    if (is_masked && raw.len > 0)
        buf_add_text(&text, MASK);
    else
        print_clean(buf_bytes(&raw), &text);
    print_text(&call->out, "%s\n", buf_text(&text));
}

/* v1beta: [{"name":"…/config/apiKey","value":…,"type":"string"}] */
static void print_config(const struct call *call, const struct json *config)
{
    for (size_t i = 0; i < json_count(config); i++) {
        const struct json *one = json_at(config, i);
        const struct bytes name = json_string(json_get(one, "name"));
        const struct bytes slash = BYTES("/config/");
        const size_t at = bytes_find(name, slash);
        const struct bytes type = json_string(json_get(one, "type"));
        const struct bytes setting =
            at < name.len ? bytes_slice(name, at + slash.len, name.len) : name;

        print_member(call, INDENT, setting, json_get(one, "value"),
                     segment_setting_is_secret(setting, type));
    }
}

/* The Public API: {"apiKey":…} */
static void print_settings(const struct call *call, const struct json *settings)
{
    void *cursor = NULL;
    const char *key;
    const struct json *value;

    while (json_next(settings, &cursor, &key, &value))
        print_member(call, INDENT, bytes_str(key), value,
                     segment_setting_is_secret(bytes_str(key), BYTES("")));
}

void segment_show_one(const struct call *call, const struct json *row)
{
    void *cursor = NULL;
    const char *key;
    const struct json *value;

    while (json_next(row, &cursor, &key, &value)) {
        const bool is_config = strcmp(key, "config") == 0;
        const bool is_settings =
            strcmp(key, "settings") == 0 && json_kind(value) == JSON_OBJECT;

        if (!is_config && !is_settings) {
            print_member(call, "", bytes_str(key), value, /* is_masked= */ false);
            continue;
        }
        print_text(&call->out, "  %s:\n", key);
        if (is_config)
            print_config(call, value);
        else
            print_settings(call, value);
    }
}
