/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * name - resource names of the Config API: "workspaces/acme/sources/js/destinations/x"
 * (dossier §1.1, §7.1).
 *
 * Collection and id take turns. Ids are slugs or prefixed ids; nobody here knows whether
 * a resource exists.
 */

#include "base/buf.h"

enum { NAME_MAX_PARTS = 6, NAME_MAX_BYTES = 512 };

struct name {
    struct bytes collections[NAME_MAX_PARTS]; /* "workspaces", "sources" … */
    struct bytes ids[NAME_MAX_PARTS];
    size_t n_parts;
};

/* @text must be pairs, each half of [A-Za-z0-9._~:-]+; slices point into it. */
must_check
bool name_parse(struct bytes text, struct name *ret_name);
/* Is it "collections[0]/…/collections[n-1]/…" of just these, NULL-terminated? */
must_check
bool name_is(const struct name *name, const char *const *collections);
/* The name without its last pair: "workspaces/acme" of "workspaces/acme/sources/js";
 * empty for a name of one pair. For names that name_parse took, as name_last. */
struct bytes name_parent(struct bytes text);
/* The last id: "js". */
struct bytes name_last(struct bytes text);
/* May this be the slug of a new source: [a-z0-9_-]+ in any case, at most 100? */
must_check
bool name_is_slug(struct bytes text);
/* "acme" of "workspaces/acme", of what is below it, and of "acme": the API's samples have
 * both. Not checked: what a text that is no name gives is no name either. */
struct bytes name_workspace_slug(struct bytes text);
