/* SPDX-License-Identifier: MIT */

#include "emulator/control/control.h"

#include <stdio.h>

#include "base/time_text.h"
#include "emulator/control/control_routes.h"
#include "emulator/faults/faults.h"
#include "emulator/frame/areas.h"
#include "emulator/frame/emulator.h"
#include "emulator/world/world.h"
#include "net/server.h"
#include "json/json.h"
#include "json/write.h"

enum { URL_BYTES = 256, BODY_BYTES = 32 << 20 };

static void finish_json(struct exchange *exchange, struct write *write)
{
    write_object_end(write);
    exchange_answer(exchange, 200, "application/json");
}

static void begin_json(struct exchange *exchange, struct write *write)
{
    write_init(write, &exchange->out);
    write_object(write);
}

/* --- state -------------------------------------------------------------------------- */

static void write_count(struct world *world, struct write *write, const char *name,
                        const char *literal)
{
    write_member_i64(write, name, world_number(world, literal, bytes_of(NULL, 0), 0));
}

static void write_clock(struct world *world, struct write *write)
{
    write_member_time(write, "now", world_now_ms(world));
    write_key(write, "rate");
    write_double(write, world->clock.rate);
    write_member_bool(write, "frozen", !(world->clock.rate > 0));
}

static void get_state(struct exchange *exchange)
{
    struct world *world = exchange->world;
    struct write write;

    begin_json(exchange, &write);
    write_member_text(&write, "version", PARTNERAPP_VERSION);
    write_member_text(&write, "world", world->name);
    write_member_i64(&write, "seed", (int64_t)world->seed);
    write_key(&write, "clock");
    write_object(&write);
    write_clock(world, &write);
    write_object_end(&write);
    write_count(world, &write, "workspaces", "SELECT count(*) FROM workspace");
    write_count(world, &write, "sources", "SELECT count(*) FROM source");
    write_count(world, &write, "destinations", "SELECT count(*) FROM destination");
    write_count(world, &write, "installs",
                "SELECT count(*) FROM install WHERE state = 'installed'");
    write_count(world, &write, "waiting", "SELECT count(*) FROM delivery");
    write_member_i64(&write, "faults", (int64_t)faults_n_active(world));
    finish_json(exchange, &write);
}

/* --- environment -------------------------------------------------------------------- */

static void write_url(struct write *write, const char *key, int port, const char *path)
{
    char url[URL_BYTES];

    snprintf(url, sizeof(url), "http://localhost:%d%s", port, path);
    write_member_text(write, key, url);
}

static void write_text_of(struct world *world, struct write *write, const char *key,
                          const char *literal)
{
    struct sql_statement *statement = world_use(world, literal);

    if (world_step(world, statement))
        write_member_string(write, key, sql_bytes(statement, 0));
    sql_reset(statement);
}

void control_write_environment(struct world *world, struct write *write)
{
    const int port = emulator_port(world->emulator);
    const int public_port = emulator_public_port(world->emulator);

    write_object(write);
    write_url(write, "SEGMENT_ID_URL", port, "");
    write_url(write, "SEGMENT_API_URL", port, "");
    write_url(write, "SEGMENT_TRACKING_URL", port, "");
    write_url(write, "SEGMENT_APP_URL", port, "");
    write_text_of(world, write, "CLIENT_ID", "SELECT client_id FROM app WHERE id = 1");
    write_text_of(world, write, "CLIENT_SECRET",
                  "SELECT client_secret FROM app WHERE id = 1");
    write_text_of(world, write, "SEGMENT_WRITE_KEY",
                  "SELECT write_key FROM write_key WHERE source = "
                  "'workspaces/acme/sources/website'");
    if (public_port >= 0) {
        write_url(write, "SEGMENT_PUBLIC_API_URL", public_port, "");
        write_text_of(world, write, "SEGMENT_PUBLIC_API_TOKEN",
                      "SELECT token FROM token WHERE kind = 'public' AND state = 'live'");
    }
    write_url(write, "PARTNERAPP_CLOCK_URL", port, "/_emulator/clock");
    write_object_end(write);
}

