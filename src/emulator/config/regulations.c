/* SPDX-License-Identifier: MIT */

/*
 * Privacy regulations (dossier §2.7, §7.9): who is deleted is told to every enabled
 * destination of the sources concerned, in the order of the ids. They have ended when the
 * answer goes out; what comes of who is suppressed is discarded (pipeline.c).
 */

#include <stdio.h>

#include "base/time_text.h"
#include "emulator/config/answer.h"
#include "emulator/config/input.h"
#include "emulator/config/routes.h"
#include "emulator/frame/exchange.h"
#include "emulator/tracking/pipeline.h"
#include "emulator/world/invent.h"
#include "emulator/world/world.h"
#include "segment/name.h"
#include "json/json.h"
#include "json/write.h"

enum {
    MAX_IDS = 5000,
    ID_BYTES = 512, /* of one user id */
    EVENT_BYTES = 8192,
    ATTRIBUTES_BYTES = 4 << 20,
    REGULATION_LEN = 22,
};

#define COLUMNS "rowid, name, parent, type, attributes, status, create_time"

static const struct type {
    const char *name;
    bool suppresses, unsuppresses, deletes;
} types[] = {
    {"Suppress", true, false, false},
    {"Unsuppress", false, true, false},
    {"Suppress_With_Delete", true, false, true},
    {"Delete", false, false, true},
};

/* The same calls are below a workspace and below a source. */
static size_t n_pairs(const struct exchange *exchange)
{
    const struct bytes name = config_name(exchange, 2);

    return bytes_find(name, BYTES("/sources/")) < name.len ? 2 : 1;
}

/* --- reading ------------------------------------------------------------------------ */

static void write_regulation(struct exchange *exchange, struct sql_statement *row,
                             struct write *write)
{
    (void)exchange;
    write_object(write);
    write_member_string(write, "name", sql_bytes(row, 1));
    write_member_string(write, "parent", sql_bytes(row, 2));
    write_member_string(write, "regulation_type", sql_bytes(row, 3));
    config_write_json(write, "attributes", sql_bytes(row, 4), "{}");
    write_member_string(write, "status", sql_bytes(row, 5));
    write_member_time(write, "create_time", sql_i64(row, 6));
    write_object_end(write);
}

static void bind_filters(struct exchange *exchange, struct config_list *list)
{
    const struct bytes status = exchange_query(exchange, "status");
    const struct bytes wanted = exchange_query(exchange, "regulation_types");

    /* One text for the one parameter that a list has. */
    list->of = bytes_str(arena_printf(&exchange->arena, "%.*s|%.*s|,%.*s,",
                                      BYTES_FMT(config_name(exchange, n_pairs(exchange))),
                                      BYTES_FMT(status), BYTES_FMT(wanted)));
}

void config_list_regulations(struct exchange *exchange)
{
    struct config_list list = {
        .member = "regulations",
        .literal = "SELECT " COLUMNS " FROM regulation"
                   " WHERE instr(?1, parent || '|') = 1 AND rowid > ?2"
                   " AND (instr(?1, '||') > 0 OR instr(?1, '|' || status || '|') > 0)"
                   " AND (instr(?1, '|,,') > 0 OR instr(?1, ',' || type || ',') > 0)"
                   " ORDER BY rowid LIMIT ?3",
        .write_fn = write_regulation,
    };

    if (!config_has_parent(exchange, n_pairs(exchange)))
        return;
    bind_filters(exchange, &list);
    config_answer_list(exchange, &list);
}

static const char the_one[] = "SELECT " COLUMNS " FROM regulation WHERE name = ?1";

void config_get_regulation(struct exchange *exchange)
{
    config_answer_one(exchange, the_one, config_name(exchange, n_pairs(exchange) + 1),
                      write_regulation);
}

void config_delete_regulation(struct exchange *exchange)
{
    const struct bytes name = config_name(exchange, n_pairs(exchange) + 1);
    struct sql_statement *row;

    if (!config_exists(exchange->world, the_one, name)) {
        config_refuse_missing(exchange);
        return;
    }
    row = world_use(exchange->world, "DELETE FROM regulation WHERE name = ?1");
    sql_bind_text(row, 1, name);
    world_run(exchange->world, row);
    config_answer_nothing(exchange);
}

