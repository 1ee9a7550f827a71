/* SPDX-License-Identifier: MIT */

/* Filters of a destination (dossier §7.6); segment/filter knows what they mean. */

#include <stdio.h>

#include "base/err.h"
#include "emulator/config/answer.h"
#include "emulator/config/input.h"
#include "emulator/config/routes.h"
#include "emulator/frame/exchange.h"
#include "emulator/world/invent.h"
#include "emulator/world/world.h"
#include "segment/filter.h"
#include "segment/name.h"
#include "json/json.h"
#include "json/scan.h"
#include "json/write.h"

enum { MAX_FILTERS = 10, ID_LEN = 22, ACTIONS_BYTES = 64 << 10, WHY_BYTES = 128 };

#define COLUMNS "rowid, name, title, description, condition, actions, enabled"

static const char the_one[] = "SELECT " COLUMNS " FROM filter WHERE name = ?1";

struct draft {
    struct bytes title, description, condition;
    struct buf actions; /* JSON text */
    bool is_enabled;
};

static void done(struct draft *draft)
{
    buf_done(&draft->actions);
}

/* --- reading ------------------------------------------------------------------------ */

static void write_filter(struct exchange *exchange, struct sql_statement *row,
                         struct write *write)
{
    (void)exchange;
    write_object(write);
    write_member_string(write, "name", sql_bytes(row, 1));
    write_member_string(write, "title", sql_bytes(row, 2));
    write_member_string(write, "description", sql_bytes(row, 3));
    write_member_string(write, "if", sql_bytes(row, 4));
    config_write_json(write, "actions", sql_bytes(row, 5), "[]");
    write_member_bool(write, "enabled", sql_i64(row, 6) != 0);
    write_object_end(write);
}

void config_list_filters(struct exchange *exchange)
{
    const struct config_list list = {
        .member = "filters",
        .literal = "SELECT " COLUMNS " FROM filter WHERE destination = ?1 AND rowid > ?2"
                   " ORDER BY rowid LIMIT ?3",
        .of = config_name(exchange, 3),
        .write_fn = write_filter,
    };

    if (config_has_parent(exchange, 3))
        config_answer_list(exchange, &list);
}

void config_get_filter(struct exchange *exchange)
{
    config_answer_one(exchange, the_one, config_name(exchange, 4), write_filter);
}

/* --- drafts ------------------------------------------------------------------------- */

static bool read_condition(struct exchange *exchange, const struct json *resource,
                           struct draft *draft)
{
    char why[WHY_BYTES] = "";

    draft->condition = bytes_of(NULL, 0);
    if (!config_read_text(exchange, resource, "if", &draft->condition))
        return false;
    if (filter_parse(draft->condition, &exchange->arena, why) != NULL)
        return true;
    config_refuse(exchange, CONFIG_INVALID, "filter.if: %s", why);
    return false;
}

static bool read_actions(struct exchange *exchange, const struct json *resource,
                         struct draft *draft)
{
    const struct json *actions = config_get(resource, "actions");
    const char *why = actions != NULL ? filter_check_actions(actions) : "";

    buf_clear(&draft->actions);
    if (why[0] == '\0' && actions == NULL)
        buf_add_text(&draft->actions, "[]");
    else if (why[0] == '\0' &&
             json_print(actions, /* indented= */ false, &draft->actions) != 0)
        why = "they are too long";
    if (why[0] == '\0')
        return true;
    config_refuse(exchange, CONFIG_INVALID, "filter.actions: %s", why);
    return false;
}

static bool read_title(struct exchange *exchange, const struct json *resource,
                       struct draft *draft)
{
    draft->title = bytes_of(NULL, 0);
    return config_read_text(exchange, resource, "title", &draft->title);
}

static bool read_description(struct exchange *exchange, const struct json *resource,
                             struct draft *draft)
{
    draft->description = bytes_of(NULL, 0);
    return config_read_text(exchange, resource, "description", &draft->description);
}

