/* SPDX-License-Identifier: MIT */

#include "emulator/delivery/counters.h"

#include "emulator/world/world.h"
#include "json/write.h"

static int64_t hour(const struct world *world)
{
    const int64_t now_ms = world_now_ms(world);

    return now_ms - now_ms % COUNTERS_HOUR_MS;
}

void counters_add(struct world *world, struct bytes name, const char *metric,
                  unsigned n_more)
{
    struct sql_statement *statement = world_use(
        world, "INSERT INTO counter (destination, metric, hour, value) "
               "VALUES (?1, ?2, ?3, ?4) ON CONFLICT (destination, metric, hour) "
               "DO UPDATE SET value = value + excluded.value");

    sql_bind_text(statement, 1, name);
    sql_bind_text(statement, 2, bytes_str(metric));
    sql_bind(statement, 3, hour(world));
    sql_bind(statement, 4, n_more);
    world_run(world, statement);
}

/* Rows are a ring: a later one takes the place of one long before it. */
void counters_note_latency(struct world *world, struct bytes destination,
                           int64_t delivery_id, int64_t latency_ms)
{
    struct sql_statement *statement =
        world_use(world, "INSERT OR REPLACE INTO latency (rowid, destination, hour, ms) "
                         "VALUES (?1, ?2, ?3, ?4)");

    sql_bind(statement, 1, delivery_id % COUNTERS_LATENCIES);
    sql_bind_text(statement, 2, destination);
    sql_bind(statement, 3, hour(world));
    sql_bind(statement, 4, latency_ms);
    world_run(world, statement);
}

void counters_write(struct world *world, struct write *write)
{
    struct sql_statement *names =
        world_use(world, "SELECT DISTINCT destination FROM counter ORDER BY destination");

    write_object(write);
    while (world_step(world, names)) {
        struct sql_statement *totals = world_use(
            world, "SELECT metric, sum(value) FROM counter WHERE destination = ?1 "
                   "GROUP BY metric ORDER BY metric");

        write_key_string(write, sql_bytes(names, 0));
        write_object(write);
        sql_bind_text(totals, 1, sql_bytes(names, 0));
        while (world_step(world, totals)) {
            write_key_string(write, sql_bytes(totals, 0));
            write_i64(write, sql_i64(totals, 1));
        }
        write_object_end(write);
    }
    write_object_end(write);
}
