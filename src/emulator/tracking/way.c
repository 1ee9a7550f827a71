/* SPDX-License-Identifier: MIT */

#include "emulator/tracking/way.h"

#include "base/err.h"
#include "emulator/delivery/counters.h"
#include "emulator/delivery/target.h"
#include "emulator/world/invent.h"
#include "emulator/world/world.h"
#include "segment/filter.h"
#include "segment/integrations.h"
#include "json/json.h"
#include "json/scan.h"

/* One filter. */
struct sieve {
    struct sieve *next;
    struct filter_expr *condition;
    struct json *actions;
};

const char *way_counter(enum way_outcome outcome)
{
    static const char *const names[WAY_N_OUTCOMES] = {
        [WAY_CLOSED_BY_SETTINGS] = "errors.discarded.INVALID_SETTINGS",
        [WAY_CLOSED_BY_INTEGRATIONS] = "FILTERED_BY_INTEGRATIONS_OBJECT",
        [WAY_CLOSED_BY_TYPE] = "UNSUPPORTED_EVENT_TYPE",
        [WAY_CLOSED_BY_RULES] = "FILTERED_BY_RULES",
    };

    return names[outcome];
}

/* --- reading ------------------------------------------------------------------------ */

/* A screen is a page of an app: the catalog has one word for both. */
static const struct {
    enum event_kind kind;
    const char *path;
} methods[] = {
    {EVENT_IDENTIFY, "methods.identify"}, {EVENT_TRACK, "methods.track"},
    {EVENT_PAGE, "methods.page_view"},    {EVENT_SCREEN, "methods.page_view"},
    {EVENT_GROUP, "methods.group"},       {EVENT_ALIAS, "methods.alias"},
};

/* What the catalog does not deny is supported. */
static unsigned read_kinds(struct bytes item)
{
    unsigned kinds = 0;

    for (size_t i = 0; i < COUNT(methods); i++) {
        struct scan_span found = {.kind = SCAN_NONE};

        if (!scan_find(item, bytes_str(methods[i].path), &found) ||
            found.kind != SCAN_FALSE)
            kinds |= 1u << methods[i].kind;
    }
    return kinds;
}

static struct bytes keep(struct arena *arena, struct bytes text)
{
    return bytes_of(arena_copy(arena, text), text.len);
}

/* A filter that cannot be read was never accepted by the Config API: it lets all pass. */
static struct sieve *read_sieve(struct sql_statement *row, struct arena *arena)
{
    char why[128];
    struct sieve *sieve = arena_new(arena, struct sieve);
    struct filter_expr *condition = filter_parse(sql_bytes(row, 0), arena, why);
    struct err err = {0};

    if (condition == NULL || json_parse(sql_bytes(row, 1), &sieve->actions, &err) < 0)
        return NULL;
    sieve->condition = condition;
    return sieve;
}

static void read_sieves(struct world *world, struct way *way, struct arena *arena)
{
    struct sieve **last = &way->sieves;
    struct sql_statement *row =
        world_use(world, "SELECT condition, actions FROM filter "
                         "WHERE destination = ?1 AND enabled = 1 ORDER BY rowid");

    sql_bind_text(row, 1, way->name);
    while (world_step(world, row)) {
        *last = read_sieve(row, arena);
        if (*last != NULL)
            last = &(*last)->next;
    }
}

static struct way *read_way(struct sql_statement *row, struct arena *arena)
{
    struct way *way = arena_new(arena, struct way);

    way->name = keep(arena, sql_bytes(row, 0));
    way->display_name = keep(arena, sql_bytes(row, 1));
    way->kinds = read_kinds(sql_bytes(row, 2));
    return way;
}

struct way *way_read_all(struct world *world, struct bytes source, struct arena *arena)
{
    struct way *ways = NULL;
    struct way **last = &ways;
    struct sql_statement *row = world_use(
        world, "SELECT d.name, c.display_name, c.body FROM destination d JOIN catalog c "
               "ON c.kind = 'destinations' AND c.slug = d.slug "
               "WHERE d.source = ?1 AND d.enabled = 1 ORDER BY d.rowid");

    sql_bind_text(row, 1, source);
    while (world_step(world, row)) {
        *last = read_way(row, arena);
        last = &(*last)->next;
    }
    for (struct way *way = ways; way != NULL; way = way->next)
        read_sieves(world, way, arena);
    return ways;
}

void way_done_all(struct way *ways)
{
    for (struct way *way = ways; way != NULL; way = way->next) {
        for (struct sieve *sieve = way->sieves; sieve != NULL; sieve = sieve->next)
            json_free(sieve->actions);
    }
}

/* --- passing ------------------------------------------------------------------------ */

/* Every condition is asked about the event as it was; actions follow one another. */
static bool pass_sieves(struct world *world, const struct way *way, struct bytes event,
                        struct buf scratch[2], struct bytes *ret_event)
{
    const struct bytes whole = event;
    size_t turn = 0;

    for (struct sieve *sieve = way->sieves; sieve != NULL; sieve = sieve->next) {
        struct buf *left = &scratch[turn];

        if (!filter_holds(sieve->condition, whole))
            continue;
        buf_clear(left);
        if (filter_apply(sieve->actions, event, invent_u32(world), left) ==
            FILTER_DROPPED)
            return false;
        event = buf_bytes(left);
        turn = 1 - turn;
    }
    *ret_event = event;
    return true;
}

static bool is_ready(struct world *world, struct way *way)
{
    struct arena arena;
    struct target target;
    struct err err = {0};

    if (way->has_checked)
        return way->is_ready;
    arena_init(&arena);
    way->has_checked = true;
    way->is_ready = target_of_destination(world, way->name, &arena, &target, &err) == 0;
    arena_done(&arena);
    return way->is_ready;
}

static enum way_outcome judge(struct world *world, struct way *way, enum event_kind kind,
                              struct buf scratch[2], struct bytes *event)
{
    if (!integrations_allow(*event, way->display_name))
        return WAY_CLOSED_BY_INTEGRATIONS;
    if ((way->kinds & 1u << kind) == 0)
        return WAY_CLOSED_BY_TYPE;
    if (!pass_sieves(world, way, *event, scratch, event))
        return WAY_CLOSED_BY_RULES;
    return is_ready(world, way) ? WAY_OPEN : WAY_CLOSED_BY_SETTINGS;
}

enum way_outcome way_pass(struct world *world, struct way *way, enum event_kind kind,
                          struct bytes event, struct buf scratch[2],
                          struct bytes *ret_event)
{
    const enum way_outcome outcome = judge(world, way, kind, scratch, &event);

    way->n_events[outcome]++;
    *ret_event = event;
    return outcome;
}

enum way_outcome way_pass_own(struct world *world, struct way *way)
{
    const enum way_outcome outcome =
        is_ready(world, way) ? WAY_OPEN : WAY_CLOSED_BY_SETTINGS;

    way->n_events[outcome]++;
    return outcome;
}

static void count(struct world *world, struct way *way)
{
    for (size_t i = 0; i < WAY_OPEN; i++) {
        const char *counter = way_counter((enum way_outcome)i);

        if (way->n_events[i] > 0)
            counters_add(world, way->name, counter, way->n_events[i]);
    }
    memset(way->n_events, 0, sizeof(way->n_events));
}

void way_count_all(struct world *world, struct way *ways)
{
    for (struct way *way = ways; way != NULL; way = way->next)
        count(world, way);
}
