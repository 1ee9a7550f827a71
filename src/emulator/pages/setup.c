/* SPDX-License-Identifier: MIT */

#include "emulator/pages/setup.h"

#include <stdio.h>

#include "emulator/config/destinations.h"
#include "emulator/frame/exchange.h"
#include "emulator/pages/posted.h"
#include "emulator/pages/settings_form.h"
#include "emulator/world/world.h"
#include "segment/name.h"

static bool is_there(struct world *world, struct bytes name)
{
    return world_number(world, "SELECT 1 FROM destination WHERE name = ?1", name, 0) == 1;
}

/* What is there already, or an empty one. */
static bool open_draft(struct exchange *exchange, struct bytes name,
                       struct config_draft *draft, char ret_why[CONFIG_WHY_BYTES])
{
    config_draft_init(draft, exchange->world, name);
    if (is_there(exchange->world, name))
        config_draft_load(draft, exchange);
    if (draft->item != NULL)
        return true;
    snprintf(ret_why, CONFIG_WHY_BYTES, "the catalog has no such destination");
    return false;
}

static bool save_draft(struct exchange *exchange, struct config_draft *draft,
                       char ret_why[CONFIG_WHY_BYTES])
{
    struct world *world = exchange->world;

    if (!config_settings_fit(name_last(draft->name), draft->values, ret_why) ||
        (draft->is_enabled &&
         !config_settings_are_complete(draft->item, draft->values, ret_why)))
        return false;
    if (is_there(world, draft->name))
        config_draft_update(draft, world);
    else if (!config_draft_create(draft, world)) {
        snprintf(ret_why, CONFIG_WHY_BYTES, "it is there already");
        return false;
    }
    return true;
}

bool setup_save(struct exchange *exchange, struct bytes destination,
                char ret_why[CONFIG_WHY_BYTES])
{
    cleanup(config_draft_done) struct config_draft draft = {0};

    if (!open_draft(exchange, destination, &draft, ret_why))
        return false;
    draft.is_enabled = posted_is(exchange, "enabled", "true");
    return settings_form_read(exchange, &(struct settings_form){.item = draft.item},
                              draft.values, ret_why) &&
           save_draft(exchange, &draft, ret_why);
}

bool setup_enable(struct exchange *exchange, struct bytes destination, bool is_enabled,
                  char ret_why[CONFIG_WHY_BYTES])
{
    cleanup(config_draft_done) struct config_draft draft = {0};

    if (!open_draft(exchange, destination, &draft, ret_why))
        return false;
    draft.is_enabled = is_enabled;
    return save_draft(exchange, &draft, ret_why);
}

const char *setup_path(struct exchange *exchange, struct bytes destination)
{
    struct name name;

    if (!name_parse(destination, &name) || name.n_parts < 3)
        return "/";
    return arena_printf(&exchange->arena, "/destinations/%.*s/%.*s/%.*s",
                        BYTES_FMT(name.ids[0]), BYTES_FMT(name.ids[1]),
                        BYTES_FMT(name.ids[2]));
}
