/* SPDX-License-Identifier: MIT */

#include "core/segment_api.h"

#include <stdio.h>

#include "base/err.h"
#include "base/form.h"
#include "core/segment_setting.h"
#include "segment/name.h"
#include "json/json.h"
#include "json/write.h"

enum { PATH_BYTES = 4096, BODY_BYTES = 1 << 20 };

void segment_request_init(struct segment_request *request)
{
    request->method = "GET";
    buf_init(&request->path, PATH_BYTES);
    buf_init(&request->body, BODY_BYTES);
}

void segment_request_done(struct segment_request *request)
{
    buf_done(&request->path);
    buf_done(&request->body);
}

/* What the nouns are called; NULL: there is none there. */
struct noun {
    const char *path;   /* of the collection, with its '/' at the front */
    const char *plural; /* member of a list's answer */
    const char *single; /* member of a resource's answer; v1beta has no envelope */
};
static const struct noun nouns[2][5] = {
    [SEGMENT_V1BETA] =
        {
            [SEGMENT_WORKSPACES] = {"/workspaces", "workspaces", NULL},
            [SEGMENT_SOURCES] = {"/sources", "sources", NULL},
            [SEGMENT_DESTINATIONS] = {"/destinations", "destinations", NULL},
            [SEGMENT_CATALOG_DESTINATIONS] = {"/catalog/destinations", "destinations",
                                              NULL},
            [SEGMENT_CATALOG_SOURCES] = {"/catalog/sources", "sources", NULL},
        },
    [SEGMENT_PUBLIC] =
        {
            [SEGMENT_WORKSPACES] = {"/", "workspace", "workspace"},
            [SEGMENT_SOURCES] = {"/sources", "sources", "source"},
            [SEGMENT_DESTINATIONS] = {"/destinations", "destinations", "destination"},
            [SEGMENT_CATALOG_DESTINATIONS] = {"/catalog/destinations",
                                              "destinationsCatalog",
                                              "destinationMetadata"},
            [SEGMENT_CATALOG_SOURCES] = {"/catalog/sources", "sourcesCatalog",
                                         "sourceMetadata"},
        },
};

static const struct noun *noun_of(const struct segment_target *target)
{
    return &nouns[target->backend][target->noun];
}

static bool is_catalog(const struct segment_target *target)
{
    return target->noun == SEGMENT_CATALOG_DESTINATIONS ||
           target->noun == SEGMENT_CATALOG_SOURCES;
}

static bool is_on_one(const struct segment_target *target)
{
    return target->verb != SEGMENT_LIST && target->verb != SEGMENT_CREATE;
}

/* What there is to ask for: nobody writes catalogs, workspaces or, here, sources. */
static bool is_offered(const struct segment_target *target)
{
    switch (target->verb) {
    case SEGMENT_LIST:
    case SEGMENT_GET:
        return true;
    case SEGMENT_CREATE:
    case SEGMENT_UPDATE:
        return target->noun == SEGMENT_DESTINATIONS;
    case SEGMENT_DELETE:
        return target->noun == SEGMENT_DESTINATIONS || target->noun == SEGMENT_SOURCES;
    }
    return false;
}

static int refuse_name(struct bytes text, struct err *err)
{
    return err_set(err, "\"%.*s\" is no name of what is asked for",
                   BYTES_FMT(bytes_slice(text, 0, 100)));
}

/* Is it a name made of just these collections, without a way up or out? */
static bool has_parts(struct bytes text, const char *const *collections)
{
    struct name name;

    if (!name_parse(text, &name) || !name_is(&name, collections))
        return false;
    for (size_t i = 0; i < name.n_parts; i++) {
        if (bytes_eq(name.ids[i], BYTES(".")) || bytes_eq(name.ids[i], BYTES("..")))
            return false;
    }
    return true;
}

/* The text after @prefix when that is a slug. */
static bool has_slug(struct bytes text, const char *prefix)
{
    const struct bytes front = bytes_str(prefix);

    return bytes_starts(text, front) &&
           name_is_slug(bytes_slice(text, front.len, text.len));
}

