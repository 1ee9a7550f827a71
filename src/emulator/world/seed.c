/* SPDX-License-Identifier: MIT */

#include "emulator/world/seed.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "emulator/frame/emulator.h"
#include "emulator/frame/files.h"
#include "emulator/world/invent.h"
#include "emulator/world/world.h"
#include "json/json.h"
#include "json/write.h"

/* Everything here was created at the same moment, long before the clock's start. */
#define CREATED_MS INT64_C(1533734642651) /* 2018-08-08T13:24:02.651Z */

enum { NAME_BYTES = 256, LIST_BYTES = 65536 };

static const struct {
    const char *slug, *display_name;
} workspaces[] = {{"acme", "Acme"}, {"globex", "Globex"}};

static const struct {
    const char *email, *name;
} people[] = {
    {"owner@acme.test", "Olivia Owner"},
    {"analyst@acme.test", "Ann Analyst"},
    {"owner@globex.test", "Gus Globex"},
};

static const struct {
    const char *email, *workspace, *role;
} members[] = {
    {"owner@acme.test", "acme", "owner"},
    {"analyst@acme.test", "acme", "read_only"},
    {"owner@globex.test", "globex", "owner"},
    {"owner@globex.test", "acme", "owner"},
};

static const struct {
    const char *workspace, *slug, *catalog, *display_name, *write_key;
} sources[] = {
    {"acme", "website", "javascript", "Website", "dev_writekey_website"},
    {"acme", "ios", "ios", "iOS", "dev_writekey_ios"},
    {"acme", "backend", "http-api", "Backend", "dev_writekey_backend"},
    {"globex", "website", "javascript", "Website", "dev_writekey_globex"},
};

/* Runs @literal with @n_texts texts bound from ?1. */
static void insert(struct world *world, const char *literal, const char *const *texts,
                   size_t n_texts)
{
    struct sql_statement *statement = world_use(world, literal);

    for (size_t i = 0; i < n_texts; i++)
        sql_bind_text(statement, (int)i + 1, bytes_str(texts[i]));
    world_run(world, statement);
}

static void plant_workspaces(struct world *world)
{
    for (size_t i = 0; i < COUNT(workspaces); i++) {
        struct sql_statement *statement = world_use(
            world, "INSERT INTO workspace (slug, id, display_name, create_time) "
                   "VALUES (?1, ?2, ?3, ?4)");
        char id[INVENT_BYTES];

        invent_hex(world, 10, id);
        sql_bind_text(statement, 1, bytes_str(workspaces[i].slug));
        sql_bind_text(statement, 2, bytes_str(id));
        sql_bind_text(statement, 3, bytes_str(workspaces[i].display_name));
        sql_bind(statement, 4, CREATED_MS);
        world_run(world, statement);
    }
}

static void plant_people(struct world *world)
{
    for (size_t i = 0; i < COUNT(people); i++)
        insert(world, "INSERT INTO person (email, name) VALUES (?1, ?2)",
               (const char *const[]){people[i].email, people[i].name}, 2);
    for (size_t i = 0; i < COUNT(members); i++)
        insert(world, "INSERT INTO member (email, workspace, role) VALUES (?1, ?2, ?3)",
               (const char *const[]){members[i].email, members[i].workspace,
                                     members[i].role},
               3);
}

