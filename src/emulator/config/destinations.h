/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * config_destinations - destinations come, change and go (dossier §7.5), for the Config
 * and the Public API and the pages.
 *
 * A draft is a destination that is being made or changed: filled, judged, then saved at
 * once, so that a request that is refused has changed nothing.
 */

#include "base/bytes.h"

struct exchange;
struct json;
struct world;

enum { CONFIG_MODE_BYTES = 16 };

struct config_draft {
    struct bytes name; /* "workspaces/acme/sources/js/destinations/demo"; borrowed */
    struct json *item; /* of the catalog; NULL: it is not there (any more) */
    struct json *values;
    struct bytes display_name; /* borrowed; empty: the catalog's */
    char mode[CONFIG_MODE_BYTES];
    bool is_enabled;
    struct bytes made_by; /* "installs/7"; borrowed; may be empty */
};

/* An empty one; looks the item up by the name's last part. */
void config_draft_init(struct config_draft *draft, struct world *world,
                       struct bytes name);
/* What is there, into a draft of init; the texts lie in the exchange's arena. */
void config_draft_load(struct config_draft *draft, struct exchange *exchange);
void config_draft_done(struct config_draft *draft);
/* False: there is one of that name. */
must_check
bool config_draft_create(struct config_draft *draft, struct world *world);
void config_draft_update(struct config_draft *draft, struct world *world);

/* With its filters and counters; what waits for it ends by itself. */
void config_destinations_remove(struct world *world, struct bytes name);
void config_destinations_remove_of(struct world *world, struct bytes source);
/* The slug of the destination that a POST wants to create, for the scope's sake; empty
 * when its body does not say. */
struct bytes config_destinations_wanted(struct exchange *exchange);
