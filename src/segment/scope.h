/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * scope - what an access token may do (dossier §6.2, §7.10).
 *
 * Exactly one scope a token: "destination/<slug>" (that slug on the one source that was
 * chosen), "workspace:read", "workspace". Zero may do nothing.
 */

#include "base/bytes.h"

enum scope_kind {
    SCOPE_NONE = 0, /* also what cannot be parsed */
    SCOPE_DESTINATION,
    SCOPE_READ,
    SCOPE_WORKSPACE,
};

struct scope {
    enum scope_kind kind;
    struct bytes slug; /* of DESTINATION; points into the text */
};

/* Case matters; a slug is what name_is_slug takes. */
struct scope scope_parse(struct bytes text);

/* What a request to the Config API is about. */
enum scope_area {
    SCOPE_AREA_WORKSPACE = 0, /* workspaces, sources, plans, functions, IAM, regulations,
                                 listing destinations */
    SCOPE_AREA_DESTINATION,   /* one destination itself */
    SCOPE_AREA_BELOW,         /* metrics and filters of one destination */
    SCOPE_AREA_CATALOG,       /* any valid token may read it */
};

struct scope_question {
    enum scope_area area;
    bool is_write;
    struct bytes workspace; /* slug that the request names; empty: none in particular,
                               which only AREA_WORKSPACE (listing them) and CATALOG can */
    struct bytes source;    /* name; of DESTINATION and BELOW */
    struct bytes slug;      /* destination's; of DESTINATION and BELOW */
};

/*
 * May a token of @scope do that? Nobody writes the catalog. @workspace (slug) is what the
 * install consented to;
 * @source (name) the one source chosen for a DESTINATION scope, empty otherwise. The
 * table of dossier §7.10; false is 403 "insufficient scope", never 404.
 */
must_check
bool scope_allows(const struct scope *scope, struct bytes workspace, struct bytes source,
                  const struct scope_question *question);