static bool read_enabled(struct exchange *exchange, const struct json *resource,
                         struct draft *draft)
{
    draft->is_enabled = false;
    return config_read_bool(exchange, resource, "enabled", &draft->is_enabled);
}

static const struct {
    const char *name;
    bool (*read_fn)(struct exchange *exchange, const struct json *resource,
                    struct draft *draft);
} fields[] = {
    {"title", read_title},     {"description", read_description}, {"if", read_condition},
    {"actions", read_actions}, {"enabled", read_enabled},
};

/* --- creating ----------------------------------------------------------------------- */

static bool read_all(struct exchange *exchange, const struct json *resource,
                     struct draft *draft)
{
    for (size_t i = 0; i < COUNT(fields); i++) {
        if (!fields[i].read_fn(exchange, resource, draft))
            return false;
    }
    if (config_get(resource, "enabled") == NULL)
        draft->is_enabled = true;
    return true;
}

static void bind(struct sql_statement *row, struct bytes name, const struct draft *draft)
{
    sql_bind_text(row, 1, name);
    sql_bind_text(row, 2, draft->title);
    sql_bind_text(row, 3, draft->description);
    sql_bind_text(row, 4, draft->condition);
    sql_bind_text(row, 5, buf_bytes(&draft->actions));
    sql_bind(row, 6, draft->is_enabled);
}

static void insert(struct exchange *exchange, const struct draft *draft)
{
    const struct bytes destination = config_name(exchange, 3);
    char name[NAME_MAX_BYTES + 64], id[INVENT_BYTES];
    struct sql_statement *row;

    invent_alphanumeric(exchange->world, ID_LEN, id);
    snprintf(name, sizeof(name), "%.*s/filters/df_%s", BYTES_FMT(destination), id);
    row = world_use(exchange->world,
                    "INSERT INTO filter (name, title, description, condition, actions,"
                    " enabled, destination)"
                    " VALUES (?1, ?2, ?3, coalesce(?4, ''), ?5, ?6, ?7)");
    bind(row, bytes_str(name), draft);
    sql_bind_text(row, 7, destination);
    world_run(exchange->world, row);
    config_answer_one(exchange, the_one, bytes_str(name), write_filter);
}

void config_create_filter(struct exchange *exchange)
{
    cleanup(done) struct draft draft = {0};
    cleanup(json_freep) struct json *body = NULL;

    buf_init(&draft.actions, ACTIONS_BYTES);
    if (!config_has_parent(exchange, 3))
        return;
    body = config_read_body(exchange);
    if (body == NULL || !read_all(exchange, config_resource(body, "filter"), &draft))
        return;
    if (world_number(exchange->world,
                     "SELECT count(*) FROM filter WHERE destination = ?1",
                     config_name(exchange, 3), 0) >= MAX_FILTERS)
        config_refuse(exchange, CONFIG_INVALID, "a destination has at most %d filters",
                      MAX_FILTERS);
    else
        insert(exchange, &draft);
}

/* --- changing ----------------------------------------------------------------------- */

static struct bytes keep(struct exchange *exchange, struct bytes text)
{
    return bytes_of(arena_copy(&exchange->arena, text), text.len);
}

static bool load(struct exchange *exchange, struct bytes name, struct draft *draft)
{
    struct sql_statement *row = world_use(exchange->world, the_one);

    sql_bind_text(row, 1, name);
    if (!world_step(exchange->world, row)) {
        config_refuse_missing(exchange);
        return false;
    }
    draft->title = keep(exchange, sql_bytes(row, 2));
    draft->description = keep(exchange, sql_bytes(row, 3));
    draft->condition = keep(exchange, sql_bytes(row, 4));
    buf_add(&draft->actions, sql_bytes(row, 5));
    draft->is_enabled = sql_i64(row, 6) != 0;
    sql_reset(row);
    return true;
}

