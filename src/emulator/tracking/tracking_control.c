/* SPDX-License-Identifier: MIT */

/* What happened to events, and what decides where they go, without a token. */

#include "emulator/control/control_routes.h"

#include <stdio.h>

#include "base/arena.h"
#include "emulator/delivery/counters.h"
#include "emulator/delivery/deliveries.h"
#include "emulator/frame/exchange.h"
#include "emulator/tracking/journal.h"
#include "emulator/world/invent.h"
#include "emulator/world/world.h"
#include "segment/filter.h"
#include "json/json.h"
#include "json/write.h"

enum {
    USUAL_LIMIT = 100,
    CONFIG_BYTES = 1 << 20,
    NAME_BYTES = 512,
    FILTER_WHY_BYTES = 128
};

static void begin(struct exchange *exchange, struct write *write)
{
    write_init(write, &exchange->out);
    write_object(write);
}

static void end(struct exchange *exchange, struct write *write)
{
    write_object_end(write);
    exchange_answer(exchange, 200, "application/json");
}

/* ?limit=, at most @max. False: refused. */
static bool read_limit(struct exchange *exchange, int64_t max, size_t *ret_limit)
{
    const struct bytes text = exchange_query(exchange, "limit");
    int64_t limit = USUAL_LIMIT;

    if (text.ptr != NULL && (!bytes_to_i64(text, &limit) || limit < 1 || limit > max)) {
        exchange_refuse(exchange, 400, "limit is a number from 1 to %lld",
                        (long long)max);
        return false;
    }
    *ret_limit = (size_t)limit;
    return true;
}

/* --- deliveries --------------------------------------------------------------------- */

void control_get_deliveries(struct exchange *exchange)
{
    struct deliveries *deliveries = exchange->world->deliveries;
    struct write write;
    size_t limit = 0;

    if (!read_limit(exchange, DELIVERIES_KEPT, &limit))
        return;
    begin(exchange, &write);
    write_member_i64(&write, "waiting", (int64_t)deliveries_n_waiting(deliveries));
    write_key(&write, "deliveries");
    deliveries_write(deliveries, exchange_query(exchange, "destination"), limit, &write);
    end(exchange, &write);
}

/* The body may be {"destination":"workspaces/…"}, or nothing. */
void control_hurry_deliveries(struct exchange *exchange)
{
    cleanup(json_freep) struct json *body = NULL;
    struct write write;
    size_t n_hurried;

    if (exchange->body.len > 0) {
        body = exchange_read_object(exchange);
        if (body == NULL)
            return;
    }
    n_hurried = deliveries_hurry(exchange->world->deliveries,
                                 json_string(json_get(body, "destination")));
    begin(exchange, &write);
    write_member_i64(&write, "hurried", (int64_t)n_hurried);
    end(exchange, &write);
}

void control_get_counters(struct exchange *exchange)
{
    struct write write;

    write_init(&write, &exchange->out);
    counters_write(exchange->world, &write);
    exchange_answer(exchange, 200, "application/json");
}

/* --- the journal -------------------------------------------------------------------- */

static void write_entry(const struct journal_entry *entry, struct write *write)
{
    write_object(write);
    write_member_i64(write, "number", (int64_t)entry->number);
    write_member_time(write, "at", entry->at_ms);
    write_member_text(write, "source", entry->source);
    write_member_text(write, "verdict", ingest_verdict_text(entry->verdict));
    write_member_text(write, "remedy", ingest_verdict_remedy(entry->verdict));
    write_member_bool(write, "duplicate", entry->is_duplicate);
    write_member_text(write, "type", event_kind_text(entry->kind));
    write_member_text(write, "title", entry->title);
    write_member_text(write, "message_id", entry->message_id);
    write_member_i64(write, "destinations", entry->n_destinations);
    write_member_raw(write, "sent", entry->sent);
    write_member_raw(write, "stamped", entry->stamped);
    write_object_end(write);
}

