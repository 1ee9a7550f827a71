/* SPDX-License-Identifier: MIT */

#include "emulator/delivery/counters.h"

#include "base/mem.h"
#include "emulator/world/world.h"
#include "json/write.h"

enum { MAX_ITEMS = 64 };

struct item {
    char *name, *metric; /* owned */
    int64_t hour;
    int64_t n_more;
};

struct counting {
    struct item items[MAX_ITEMS];
    size_t n_items;
};

static int64_t hour(const struct world *world)
{
    const int64_t now_ms = world_now_ms(world);

    return now_ms - now_ms % COUNTERS_HOUR_MS;
}

/* --- what waits --------------------------------------------------------------------- */

static void empty(struct counting *counting)
{
    for (size_t i = 0; i < counting->n_items; i++) {
        free(counting->items[i].name);
        free(counting->items[i].metric);
    }
    counting->n_items = 0;
}

struct counting *counters_new(void)
{
    return mem_new(struct counting);
}

void counters_free(struct counting *counting)
{
    if (counting == NULL)
        return;
    empty(counting);
    free(counting);
}

void counters_forget(struct world *world)
{
    empty(world->counting);
}

static void save(struct world *world, const struct item *item)
{
    struct sql_statement *statement = world_use(
        world, "INSERT INTO counter (destination, metric, hour, value) "
               "VALUES (?1, ?2, ?3, ?4) ON CONFLICT (destination, metric, hour) "
               "DO UPDATE SET value = value + excluded.value");

    sql_bind_text(statement, 1, bytes_str(item->name));
    sql_bind_text(statement, 2, bytes_str(item->metric));
    sql_bind(statement, 3, item->hour);
    sql_bind(statement, 4, item->n_more);
    world_run_traffic(statement);
}

void counters_settle(struct world *world)
{
    for (size_t i = 0; i < world->counting->n_items; i++)
        save(world, &world->counting->items[i]);
    empty(world->counting);
}

static struct item *find(struct counting *counting, struct bytes name, const char *metric,
                         int64_t at_hour)
{
    for (size_t i = 0; i < counting->n_items; i++) {
        struct item *item = &counting->items[i];

        if (item->hour == at_hour && strcmp(item->metric, metric) == 0 &&
            bytes_eq(bytes_str(item->name), name))
            return item;
    }
    return NULL;
}

void counters_add(struct world *world, struct bytes name, const char *metric,
                  unsigned n_more)
{
    struct counting *counting = world->counting;
    struct item *item = find(counting, name, metric, hour(world));

    world_begin(world); /* so that there is a commit */
    if (item != NULL) {
        item->n_more += n_more;
        return;
    }
    if (counting->n_items == MAX_ITEMS)
        counters_settle(world);
    counting->items[counting->n_items++] = (struct item){
        .name = bytes_copy(name),
        .metric = mem_text(metric),
        .hour = hour(world),
        .n_more = n_more,
    };
}

/* --- the tables --------------------------------------------------------------------- */

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
    world_run_traffic(statement);
}

void counters_write(struct world *world, struct write *write)
{
    struct sql_statement *names;

    counters_settle(world);
    names =
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