static void get_environment(struct exchange *exchange)
{
    struct write write;

    write_init(&write, &exchange->out);
    control_write_environment(exchange->world, &write);
    exchange_answer(exchange, 200, "application/json");
}

/* --- reset -------------------------------------------------------------------------- */

static void post_reset(struct exchange *exchange)
{
    world_reset(exchange->world);
    get_state(exchange);
}

/* --- clock -------------------------------------------------------------------------- */

static void get_clock(struct exchange *exchange)
{
    struct write write;

    begin_json(exchange, &write);
    write_clock(exchange->world, &write);
    finish_json(exchange, &write);
}

/* "2h" as text, or milliseconds as a number. */
static bool read_duration(const struct json *json, int64_t *ret_ms)
{
    if (json_kind(json) == JSON_INTEGER) {
        *ret_ms = json_i64(json);
        return *ret_ms >= 0;
    }
    return time_text_parse_duration(json_string(json), ret_ms);
}

static bool is_number(const struct json *json)
{
    return json_kind(json) == JSON_INTEGER || json_kind(json) == JSON_REAL;
}

/* "advance", or "at" a later time. */
static bool move_clock(struct exchange *exchange, const struct json *body)
{
    struct world *world = exchange->world;
    const struct json *advance = json_get(body, "advance");
    const struct json *at = json_get(body, "at");
    int64_t by_ms = 0;

    if (advance != NULL && !read_duration(advance, &by_ms)) {
        exchange_refuse(exchange, 400, "advance is a duration, such as \"2h\"");
        return false;
    }
    if (at != NULL) {
        if (!time_text_parse(json_string(at), &by_ms) || by_ms < world_now_ms(world)) {
            exchange_refuse(exchange, 400, "at is a time that has not been yet");
            return false;
        }
        by_ms -= world_now_ms(world);
    }
    if (by_ms > 0)
        world_advance(world, by_ms);
    return true;
}

static bool change_clock(struct exchange *exchange, const struct json *body)
{
    const struct json *rate = json_get(body, "rate");
    const struct json *frozen = json_get(body, "frozen");

    if (rate != NULL && (!is_number(rate) || json_double(rate) < 0)) {
        exchange_refuse(exchange, 400, "rate is a number from 0 (frozen) to 1000000");
        return false;
    }
    if (frozen != NULL && json_kind(frozen) != JSON_BOOL) {
        exchange_refuse(exchange, 400, "frozen is true or false");
        return false;
    }
    if (!move_clock(exchange, body))
        return false;
    if (rate != NULL)
        world_set_rate(exchange->world, json_double(rate));
    else if (frozen != NULL)
        world_set_rate(exchange->world, json_bool(frozen) ? 0 : 1);
    return true;
}

static void post_clock(struct exchange *exchange)
{
    cleanup(json_freep) struct json *body = exchange_read_object(exchange);

    if (body != NULL && change_clock(exchange, body))
        get_clock(exchange);
}

static void missing(struct exchange *exchange, enum route_missing why)
{
    exchange_refuse(exchange, why == ROUTE_NO_METHOD ? 405 : 404,
                    "there is no such control; GET /_emulator/state is one");
}