static void plant_source(struct world *world, size_t i)
{
    char name[NAME_BYTES], catalog[NAME_BYTES], id[INVENT_BYTES];
    struct sql_statement *statement;

    snprintf(name, sizeof(name), "workspaces/%s/sources/%s", sources[i].workspace,
             sources[i].slug);
    snprintf(catalog, sizeof(catalog), "catalog/sources/%s", sources[i].catalog);
    invent_alphanumeric(world, 10, id);
    statement = world_use(
        world,
        "INSERT INTO source (name, workspace, slug, id, display_name, catalog_name,"
        " create_time) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    sql_bind_text(statement, 1, bytes_str(name));
    sql_bind_text(statement, 2, bytes_str(sources[i].workspace));
    sql_bind_text(statement, 3, bytes_str(sources[i].slug));
    sql_bind_text(statement, 4, bytes_str(id));
    sql_bind_text(statement, 5, bytes_str(sources[i].display_name));
    sql_bind_text(statement, 6, bytes_str(catalog));
    sql_bind(statement, 7, CREATED_MS);
    world_run(world, statement);
    insert(world, "INSERT INTO write_key (write_key, source) VALUES (?1, ?2)",
           (const char *const[]){sources[i].write_key, name}, 2);
}

/* --- catalog ------------------------------------------------------------------------ */

static void plant_item(struct world *world, const char *kind, const struct json *item)
{
    struct sql_statement *statement;
    cleanup(buf_done) struct buf body = {0};
    const struct bytes name = json_string(json_get(item, "name"));
    char id[INVENT_BYTES];
    size_t slash = name.len;

    while (slash > 0 && name.ptr[slash - 1] != '/')
        slash--;
    buf_init(&body, LIST_BYTES);
    json_print(item, /* indented= */ false, &body);
    invent_hex(world, 24, id);
    statement =
        world_use(world, "INSERT INTO catalog (kind, slug, id, display_name, body)"
                         " VALUES (?1, ?2, ?3, ?4, ?5)");
    sql_bind_text(statement, 1, bytes_str(kind));
    sql_bind_text(statement, 2, bytes_slice(name, slash, name.len));
    sql_bind_text(statement, 3, bytes_str(id));
    sql_bind_text(statement, 4, json_string(json_get(item, "display_name")));
    sql_bind_text(statement, 5, buf_bytes(&body));
    world_run(world, statement);
}

static void plant_catalog(struct world *world, const char *kind, const char *file)
{
    cleanup(json_freep) struct json *items = NULL;
    struct err err = {0};

    if (json_parse(files_find(file), &items, &err) < 0)
        abort(); /* it is ours */
    for (size_t i = 0; i < json_count(items); i++)
        plant_item(world, kind, json_at(items, i));
}

/* The partner's own destination, when it is none of those that are there: a plain one. */
static void plant_own_item(struct world *world, const char *slug)
{
    cleanup(json_freep) struct json *items = NULL;
    cleanup(json_freep) struct json *item = json_object();
    struct err err = {0};
    char name[NAME_BYTES];

    if (world_number(world,
                     "SELECT 1 FROM catalog WHERE kind = 'destinations' AND slug = ?1",
                     bytes_str(slug), 0) == 1)
        return;
    if (json_parse(files_find("destinations.json"), &items, &err) < 0)
        abort();
    snprintf(name, sizeof(name), "catalog/destinations/%s", slug);
    json_merge(item, json_at(items, 0));
    json_set_string(item, "name", bytes_str(name));
    json_set_string(item, "display_name", bytes_str(slug));
    plant_item(world, "destinations", item);
}

/* --- the app ------------------------------------------------------------------------ */

/* The slug that "destination/<slug>" names; else the option's, else "demo". */
static struct bytes app_slug(const struct emulator_options *options)
{
    const struct bytes prefix = BYTES("destination/");
    const struct bytes scope = bytes_str(options->scope);

    if (options->slug != NULL)
        return bytes_str(options->slug);
    if (bytes_starts(scope, prefix))
        return bytes_slice(scope, prefix.len, scope.len);
    return BYTES("demo");
}

static void write_redirect_uris(const struct emulator_options *options, struct buf *list)
{
    struct write write;

    write_init(&write, list);
    write_array(&write);
    if (options->n_redirect_uris == 0)
        write_text(&write, "http://localhost:8888/auth/segment/callback");
    for (size_t i = 0; i < options->n_redirect_uris; i++)
        write_text(&write, options->redirect_uris[i]);
    write_array_end(&write);
}

static void plant_app(struct world *world, const struct emulator_options *options,
                      const char *slug)
{
    char client_id[INVENT_BYTES], secret[INVENT_BYTES], scope[NAME_BYTES];
    char display_name[NAME_BYTES];
    cleanup(buf_done) struct buf uris = {0};

    buf_init(&uris, LIST_BYTES);
    write_redirect_uris(options, &uris);
    invent_uuid(world, client_id);
    invent_secret(world, secret);
    snprintf(scope, sizeof(scope), "destination/%s", slug);
    snprintf(display_name, sizeof(display_name), "%s-app", slug);
    insert(world,
           "INSERT INTO app (id, workspace, slug, display_name, client_id, client_secret,"
           " scope, redirect_uris) VALUES (1, 'acme', ?1, ?2, ?3, ?4, ?5, ?6)",
           (const char *const[]){slug, display_name, client_id, secret,
                                 options->scope != NULL ? options->scope : scope,
                                 buf_text(&uris)},
           6);
    world_set_i64(world, "next:app", 2);
}

static void plant_subscription(struct world *world,
                               const struct emulator_options *options)
{
    const char *url = options->subscription_url;
    struct write write;
    cleanup(buf_done) struct buf body = {0};

    buf_init(&body, LIST_BYTES);
    write_init(&write, &body);
    write_object(&write);
    write_member_text(&write, "kind", "webhook");
    write_member_text(&write, "url", url != NULL ? url : "http://localhost:8888/webhook");
    write_object_end(&write);
    insert(world, "INSERT INTO subscription (app, kind, body) VALUES (1, 'webhook', ?1)",
           (const char *const[]){buf_text(&body)}, 1);
}

/* Of the Public API; Config API tokens are made by installs and by access-tokens. */
static void plant_public_token(struct world *world)
{
    char token[INVENT_BYTES];
    struct sql_statement *statement;

    invent_token(world, token);
    statement = world_use(
        world, "INSERT INTO token (token, kind, state, scope, workspace, create_time) "
               "VALUES (?1, 'public', 'live', 'workspace', 'acme', ?2)");
    sql_bind_text(statement, 1, bytes_str(token));
    sql_bind(statement, 2, CREATED_MS);
    world_run(world, statement);
}

void seed_plant(struct world *world, const struct emulator_options *options)
{
    char slug[NAME_BYTES];

    snprintf(slug, sizeof(slug), "%.*s", BYTES_FMT(app_slug(options)));
    plant_workspaces(world);
    plant_people(world);
    for (size_t i = 0; i < COUNT(sources); i++)
        plant_source(world, i);
    plant_catalog(world, "destinations", "destinations.json");
    plant_catalog(world, "sources", "sources.json");
    plant_own_item(world, slug);
    plant_app(world, options, slug);
    plant_subscription(world, options);
    plant_public_token(world);
}

static void adjust(struct world *world, const char *literal, const char *value)
{
    struct sql_statement *statement = world_use(world, literal);

    sql_bind_text(statement, 1, bytes_str(value));
    world_run(world, statement);
}

void seed_adjust(struct world *world, const struct emulator_options *options)
{
    cleanup(buf_done) struct buf uris = {0};

    buf_init(&uris, LIST_BYTES);
    write_redirect_uris(options, &uris);
    if (options->n_redirect_uris > 0)
        adjust(world, "UPDATE app SET redirect_uris = ?1 WHERE id = 1", buf_text(&uris));
    if (options->scope != NULL)
        adjust(world, "UPDATE app SET scope = ?1 WHERE id = 1", options->scope);
    if (options->subscription_url != NULL)
        adjust(world,
               "UPDATE subscription SET body = json_set(body, '$.url', ?1)"
               " WHERE app = 1 AND kind = 'webhook'",
               options->subscription_url);
}