static bool is_resource(enum segment_noun noun, struct bytes text)
{
    static const char *const workspace[] = {"workspaces", NULL};
    static const char *const source[] = {"workspaces", "sources", NULL};
    static const char *const destination[] = {"workspaces", "sources", "destinations",
                                              NULL};

    switch (noun) {
    case SEGMENT_WORKSPACES:
        return has_parts(text, workspace);
    case SEGMENT_SOURCES:
        return has_parts(text, source);
    case SEGMENT_DESTINATIONS:
        return has_parts(text, destination);
    case SEGMENT_CATALOG_DESTINATIONS:
        return has_slug(text, "catalog/destinations/");
    case SEGMENT_CATALOG_SOURCES:
        return has_slug(text, "catalog/sources/");
    }
    return false;
}

static bool is_top(const struct segment_target *target)
{
    return target->noun == SEGMENT_WORKSPACES || is_catalog(target);
}

static int write_v1beta_path(const struct segment_target *target, struct buf *path,
                             struct err *err)
{
    const enum segment_noun above =
        target->noun == SEGMENT_DESTINATIONS ? SEGMENT_SOURCES : SEGMENT_WORKSPACES;

    (void)buf_add_text(path, "/v1beta");
    if (is_on_one(target)) {
        if (!is_resource(target->noun, target->name))
            return refuse_name(target->name, err);
        return buf_addf(path, "/%.*s", BYTES_FMT(target->name));
    }
    if (!is_top(target)) {
        if (!is_resource(above, target->parent))
            return refuse_name(target->parent, err);
        (void)buf_addf(path, "/%.*s", BYTES_FMT(target->parent));
    }
    if (target->verb == SEGMENT_CREATE &&
        (!is_resource(target->noun, target->name) ||
         !bytes_eq(name_parent(target->name), target->parent)))
        return refuse_name(target->name, err);
    return buf_add_text(path, noun_of(target)->path);
}

/* Ids of the Public API: catalog items by id alone, the others "sources/ID". */
static bool is_public_resource(const struct segment_target *target, struct bytes text)
{
    if (is_catalog(target) || target->verb == SEGMENT_CREATE)
        return name_is_slug(text);
    return has_slug(text, target->noun == SEGMENT_SOURCES ? "sources/" : "destinations/");
}

static int write_public_path(const struct segment_target *target, struct buf *path,
                             struct err *err)
{
    const bool is_below_source =
        target->noun == SEGMENT_DESTINATIONS &&
        (target->parent.len > 0 || target->verb == SEGMENT_CREATE) && !is_on_one(target);

    if (target->noun == SEGMENT_WORKSPACES) /* the token has one */
        return buf_add_text(path, "/");
    if (target->verb != SEGMENT_LIST && !is_public_resource(target, target->name))
        return refuse_name(target->name, err);
    if (is_below_source && !has_slug(target->parent, "sources/"))
        return refuse_name(target->parent, err);
    if (is_below_source && target->verb == SEGMENT_LIST)
        return buf_addf(path, "/%.*s/connected-destinations", BYTES_FMT(target->parent));
    if (!is_on_one(target))
        return buf_add_text(path, noun_of(target)->path);
    if (is_catalog(target))
        (void)buf_add_text(path, noun_of(target)->path);
    return buf_addf(path, "/%.*s", BYTES_FMT(target->name));
}

static void write_page(const struct segment_target *target, struct buf *path)
{
    const bool is_public = target->backend == SEGMENT_PUBLIC;
    char size[16];
    struct buf query;

    buf_init(&query, PATH_BYTES);
    (void)snprintf(size, sizeof(size), "%u", target->page_size);
    if (target->page_size > 0)
        (void)form_add(&query, is_public ? "pagination.count" : "page_size",
                       bytes_str(size), FORM_SPACE_PERCENT);
    if (target->page_token.len > 0)
        (void)form_add(&query, is_public ? "pagination.cursor" : "page_token",
                       target->page_token, FORM_SPACE_PERCENT);
    if (query.len > 0)
        (void)buf_addf(path, "?%s", buf_text(&query));
    path->full = path->full || query.full;
    buf_done(&query);
}

/* {"destination":{name, connection_mode, config, enabled}, "update_mask":…} as the
 * reference client orders it. A path without data would set a zero, so it is left out. */