static const struct route routes[] = {
    /* One control a line, each in the file that knows the thing (control_routes.h). */
    {"GET", "/_emulator/state", get_state, FIDELITY_GUESS, NULL},
    {"GET", "/_emulator/env", get_environment, FIDELITY_GUESS, NULL},
    {"POST", "/_emulator/reset", post_reset, FIDELITY_GUESS, NULL},
    {"GET", "/_emulator/clock", get_clock, FIDELITY_GUESS, NULL},
    {"POST", "/_emulator/clock", post_clock, FIDELITY_GUESS, NULL},
    {"GET", "/_emulator/faults", control_get_faults, FIDELITY_GUESS, NULL},
    {"PUT", "/_emulator/faults", control_put_faults, FIDELITY_GUESS, NULL},
    {"POST", "/_emulator/faults", control_post_fault, FIDELITY_GUESS, NULL},
    {"DELETE", "/_emulator/faults", control_delete_faults, FIDELITY_GUESS, NULL},
    {"GET", "/_emulator/faults/{}", control_get_fault, FIDELITY_GUESS, NULL},
    {"PUT", "/_emulator/faults/{}", control_put_fault, FIDELITY_GUESS, NULL},
    {"DELETE", "/_emulator/faults/{}", control_delete_fault, FIDELITY_GUESS, NULL},
    {"GET", "/_emulator/requests", control_get_requests, FIDELITY_GUESS, NULL},
    {"DELETE", "/_emulator/requests", control_delete_requests, FIDELITY_GUESS, NULL},
    {"GET", "/_emulator/requests/{}", control_get_request, FIDELITY_GUESS, NULL},
    {"POST", "/_emulator/requests/{}/replay", control_post_replay, FIDELITY_GUESS, NULL},
    {"GET", "/_emulator/scenarios", control_get_scenarios, FIDELITY_GUESS, NULL},
    {"POST", "/_emulator/scenarios/{}", control_post_scenario, FIDELITY_GUESS, NULL},
    {"GET", "/_emulator/snapshot", control_get_snapshot, FIDELITY_GUESS, NULL},
    {"PUT", "/_emulator/snapshot", control_put_snapshot, FIDELITY_GUESS, NULL},
    {"GET", "/_emulator/worlds", control_get_worlds, FIDELITY_GUESS, NULL},
    {"DELETE", "/_emulator/worlds", control_delete_worlds, FIDELITY_GUESS, NULL},
    {"DELETE", "/_emulator/worlds/{}", control_delete_world, FIDELITY_GUESS, NULL},
    {"GET", "/_emulator/catalog/destinations/{}", control_get_definition, FIDELITY_GUESS,
     NULL},
    {"PUT", "/_emulator/catalog/destinations/{}", control_put_definition, FIDELITY_GUESS,
     NULL},
    {"GET", "/_emulator/consent", consent_get, FIDELITY_GUESS, NULL},
    {"PUT", "/_emulator/consent", consent_put, FIDELITY_GUESS, NULL},
    {"GET", "/_emulator/app", app_get, FIDELITY_GUESS, NULL},
    {"PUT", "/_emulator/app", app_put, FIDELITY_GUESS, NULL},
    {"POST", "/_emulator/app/regenerate-secret", app_regenerate_secret, FIDELITY_GUESS,
     NULL},
    {"GET", "/_emulator/installs", install_get_all, FIDELITY_GUESS, NULL},
    {"DELETE", "/_emulator/installs/{}", install_delete, FIDELITY_GUESS, NULL},
    {"GET", "/_emulator/counters", control_get_counters, FIDELITY_GUESS, NULL},
    {"GET", "/_emulator/deliveries", control_get_deliveries, FIDELITY_GUESS, NULL},
    {"POST", "/_emulator/deliveries/hurry", control_hurry_deliveries, FIDELITY_GUESS,
     NULL},
    {"POST", "/_emulator/test-event", test_event_post, FIDELITY_GUESS,
     "a lambda's test shows the call of Invoke, not the hop to STS before it"},
    {"POST", "/_emulator/suite", suite_run_post, FIDELITY_GUESS, NULL},
    {"GET", "/_emulator/destinations", control_get_destinations, FIDELITY_GUESS, NULL},
    {"PUT", "/_emulator/destination", control_put_destination, FIDELITY_GUESS, NULL},
    {"GET", "/_emulator/events", control_get_events, FIDELITY_GUESS, NULL},
    {"PUT", "/_emulator/write-key", control_put_write_key, FIDELITY_GUESS, NULL},
    {"GET", "/_emulator/subscription", control_get_subscription, FIDELITY_GUESS, NULL},
    {"PUT", "/_emulator/subscription", control_put_subscription, FIDELITY_GUESS, NULL},
    {"PUT", "/_emulator/function", control_put_function, FIDELITY_GUESS, NULL},
    {"POST", "/_emulator/attempt", control_post_attempt, FIDELITY_GUESS,
     "a lambda is called without the two hops of STS AssumeRole, signed with AWS's "
     "credentials of the environment or with local/local"},
    {.method = NULL},
};

const struct area control_area = {
    .title = "Controls",
    .prefix = "/_emulator/",
    .routes = routes,
    .body_bytes = BODY_BYTES,
    .is_own = true,
    .missing_fn = missing,
};