void control_get_events(struct exchange *exchange)
{
    const struct journal *journal = exchange->world->journal;
    const struct bytes source = exchange_query(exchange, "source");
    const struct journal_entry *entry = NULL;
    struct write write;
    size_t limit = 0;

    if (!read_limit(exchange, JOURNAL_EVENTS, &limit))
        return;
    begin(exchange, &write);
    write_key(&write, "events");
    write_array(&write);
    while (limit-- > 0 && (entry = journal_next(journal, entry, source)) != NULL)
        write_entry(entry, &write);
    write_array_end(&write);
    end(exchange, &write);
}

/* --- where events go ---------------------------------------------------------------- */

static bool is_there(struct world *world, const char *literal, struct bytes text)
{
    return world_number(world, literal, text, 0) == 1;
}

static bool check_source(struct exchange *exchange, struct bytes source)
{
    if (is_there(exchange->world, "SELECT 1 FROM source WHERE name = ?1", source))
        return true;
    exchange_refuse(exchange, 404,
                    "source is the name of one, such as workspaces/acme/sources/website");
    return false;
}

static void put_destination_row(struct exchange *exchange, const struct json *body,
                                struct bytes name, struct bytes config)
{
    struct world *world = exchange->world;
    const int64_t now_ms = world_now_ms(world);
    char id[INVENT_BYTES];
    struct sql_statement *row = NULL;

    invent_hex(world, 24, id);
    row = world_use(
        world,
        "INSERT INTO destination (name, source, slug, id, enabled, connection_mode,"
        " config, create_time, update_time) VALUES (?1, ?2, ?3, ?4, ?5, 'UNSPECIFIED',"
        " ?6, ?7, ?7) ON CONFLICT (name) DO UPDATE SET enabled = excluded.enabled,"
        " config = excluded.config, update_time = excluded.update_time");
    sql_bind_text(row, 1, name);
    sql_bind_text(row, 2, json_string(json_get(body, "source")));
    sql_bind_text(row, 3, json_string(json_get(body, "slug")));
    sql_bind_text(row, 4, bytes_str(id));
    sql_bind(row, 5, json_bool(json_get(body, "enabled")) ? 1 : 0);
    sql_bind_text(row, 6, config);
    sql_bind(row, 7, now_ms);
    world_run(world, row);
}

/* What is wrong with a filter, in @ret_why; true: nothing. */
static bool check_filter(const struct json *filter, struct arena *arena,
                         char ret_why[FILTER_WHY_BYTES])
{
    const char *trouble = filter_check_actions(json_get(filter, "actions"));

    snprintf(ret_why, FILTER_WHY_BYTES, "%s", trouble);
    return trouble[0] == '\0' &&
           filter_parse(json_string(json_get(filter, "if")), arena, ret_why) != NULL;
}

static bool check_filters(struct exchange *exchange, const struct json *filters)
{
    char why[FILTER_WHY_BYTES];

    for (size_t i = 0; i < json_count(filters); i++) {
        if (check_filter(json_at(filters, i), &exchange->arena, why))
            continue;
        exchange_refuse(exchange, 400, "filters[%zu]: %s", i, why);
        return false;
    }
    return true;
}

static void put_filter(struct world *world, const char *destination,
                       const struct json *filter)
{
    struct sql_statement *row;
    cleanup(buf_done) struct buf actions = {0};
    char id[INVENT_BYTES];
    char name[NAME_BYTES];

    buf_init(&actions, CONFIG_BYTES);
    json_print(json_get(filter, "actions"), /* indented= */ false, &actions);
    invent_alphanumeric(world, 22, id);
    snprintf(name, sizeof(name), "%s/filters/df_%s", destination, id);
    row = world_use(world, "INSERT INTO filter (name, destination, condition, actions)"
                           " VALUES (?1, ?2, ?3, ?4)");
    sql_bind_text(row, 1, bytes_str(name));
    sql_bind_text(row, 2, bytes_str(destination));
    sql_bind_text(row, 3, json_string(json_get(filter, "if")));
    sql_bind_text(row, 4, buf_bytes(&actions));
    world_run(world, row);
}