static void write_suppressed(struct exchange *exchange, struct sql_statement *row,
                             struct write *write)
{
    (void)exchange;
    write_object(write);
    write_member_string(write, "user_id", sql_bytes(row, 1));
    write_member_time(write, "create_time", sql_i64(row, 2));
    write_object_end(write);
}

void config_list_suppressed(struct exchange *exchange)
{
    const struct config_list list = {
        .member = "suppressed_users",
        .literal = "SELECT rowid, user_id, create_time FROM suppressed WHERE parent = ?1"
                   " AND rowid > ?2 ORDER BY rowid LIMIT ?3",
        .of = config_name(exchange, n_pairs(exchange)),
        .write_fn = write_suppressed,
    };

    if (config_has_parent(exchange, n_pairs(exchange)))
        config_answer_list(exchange, &list);
}

/* --- creating ----------------------------------------------------------------------- */

static const struct type *find_type(struct bytes name)
{
    for (size_t i = 0; i < COUNT(types); i++) {
        if (bytes_eq(bytes_str(types[i].name), name))
            return &types[i];
    }
    return NULL;
}

static const char *check(const struct type *type, const struct json *attributes)
{
    const struct json *values = json_get(attributes, "values");

    if (type == NULL)
        return "regulation_type must be Suppress, Unsuppress, Suppress_With_Delete or "
               "Delete";
    if (!bytes_eq(json_string(json_get(attributes, "name")), BYTES("userId")))
        return "attributes.name must be userId";
    if (json_count(values) == 0 || json_count(values) > MAX_IDS ||
        json_kind(values) != JSON_ARRAY)
        return "attributes.values must be a list of 1 to 5000 user ids";
    for (size_t i = 0; i < json_count(values); i++) {
        const size_t len = json_string(json_at(values, i)).len;

        if (len == 0 || len > ID_BYTES)
            return "a user id is a text of 1 to 512 bytes";
    }
    return NULL;
}

static void keep(struct exchange *exchange, const struct type *type,
                 const struct json *attributes, struct bytes name)
{
    struct sql_statement *row = world_use(
        exchange->world, "INSERT INTO regulation (name, parent, type, attributes, status,"
                         " create_time) VALUES (?1, ?2, ?3, ?4, 'FINISHED', ?5)");
    cleanup(buf_done) struct buf text = {0};

    buf_init(&text, ATTRIBUTES_BYTES);
    json_print(attributes, /* indented= */ false, &text);
    sql_bind_text(row, 1, name);
    sql_bind_text(row, 2, config_name(exchange, n_pairs(exchange)));
    sql_bind_text(row, 3, bytes_str(type->name));
    sql_bind_text(row, 4, buf_bytes(&text));
    sql_bind(row, 5, world_now_ms(exchange->world));
    world_run(exchange->world, row);
}

static void suppress(struct exchange *exchange, const struct type *type,
                     struct bytes user_id)
{
    struct sql_statement *row =
        type->suppresses
            ? world_use(exchange->world,
                        "INSERT OR IGNORE INTO suppressed (parent, user_id, create_time)"
                        " VALUES (?1, ?2, ?3)")
            : world_use(exchange->world, "DELETE FROM suppressed WHERE parent = ?1"
                                         " AND user_id = ?2 AND ?3 > 0");

    sql_bind_text(row, 1, config_name(exchange, n_pairs(exchange)));
    sql_bind_text(row, 2, user_id);
    sql_bind(row, 3, world_now_ms(exchange->world));
    world_run(exchange->world, row);
}

/* --- the delete message ------------------------------------------------------------- */

struct source {
    struct bytes name, id;
};

/* The documented envelope (dossier §2.7 a). */
static void send_delete(struct exchange *exchange, const struct source *source,
                        struct bytes user_id)
{
    static const char *const times[] = {"receivedAt", "sentAt", "originalTimestamp",
                                        "timestamp"};
    const int64_t now_ms = world_now_ms(exchange->world);
    cleanup(buf_done) struct buf event = {0};
    char uuid[INVENT_BYTES], message_id[INVENT_BYTES + 16];
    struct write write;

