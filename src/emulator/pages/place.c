/* SPDX-License-Identifier: MIT */

#include "emulator/pages/place.h"

#include "emulator/frame/exchange.h"
#include "emulator/pages/page.h"
#include "emulator/world/world.h"

static struct bytes column(struct exchange *exchange, struct sql_statement *row,
                           int number)
{
    const struct bytes text = sql_bytes(row, number);

    return bytes_of(arena_copy(&exchange->arena, text), text.len);
}

static bool read_source(struct exchange *exchange, struct place *place)
{
    struct sql_statement *row = world_use(
        exchange->world, "SELECT display_name, catalog_name, id, enabled FROM source "
                         "WHERE name = ?1");
    bool is_there;

    sql_bind_text(row, 1, place->source);
    is_there = world_step(exchange->world, row);
    if (is_there) {
        place->source_title = column(exchange, row, 0);
        place->catalog_name = column(exchange, row, 1);
        place->source_id = column(exchange, row, 2);
        place->is_source_enabled = sql_i64(row, 3) != 0;
    }
    sql_reset(row);
    return is_there;
}

static bool read_destination(struct exchange *exchange, struct place *place)
{
    struct sql_statement *row = world_use(
        exchange->world,
        "SELECT coalesce(d.display_name, c.display_name, d.slug), d.config,"
        " coalesce(d.made_by, ''), d.enabled FROM destination d LEFT JOIN catalog"
        " c ON c.kind = 'destinations' AND c.slug = d.slug WHERE d.name = ?1");
    bool is_there;

    sql_bind_text(row, 1, place->destination);
    is_there = world_step(exchange->world, row);
    if (is_there) {
        place->destination_title = column(exchange, row, 0);
        place->config = column(exchange, row, 1);
        place->made_by = column(exchange, row, 2);
        place->is_enabled = sql_i64(row, 3) != 0;
    }
    sql_reset(row);
    return is_there;
}

static void name_source(struct exchange *exchange, struct place *place)
{
    *place =
        (struct place){.workspace = exchange->params[0], .slug = exchange->params[1]};
    place->source =
        bytes_str(arena_printf(&exchange->arena, "workspaces/%.*s/sources/%.*s",
                               BYTES_FMT(place->workspace), BYTES_FMT(place->slug)));
    place->path = arena_printf(&exchange->arena, "/sources/%.*s/%.*s",
                               BYTES_FMT(place->workspace), BYTES_FMT(place->slug));
}

bool place_find_source(struct exchange *exchange, struct place *ret_place)
{
    name_source(exchange, ret_place);
    if (read_source(exchange, ret_place))
        return true;
    page_refuse(exchange, 404, "there is no such source");
    return false;
}

bool place_find_destination(struct exchange *exchange, struct place *ret_place)
{
    struct place *place = ret_place;

    name_source(exchange, place);
    place->destination_slug = exchange->params[2];
    place->destination = bytes_str(
        arena_printf(&exchange->arena, "%.*s/destinations/%.*s", BYTES_FMT(place->source),
                     BYTES_FMT(place->destination_slug)));
    place->path = arena_printf(&exchange->arena, "/destinations/%.*s/%.*s/%.*s",
                               BYTES_FMT(place->workspace), BYTES_FMT(place->slug),
                               BYTES_FMT(place->destination_slug));
    if (read_source(exchange, place) && read_destination(exchange, place))
        return true;
    page_refuse(exchange, 404, "there is no such destination");
    return false;
}
