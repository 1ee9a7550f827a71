/* SPDX-License-Identifier: MIT */

/* /_emulator/faults and /_emulator/scenarios. */

#include "base/err.h"
#include "emulator/control/control_routes.h"
#include "emulator/faults/faults.h"
#include "emulator/frame/exchange.h"
#include "emulator/world/world.h"
#include "json/json.h"
#include "json/write.h"

void control_get_faults(struct exchange *exchange)
{
    struct write write;

    write_init(&write, &exchange->out);
    write_object(&write);
    write_key(&write, "faults");
    faults_write(exchange->world, &write);
    write_object_end(&write);
    exchange_answer(exchange, 200, "application/json");
}

static void answer_one(struct exchange *exchange, unsigned id)
{
    struct write write;

    write_init(&write, &exchange->out);
    if (faults_write_one(exchange->world, id, &write))
        exchange_answer(exchange, 200, "application/json");
    else
        exchange_refuse(exchange, 404, "there is no such fault (any more)");
}

static unsigned id_of(const struct exchange *exchange)
{
    int64_t id = 0;

    if (!bytes_to_i64(exchange->params[0], &id) || id <= 0 || id > UINT32_MAX)
        return 0;
    return (unsigned)id;
}

void control_get_fault(struct exchange *exchange)
{
    answer_one(exchange, id_of(exchange));
}

void control_post_fault(struct exchange *exchange)
{
    cleanup(json_freep) struct json *body = exchange_read_object(exchange);
    struct err err = {0};
    unsigned id;

    if (body == NULL)
        return;
    if (faults_add(exchange->world, body, &id, &err) < 0)
        exchange_refuse(exchange, 400, "%s", err.text);
    else
        answer_one(exchange, id);
}

/* All of them: what is on now is replaced, or nothing is changed. */
static void put_all(struct exchange *exchange, const struct json *list)
{
    struct world *world = exchange->world;
    struct err err = {0};
    unsigned id;

    if (json_kind(list) != JSON_ARRAY) {
        exchange_refuse(exchange, 400, "faults is a list");
        return;
    }
    faults_clear(world);
    for (size_t i = 0; i < json_count(list); i++) {
        if (faults_add(world, json_at(list, i), &id, &err) < 0) {
            world_abort(world);
            exchange_refuse(exchange, 400, "fault %zu: %s", i + 1, err.text);
            return;
        }
    }
    control_get_faults(exchange);
}

void control_put_faults(struct exchange *exchange)
{
    cleanup(json_freep) struct json *body = exchange_read_object(exchange);
    struct err err = {0};
    unsigned id;

    if (body == NULL)
        return;
    if (json_get(body, "faults") != NULL) {
        put_all(exchange, json_get(body, "faults"));
        return;
    }
    if (faults_set(exchange->world, body, 0, &id, &err) < 0)
        exchange_refuse(exchange, 400, "%s", err.text);
    else
        answer_one(exchange, id);
}

void control_put_fault(struct exchange *exchange)
{
    cleanup(json_freep) struct json *body = exchange_read_object(exchange);
    struct err err = {0};
    unsigned id = id_of(exchange);

    if (body == NULL)
        return;
    if (id == 0 || id >= (unsigned)world_get_i64(exchange->world, "next:fault", 1))
        exchange_refuse(exchange, 404, "there has been no such fault");
    else if (faults_set(exchange->world, body, id, &id, &err) < 0)
        exchange_refuse(exchange, 400, "%s", err.text);
    else
        answer_one(exchange, id);
}

void control_delete_faults(struct exchange *exchange)
{
    faults_clear(exchange->world);
    control_get_faults(exchange);
}

void control_delete_fault(struct exchange *exchange)
{
    if (faults_remove(exchange->world, id_of(exchange)))
        control_get_faults(exchange);
    else
        exchange_refuse(exchange, 404, "there is no such fault (any more)");
}

static void write_scenario(struct write *write, const struct fault_scenario *scenario)
{
    write_object(write);
    write_member_text(write, "name", scenario->name);
    write_member_text(write, "title", scenario->title);
    write_member_raw(write, "faults", bytes_str(scenario->faults));
    write_member_i64(write, "advance_ms", scenario->advance_ms);
    write_member_text(write, "expect", scenario->expect);
    write_object_end(write);
}

void control_get_scenarios(struct exchange *exchange)
{
    struct write write;

    write_init(&write, &exchange->out);
    write_object(&write);
    write_key(&write, "scenarios");
    write_array(&write);
    for (size_t i = 0; fault_scenarios[i].name != NULL; i++)
        write_scenario(&write, &fault_scenarios[i]);
    write_array_end(&write);
    write_object_end(&write);
    exchange_answer(exchange, 200, "application/json");
}

static const struct fault_scenario *find_scenario(struct bytes name)
{
    const struct fault_scenario *scenario = fault_scenarios;

    while (scenario->name != NULL && !bytes_eq(bytes_str(scenario->name), name))
        scenario++;
    return scenario->name != NULL ? scenario : NULL;
}

void control_post_scenario(struct exchange *exchange)
{
    const struct fault_scenario *scenario = find_scenario(exchange->params[0]);
    struct err err = {0};
    struct write write;

    if (scenario == NULL) {
        exchange_refuse(exchange, 404,
                        "there is no such scenario; GET /_emulator/scenarios lists them");
        return;
    }
    if (faults_play(exchange->world, exchange->params[0], &err) < 0) {
        world_abort(exchange->world);
        exchange_refuse(exchange, 409, "%s", err.text);
        return;
    }
    write_init(&write, &exchange->out);
    write_object(&write);
    write_member_text(&write, "name", scenario->name);
    write_member_text(&write, "expect", scenario->expect);
    write_key(&write, "faults");
    faults_write(exchange->world, &write);
    write_object_end(&write);
    exchange_answer(exchange, 200, "application/json");
}