    buf_init(&event, EVENT_BYTES);
    invent_uuid(exchange->world, uuid);
    snprintf(message_id, sizeof(message_id), "delete-%s", uuid);
    write_init(&write, &event);
    write_object(&write);
    write_member_text(&write, "type", "delete");
    write_member_text(&write, "channel", "server");
    write_member_text(&write, "messageId", message_id);
    write_member_string(&write, "projectId", source->id);
    write_member_string(&write, "userId", user_id);
    write_member_raw(&write, "context", BYTES("[]"));
    write_member_raw(&write, "integrations", BYTES("[]"));
    for (size_t i = 0; i < COUNT(times); i++)
        write_member_time(&write, times[i], now_ms);
    write_object_end(&write);
    pipeline_take_own(exchange->world, source->name, buf_bytes(&event));
}

static struct bytes keep_text(struct exchange *exchange, struct bytes text)
{
    return bytes_of(arena_copy(&exchange->arena, text), text.len);
}

/* Copies first: the pipeline walks the same tables. */
static size_t list_sources(struct exchange *exchange, struct source *sources, size_t max)
{
    struct sql_statement *rows =
        world_use(exchange->world, "SELECT name, id FROM source WHERE name = ?1 OR"
                                   " 'workspaces/' || workspace = ?1 ORDER BY rowid");
    size_t n = 0;

    sql_bind_text(rows, 1, config_name(exchange, n_pairs(exchange)));
    while (n < max && world_step(exchange->world, rows)) {
        sources[n].name = keep_text(exchange, sql_bytes(rows, 0));
        sources[n].id = keep_text(exchange, sql_bytes(rows, 1));
        n++;
    }
    sql_reset(rows);
    return n;
}

static void send_deletes(struct exchange *exchange, const struct json *values)
{
    enum { MAX_SOURCES = 1000 };
    struct source *sources =
        arena_zero(&exchange->arena, MAX_SOURCES * sizeof(struct source));
    const size_t n_sources = list_sources(exchange, sources, MAX_SOURCES);

    for (size_t i = 0; i < n_sources; i++) {
        for (size_t j = 0; j < json_count(values); j++)
            send_delete(exchange, &sources[i], json_string(json_at(values, j)));
    }
}

static void regulate(struct exchange *exchange, const struct type *type,
                     const struct json *attributes)
{
    const struct json *values = json_get(attributes, "values");
    char id[INVENT_BYTES], name[NAME_MAX_BYTES + 64];
    struct write write;

    invent_alphanumeric(exchange->world, REGULATION_LEN, id);
    snprintf(name, sizeof(name), "%.*s/regulations/%s",
             BYTES_FMT(config_name(exchange, n_pairs(exchange))), id);
    keep(exchange, type, attributes, bytes_str(name));
    for (size_t i = 0; i < json_count(values); i++) {
        if (type->suppresses || type->unsuppresses)
            suppress(exchange, type, json_string(json_at(values, i)));
    }
    if (type->deletes)
        send_deletes(exchange, values);
    config_begin(exchange, &write);
    write_object(&write);
    write_member_text(&write, "regulate_id", id);
    write_object_end(&write);
    config_send(exchange);
}

void config_create_regulation(struct exchange *exchange)
{
    cleanup(json_freep) struct json *body = NULL;
    const struct json *resource, *attributes;
    const struct type *type;
    const char *why;

    if (!config_has_parent(exchange, n_pairs(exchange)))
        return;
    body = config_read_body(exchange);
    if (body == NULL)
        return;
    resource = config_resource(body, "regulation");
    attributes = config_get(resource, "attributes");
    type = find_type(json_string(config_get(resource, "regulation_type")));
    why = check(type, attributes);
    if (why != NULL)
        config_refuse(exchange, CONFIG_INVALID, "%s", why);
    else
        regulate(exchange, type, attributes);
}
