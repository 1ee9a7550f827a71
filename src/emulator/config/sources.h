/* SPDX-License-Identifier: MIT */
#pragma once

/* config_sources - sources come and go (dossier §7.4), for the Config and the Public API
 * and the pages. */

#include "base/bytes.h"
#include "emulator/world/invent.h"

struct world;

struct config_source_wish {
    struct bytes workspace; /* slug */
    struct bytes slug, catalog_name, display_name;
    struct bytes settings; /* JSON object's text; empty: none */
    bool is_enabled;
};

/* False: the slug is taken. Gives it a write key. */
must_check
bool config_sources_add(struct world *world, const struct config_source_wish *wish);
/* With everything below it: destinations, write keys, connections to plans. */
void config_sources_remove(struct world *world, struct bytes name);
/* Another write key. */
void config_sources_add_key(struct world *world, struct bytes name,
                            char ret_key[INVENT_BYTES]);
