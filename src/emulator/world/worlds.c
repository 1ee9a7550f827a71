/* SPDX-License-Identifier: MIT */

/* /_emulator/worlds: who has a world of their own, and an end to them. */

#include "base/map.h"
#include "emulator/control/control_routes.h"
#include "emulator/delivery/deliveries.h"
#include "emulator/frame/emulator.h"
#include "emulator/frame/exchange.h"
#include "emulator/world/world.h"
#include "json/write.h"

static void write_world(struct world *world, struct write *write)
{
    write_object(write);
    write_member_text(write, "name", world->name);
    write_member_time(write, "now", world_now_ms(world));
    write_member_i64(write, "waiting", (int64_t)deliveries_n_waiting(world->deliveries));
    write_object_end(write);
}

void control_get_worlds(struct exchange *exchange)
{
    size_t cursor = 0;
    struct write write;
    void *world;

    write_init(&write, &exchange->out);
    write_object(&write);
    write_key(&write, "worlds");
    write_array(&write);
    while (map_next(emulator_parts(exchange->emulator)->worlds, &cursor, NULL, &world))
        write_world(world, &write);
    write_array_end(&write);
    write_object_end(&write);
    exchange_answer(exchange, 200, "application/json");
}

/* The world of the request itself is still in use. */
static bool end(struct exchange *exchange, struct world *world)
{
    return world != exchange->world && emulator_end_world(exchange->emulator, world);
}

static size_t list_private(struct exchange *exchange,
                           struct world *ret_worlds[EMULATOR_MAX_WORLDS + 1])
{
    size_t cursor = 0;
    size_t n_worlds = 0;
    void *value;

    while (n_worlds <= EMULATOR_MAX_WORLDS &&
           map_next(emulator_parts(exchange->emulator)->worlds, &cursor, NULL, &value)) {
        if (value != emulator_world(exchange->emulator))
            ret_worlds[n_worlds++] = value;
    }
    return n_worlds;
}

void control_delete_worlds(struct exchange *exchange)
{
    struct world *worlds[EMULATOR_MAX_WORLDS + 1];
    const size_t n_worlds = list_private(exchange, worlds);
    size_t n_ended = 0;
    struct write write;

    for (size_t i = 0; i < n_worlds; i++)
        n_ended += end(exchange, worlds[i]);
    write_init(&write, &exchange->out);
    write_object(&write);
    write_member_i64(&write, "ended", (int64_t)n_ended);
    write_member_i64(&write, "busy", (int64_t)(n_worlds - n_ended));
    write_object_end(&write);
    exchange_answer(exchange, 200, "application/json");
}

void control_delete_world(struct exchange *exchange)
{
    struct world *world =
        map_find(emulator_parts(exchange->emulator)->worlds, exchange->params[0]);

    if (world == NULL)
        exchange_refuse(exchange, 404, "there is no such world");
    else if (!end(exchange, world))
        exchange_refuse(exchange, 409,
                        "that world is in use: it is everybody's, or this request's "
                        "own");
    else
        exchange_json(exchange, 200, BYTES("{}"));
}