static bool apply(struct exchange *exchange, const struct json *body, struct draft *draft)
{
    const struct json *resource = config_resource(body, "filter");
    const char *names[COUNT(fields) + 1] = {0};
    struct mask mask;

    for (size_t i = 0; i < COUNT(fields); i++)
        names[i] = fields[i].name;
    if (!config_read_mask(exchange, body, "filter", names, &mask))
        return false;
    for (size_t i = 0; i < COUNT(fields); i++) {
        if (mask_has(&mask, fields[i].name) &&
            !fields[i].read_fn(exchange, resource, draft))
            return false;
    }
    return true;
}

void config_update_filter(struct exchange *exchange)
{
    const struct bytes name = config_name(exchange, 4);
    cleanup(done) struct draft draft = {0};
    cleanup(json_freep) struct json *body = NULL;
    struct sql_statement *row;

    buf_init(&draft.actions, ACTIONS_BYTES);
    if (!load(exchange, name, &draft))
        return;
    body = config_read_body(exchange);
    if (body == NULL || !apply(exchange, body, &draft))
        return;
    row = world_use(exchange->world,
                    "UPDATE filter SET title = ?2, description = ?3,"
                    " condition = coalesce(?4, ''), actions = ?5, enabled = ?6"
                    " WHERE name = ?1");
    bind(row, name, &draft);
    world_run(exchange->world, row);
    config_answer_one(exchange, the_one, name, write_filter);
}

void config_delete_filter(struct exchange *exchange)
{
    struct sql_statement *row;

    if (!config_exists(exchange->world, the_one, config_name(exchange, 4))) {
        config_refuse_missing(exchange);
        return;
    }
    row = world_use(exchange->world, "DELETE FROM filter WHERE name = ?1");
    sql_bind_text(row, 1, config_name(exchange, 4));
    world_run(exchange->world, row);
    config_answer_nothing(exchange);
}

/* --- preview ------------------------------------------------------------------------ */

/* The event as text: a string of JSON as documented, or the object itself. */
static bool read_input(struct exchange *exchange, const struct json *body,
                       struct buf *ret_event)
{
    const struct json *input = config_get(body, "input");
    struct scan_span root;
    struct scan_fault fault;

    if (json_kind(input) == JSON_STRING)
        buf_add(ret_event, json_string(input));
    else if (input != NULL)
        json_print(input, /* indented= */ false, ret_event);
    if (!ret_event->full && scan_json(buf_bytes(ret_event), NULL, &root, &fault) &&
        root.kind == SCAN_OBJECT)
        return true;
    config_refuse(exchange, CONFIG_INVALID, "input must be an event, as a text of JSON");
    return false;
}

static void preview(struct exchange *exchange, const struct draft *draft,
                    struct bytes event)
{
    char why[WHY_BYTES];
    const struct filter_expr *condition =
        filter_parse(draft->condition, &exchange->arena, why);
    cleanup(json_freep) struct json *actions = NULL;
    cleanup(buf_done) struct buf left = {0};
    struct err err = {0};
    struct write write;

    buf_init(&left, CONFIG_BODY_BYTES);
    config_begin(exchange, &write);
    if (condition == NULL || !filter_holds(condition, event) ||
        json_parse(buf_bytes(&draft->actions), &actions, &err) < 0)
        write_raw(&write, event);
    else if (filter_apply(actions, event, invent_u32(exchange->world), &left) ==
             FILTER_KEPT)
        write_raw(&write, buf_bytes(&left));
    else
        write_null(&write);
    config_send(exchange);
}

void config_preview_filter(struct exchange *exchange)
{
    cleanup(done) struct draft draft = {0};
    cleanup(buf_done) struct buf event = {0};
    cleanup(json_freep) struct json *body = config_read_body(exchange);

    buf_init(&draft.actions, ACTIONS_BYTES);
    buf_init(&event, CONFIG_BODY_BYTES);
    if (body != NULL && read_all(exchange, config_resource(body, "filter"), &draft) &&
        read_input(exchange, body, &event))
        preview(exchange, &draft, buf_bytes(&event));
}