static void write_v1beta_body(const struct segment_target *target,
                              const struct segment_destination *destination,
                              const struct json *settings, struct write *write)
{
    size_t n_settings;

    write_object(write);
    write_key(write, "destination");
    write_object(write);
    write_member_string(write, "name", target->name);
    if (destination->connection_mode.len > 0)
        write_member_string(write, "connection_mode", destination->connection_mode);
    write_key(write, "config");
    n_settings = segment_setting_write_list(target->name, settings, write);
    write_member_bool(write, "enabled", destination->is_enabled);
    write_object_end(write);
    if (target->verb == SEGMENT_UPDATE) {
        write_key(write, "update_mask");
        write_object(write);
        write_key(write, "paths");
        write_array(write);
        write_text(write, "destination.enabled");
        if (n_settings > 0)
            write_text(write, "destination.config");
        if (destination->connection_mode.len > 0)
            write_text(write, "destination.connection_mode");
        write_array_end(write);
        write_object_end(write);
    }
    write_object_end(write);
}

static void write_public_body(const struct segment_target *target,
                              const struct segment_destination *destination,
                              const struct json *settings, struct write *write)
{
    write_object(write);
    if (target->verb == SEGMENT_CREATE) {
        write_member_string(write, "sourceId", name_last(target->parent));
        write_member_string(write, "metadataId", target->name);
    }
    write_member_bool(write, "enabled", destination->is_enabled);
    write_key(write, "settings");
    segment_setting_write_object(settings, write);
    write_object_end(write);
}

static int write_body(const struct segment_target *target,
                      const struct segment_destination *destination, struct buf *body,
                      struct err *err)
{
    cleanup(json_freep) struct json *settings = NULL;
    struct write write;

    if (destination->settings.len > 0 &&
        json_parse(destination->settings, &settings, err) < 0)
        return err_wrap(err, "the destination's settings");
    if (settings != NULL && json_kind(settings) != JSON_OBJECT)
        return err_set(err, "the destination's settings are no JSON object");
    write_init(&write, body);
    if (target->backend == SEGMENT_PUBLIC)
        write_public_body(target, destination, settings, &write);
    else
        write_v1beta_body(target, destination, settings, &write);
    return body->full ? err_set(err, "the destination's settings are too large") : 0;
}

int segment_api_write(const struct segment_target *target,
                      const struct segment_destination *destination,
                      struct segment_request *ret_request, struct err *err)
{
    static const char *const methods[] = {"GET", "GET", "POST", "PATCH", "DELETE"};
    struct buf *path = &ret_request->path;
    int r;

    buf_clear(path);
    buf_clear(&ret_request->body);
    if (!is_offered(target))
        return err_set(err, "Segment's API has no such call");
    ret_request->method = methods[target->verb];
    r = target->backend == SEGMENT_PUBLIC ? write_public_path(target, path, err)
                                          : write_v1beta_path(target, path, err);
    if (r < 0)
        return r;
    if (target->verb == SEGMENT_LIST)
        write_page(target, path);
    if (path->full)
        return err_set(err, "the name or the page's token is too long");
    if (target->verb != SEGMENT_CREATE && target->verb != SEGMENT_UPDATE)
        return 0;
    if (destination == NULL)
        return err_set(err, "nothing is said about the destination");
    return write_body(target, destination, &ret_request->body, err);
}

const struct json *segment_api_data(const struct segment_target *target,
                                    const struct json *answer, struct bytes *ret_next)
{
    const bool is_public = target->backend == SEGMENT_PUBLIC;
    const struct json *data = is_public ? json_get(answer, "data") : answer;
    const struct noun *noun = noun_of(target);
    const struct json *list = json_get(data, noun->plural);

    *ret_next = bytes_of(NULL, 0);
    if (target->verb == SEGMENT_DELETE)
        return data;
    if (target->verb != SEGMENT_LIST)
        return noun->single != NULL ? json_get(data, noun->single) : data;
    *ret_next = json_string(is_public ? json_path(data, "pagination.next")
                                      : json_get(data, "next_page_token"));
    /* A page that names itself as the next one would be read for ever. */
    if (bytes_eq(*ret_next, target->page_token))
        *ret_next = bytes_of(NULL, 0);
    if (list == NULL && target->noun == SEGMENT_WORKSPACES &&
        json_kind(json_get(data, "name")) == JSON_STRING)
        return data; /* one sample has the only workspace bare */
    return list;
}