/* In place of those that it had; without "filters" they stay. */
static void put_filters(struct world *world, const char *destination,
                        const struct json *filters)
{
    struct sql_statement *old;

    if (filters == NULL)
        return;
    old = world_use(world, "DELETE FROM filter WHERE destination = ?1");
    sql_bind_text(old, 1, bytes_str(destination));
    world_run(world, old);
    for (size_t i = 0; i < json_count(filters); i++)
        put_filter(world, destination, json_at(filters, i));
}

/* {"source","slug","enabled","config":{"apiKey":…},"filters":[{"if","actions"}]}: makes
 * it, or replaces its state. */
void control_put_destination(struct exchange *exchange)
{
    cleanup(json_freep) struct json *body = exchange_read_object(exchange);
    cleanup(buf_done) struct buf config = {0};
    const struct bytes source = json_string(json_get(body, "source"));
    const struct bytes slug = json_string(json_get(body, "slug"));
    struct write write;
    char *name;

    if (body == NULL || !check_source(exchange, source))
        return;
    if (!is_there(exchange->world,
                  "SELECT 1 FROM catalog WHERE kind = 'destinations' AND slug = ?1",
                  slug)) {
        exchange_refuse(exchange, 404, "slug is one of the catalog's, such as demo");
        return;
    }
    if (!check_filters(exchange, json_get(body, "filters")))
        return;
    buf_init(&config, CONFIG_BYTES);
    if (json_kind(json_get(body, "config")) == JSON_OBJECT)
        json_print(json_get(body, "config"), /* indented= */ false, &config);
    else
        buf_add_text(&config, "{}");
    name = arena_printf(&exchange->arena, "%.*s/destinations/%.*s", BYTES_FMT(source),
                        BYTES_FMT(slug));
    put_destination_row(exchange, body, bytes_str(name), buf_bytes(&config));
    put_filters(exchange->world, name, json_get(body, "filters"));
    begin(exchange, &write);
    write_member_text(&write, "name", name);
    end(exchange, &write);
}

/* What there is, without its settings: keys of customers are among them. */
void control_get_destinations(struct exchange *exchange)
{
    struct world *world = exchange->world;
    struct sql_statement *row = world_use(
        world, "SELECT name, source, slug, enabled FROM destination ORDER BY name");
    struct write write;

    begin(exchange, &write);
    write_key(&write, "destinations");
    write_array(&write);
    while (world_step(world, row)) {
        write_object(&write);
        write_member_string(&write, "name", sql_bytes(row, 0));
        write_member_string(&write, "source", sql_bytes(row, 1));
        write_member_string(&write, "slug", sql_bytes(row, 2));
        write_member_bool(&write, "enabled", sql_i64(row, 3) != 0);
        write_object_end(&write);
    }
    write_array_end(&write);
    end(exchange, &write);
}

/* {"write_key","source","region":"us|eu"}: one more key of a source, or its new home. */
void control_put_write_key(struct exchange *exchange)
{
    cleanup(json_freep) struct json *body = exchange_read_object(exchange);
    const struct bytes key = json_string(json_get(body, "write_key"));
    const struct bytes source = json_string(json_get(body, "source"));
    const struct bytes region = json_string(json_get(body, "region"));
    struct sql_statement *row;
    struct write write;

    if (body == NULL || !check_source(exchange, source))
        return;
    if (key.len == 0 || key.len > 100 ||
        (!bytes_eq(region, BYTES("us")) && !bytes_eq(region, BYTES("eu")))) {
        exchange_refuse(exchange, 400,
                        "write_key is a text of at most 100 bytes, region us or eu");
        return;
    }
    row =
        world_use(exchange->world,
                  "INSERT INTO write_key (write_key, source, region) VALUES (?1, ?2, ?3)"
                  " ON CONFLICT (write_key) DO UPDATE SET source = excluded.source,"
                  " region = excluded.region");
    sql_bind_text(row, 1, key);
    sql_bind_text(row, 2, source);
    sql_bind_text(row, 3, region);
    world_run(exchange->world, row);
    begin(exchange, &write);
    write_member_string(&write, "write_key", key);
    end(exchange, &write);
}
