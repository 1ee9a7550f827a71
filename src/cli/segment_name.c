/* SPDX-License-Identifier: MIT */

#include "cli/segment_name.h"

#include "base/err.h"
#include "cli/call.h"
#include "cli/segment_link.h"

struct naming {
    struct segment_link *link;
    struct call *call;
    const char *name; /* as typed; NULL: none */
    struct segment_target *target;
};

/* @name, or "@parent/@collection/@name" when it is short. */
static struct bytes whole_name(struct naming *naming, struct bytes parent,
                               const char *collection, const char *name)
{
    struct arena *arena = &naming->call->arena;

    if (strchr(name, '/') != NULL)
        return bytes_str(name);
    if (parent.len == 0)
        return bytes_str(arena_printf(arena, "%s/%s", collection, name));
    return bytes_str(
        arena_printf(arena, "%.*s/%s/%s", BYTES_FMT(parent), collection, name));
}

/* The part of a name before its last collection: where it is created. */
static struct bytes parent_of(struct bytes name, struct bytes collection)
{
    size_t at = bytes_find(name, collection);

    return at < name.len ? bytes_slice(name, 0, at) : BYTES("");
}

static bool is_short(const char *name)
{
    return name == NULL || strchr(name, '/') == NULL;
}

/* The workspace that a short name of a source is in. */
static int find_workspace(struct naming *naming, struct bytes *ret_parent,
                          struct err *err)
{
    if (segment_link_ask_names(naming->link, naming->call, err) < 0)
        return -1;
    *ret_parent = bytes_str(naming->link->workspace);
    return 0;
}

/* The source that a short name of a destination is of: --source, or the install's. */
static int find_source(struct naming *naming, struct bytes *ret_parent, struct err *err)
{
    const char *given = call_given(naming->call, "source");
    struct bytes workspace = BYTES("");

    if (given != NULL && is_short(given) && find_workspace(naming, &workspace, err) < 0)
        return -1;
    if (given != NULL) {
        *ret_parent = whole_name(naming, workspace, "sources", given);
        return 0;
    }
    if (segment_link_ask_names(naming->link, naming->call, err) < 0)
        return -1;
    *ret_parent = bytes_str(naming->link->source);
    return naming->link->source[0] != '\0'
               ? 0
               : err_code(err, "PA7003", ERR_USAGE,
                          "the install has no source: --source NAME, or the whole name");
}

static int name_source(struct naming *naming, struct err *err)
{
    struct segment_target *target = naming->target;
    const char *name = naming->name;
    struct bytes workspace = BYTES("");

    if (target->verb == SEGMENT_LIST && name != NULL) {
        target->parent = whole_name(naming, BYTES(""), "workspaces", name);
        return 0;
    }
    if (is_short(name) && find_workspace(naming, &workspace, err) < 0)
        return -1;
    if (name != NULL)
        target->name = whole_name(naming, workspace, "sources", name);
    target->parent =
        name != NULL ? parent_of(target->name, BYTES("/sources/")) : workspace;
    return 0;
}

static int name_destination(struct naming *naming, struct err *err)
{
    struct segment_target *target = naming->target;
    const char *name = naming->name;
    struct bytes source = BYTES("");

    if (target->verb == SEGMENT_LIST && name != NULL && !is_short(name)) {
        target->parent = bytes_str(name);
        return 0;
    }
    if (is_short(name) && find_source(naming, &source, err) < 0)
        return -1;
    if (name != NULL)
        target->name = whole_name(naming, source, "destinations", name);
    target->parent =
        name != NULL ? parent_of(target->name, BYTES("/destinations/")) : source;
    return 0;
}

/* The Public API has ids, and no install to take a source from. */
static void name_public(struct naming *naming)
{
    static const char *const collections[] = {
        [SEGMENT_WORKSPACES] = "workspaces",
        [SEGMENT_SOURCES] = "sources",
        [SEGMENT_DESTINATIONS] = "destinations",
        [SEGMENT_CATALOG_DESTINATIONS] = "catalog/destinations",
        [SEGMENT_CATALOG_SOURCES] = "catalog/sources",
    };
    struct segment_target *target = naming->target;
    const char *source = call_given(naming->call, "source");
    const bool is_catalog = target->noun >= SEGMENT_CATALOG_DESTINATIONS;

    if (target->verb == SEGMENT_LIST && target->noun == SEGMENT_DESTINATIONS &&
        naming->name != NULL)
        source = naming->name;
    if (source != NULL)
        target->parent = whole_name(naming, BYTES(""), "sources", source);
    if (naming->name == NULL || target->verb == SEGMENT_LIST)
        return;
    target->name =
        is_catalog || target->verb == SEGMENT_CREATE
            ? bytes_str(naming->name)
            : whole_name(naming, BYTES(""), collections[target->noun], naming->name);
}

static int find(struct naming *naming, struct err *err)
{
    struct segment_target *target = naming->target;

    if (target->backend == SEGMENT_PUBLIC) {
        name_public(naming);
        return 0;
    }
    switch (target->noun) {
    case SEGMENT_SOURCES:
        return name_source(naming, err);
    case SEGMENT_DESTINATIONS:
        return name_destination(naming, err);
    case SEGMENT_WORKSPACES:
    case SEGMENT_CATALOG_DESTINATIONS:
    case SEGMENT_CATALOG_SOURCES:
        break;
    }
    if (naming->name != NULL && target->verb != SEGMENT_LIST)
        target->name = whole_name(naming, BYTES(""),
                                  target->noun == SEGMENT_WORKSPACES ? "workspaces"
                                  : target->noun == SEGMENT_CATALOG_DESTINATIONS
                                      ? "catalog/destinations"
                                      : "catalog/sources",
                                  naming->name);
    return 0;
}

int segment_name_find(struct segment_link *link, struct call *call, const char *name,
                      struct segment_target *target, struct err *err)
{
    struct naming naming = {link, call, name, target};

    return find(&naming, err);
}
