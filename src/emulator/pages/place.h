/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * place - the workspace, source and destination that a page's address names.
 *
 * "/sources/{ws}/{src}" and "/destinations/{ws}/{src}/{slug}", found in the database; all
 * texts lie in the exchange's arena.
 */

#include "base/bytes.h"

struct exchange;

struct place {
    struct bytes workspace, slug; /* of the source */
    struct bytes source;          /* name: "workspaces/acme/sources/website" */
    struct bytes source_title, catalog_name, source_id;
    bool is_source_enabled;
    /* of a destination's page only */
    struct bytes destination; /* name */
    struct bytes destination_slug, destination_title;
    struct bytes config;  /* JSON object's text */
    struct bytes made_by; /* may be empty */
    bool is_enabled;
    const char *path; /* of the page: "/sources/acme/website" */
};

/* From params[0] and [1]; false after having answered 404. */
must_check
bool place_find_source(struct exchange *exchange, struct place *ret_place);
/* From params[0], [1] and [2]. */
must_check
bool place_find_destination(struct exchange *exchange, struct place *ret_place);
