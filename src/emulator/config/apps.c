/* SPDX-License-Identifier: MIT */

/* Apps by REST, as approved partners made them (dossier §6.1). */

#include <stdio.h>

#include "emulator/config/answer.h"
#include "emulator/config/config.h"
#include "emulator/config/input.h"
#include "emulator/config/routes.h"
#include "emulator/frame/exchange.h"
#include "emulator/world/invent.h"
#include "emulator/world/world.h"
#include "segment/redirect_uri.h"
#include "segment/scope.h"
#include "json/json.h"
#include "json/write.h"

enum { SLUG_BYTES = 101, URIS_BYTES = 32 << 10, BODY_BYTES = 64 << 10 };

static const char *const texts[] = {
    "client_uri", "description", "documentation_uri", "logo_mark_uri",
    "logo_uri",   "policy_uri",  "tos_uri",
};

/* What every app has and nobody can set here. */
static const struct {
    const char *name, *value;
} constants[] = {
    {"primary_category", "\"\""},
    {"categories", "[]"},
    {"screenshots", "[]"},
    {"technical_contact", "{\"name\":\"\",\"email\":\"\",\"role\":\"\"}"},
    {"test_account", "{\"email\":\"\",\"password\":\"\",\"notes\":\"\"}"},
    {"catalog_with_segment_description", "\"\""},
    {"catalog_get_more_with_segment", "\"\""},
    {"key_features", "[]"},
};

struct draft {
    struct bytes display_name, scope, workspace;
    char slug[SLUG_BYTES];
    const struct json *resource, *redirect_uris;
    bool is_public;
    int64_t id;
    char client_id[INVENT_BYTES], client_secret[INVENT_BYTES];
    bool is_below_workspace; /* the older call */
};

/* --- reading ------------------------------------------------------------------------ */

/* "My App" is my-app. */
static void make_slug(struct draft *draft)
{
    size_t len = 0;

    for (size_t i = 0; i < draft->display_name.len && len + 2 < SLUG_BYTES; i++) {
        const char c = draft->display_name.ptr[i];
        const char lower = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        const bool is_plain =
            (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');

        if (is_plain)
            draft->slug[len++] = lower;
        else if (len > 0 && draft->slug[len - 1] != '-')
            draft->slug[len++] = '-';
    }
    while (len > 0 && draft->slug[len - 1] == '-')
        len--;
    draft->slug[len] = '\0';
}

static const char *check_uris(const struct json *uris)
{
    if (json_kind(uris) != JSON_ARRAY && uris != NULL)
        return "redirect_uris must be a list";
    if (json_count(uris) > REDIRECT_URIS)
        return "an app has at most 5 redirect_uris";
    for (size_t i = 0; i < json_count(uris); i++) {
        if (!redirect_uri_is_allowed(json_string(json_at(uris, i))))
            return "a redirect URI is absolute, without fragment, and https unless it "
                   "leads to localhost";
    }
    return NULL;
}

static const char *check(const struct draft *draft)
{
    if (draft->slug[0] == '\0')
        return "app.display_name must have a letter or a digit";
    if (scope_parse(draft->scope).kind == SCOPE_NONE)
        return "app.scope must be workspace, workspace:read or destination/<slug>";
    return check_uris(draft->redirect_uris);
}

static bool read_draft(struct exchange *exchange, struct draft *draft)
{
    struct bytes text = bytes_of(NULL, 0);
    const char *why;

    for (size_t i = 0; i < COUNT(texts); i++) {
        if (!config_read_text(exchange, draft->resource, texts[i], &text))
            return false;
    }
    if (!config_read_text(exchange, draft->resource, "display_name",
                          &draft->display_name) ||
        !config_read_text(exchange, draft->resource, "scope", &draft->scope) ||
        !config_read_bool(exchange, draft->resource, "public", &draft->is_public))
        return false;
    draft->redirect_uris = config_get(draft->resource, "redirect_uris");
    make_slug(draft);
    why = check(draft);
    if (why != NULL)
        config_refuse(exchange, CONFIG_INVALID, "%s", why);
    return why == NULL;
}

/* --- writing ------------------------------------------------------------------------ */

static void print_texts(const struct draft *draft, struct buf *ret_body)
{
    struct write write;

    write_init(&write, ret_body);
    write_object(&write);
    for (size_t i = 0; i < COUNT(texts); i++)
        write_member_string(&write, texts[i],
                            json_string(config_get(draft->resource, texts[i])));
    write_object_end(&write);
}

static bool is_taken(struct world *world, const struct draft *draft)
{
    return config_exists(world, "SELECT 1 FROM app WHERE slug = ?1",
                         bytes_str(draft->slug)) ||
           config_exists(world, "SELECT 1 FROM app WHERE display_name = ?1",
                         draft->display_name);
}

static void insert(struct world *world, struct draft *draft)
{
    cleanup(buf_done) struct buf body = {0};
    cleanup(buf_done) struct buf uris = {0};
    struct sql_statement *row;

    buf_init(&body, BODY_BYTES);
    buf_init(&uris, URIS_BYTES);
    print_texts(draft, &body);
    if (draft->redirect_uris == NULL ||
        json_print(draft->redirect_uris, /* indented= */ false, &uris) != 0)
        buf_add_text(&uris, "[]");
    draft->id = world_next(world, "app");
    invent_uuid(world, draft->client_id);
    invent_secret(world, draft->client_secret);
    row =
        world_use(world, "INSERT INTO app (id, workspace, slug, display_name, client_id,"
                         " client_secret, scope, redirect_uris, public, body)"
                         " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
    sql_bind(row, 1, draft->id);
    sql_bind_text(row, 2, draft->workspace);
    sql_bind_text(row, 3, bytes_str(draft->slug));
    sql_bind_text(row, 4, draft->display_name);
    sql_bind_text(row, 5, bytes_str(draft->client_id));
    sql_bind_text(row, 6, bytes_str(draft->client_secret));
    sql_bind_text(row, 7, draft->scope);
    sql_bind_text(row, 8, buf_bytes(&uris));
    sql_bind(row, 9, draft->is_public);
    sql_bind_text(row, 10, buf_bytes(&body));
    world_run(world, row);
}

static void write_names(struct exchange *exchange, const struct draft *draft,
                        struct write *write)
{
    const char *parent =
        arena_printf(&exchange->arena, "workspaces/%.*s", BYTES_FMT(draft->workspace));

    write_member_text(write, "name",
                      arena_printf(&exchange->arena, "%s%sapps/%lld",
                                   draft->is_below_workspace ? parent : "",
                                   draft->is_below_workspace ? "/" : "",
                                   (long long)draft->id));
    if (draft->is_below_workspace)
        write_member_text(write, "parent", parent);
}

static void answer(struct exchange *exchange, const struct draft *draft)
{
    struct write write;

    config_begin(exchange, &write);
    write_object(&write);
    write_names(exchange, draft, &write);
    write_member_string(&write, "display_name", draft->display_name);
    for (size_t i = 0; i < COUNT(texts); i++)
        write_member_string(&write, texts[i],
                            json_string(config_get(draft->resource, texts[i])));
    write_member_bool(&write, "public", draft->is_public);
    config_write_node(&write, "redirect_uris", draft->redirect_uris, "[]");
    write_member_string(&write, "scope", draft->scope);
    write_member_text(&write, "client_id", draft->client_id);
    write_member_text(&write, "client_secret", draft->client_secret);
    for (size_t i = 0; i < COUNT(constants); i++)
        write_member_raw(&write, constants[i].name, bytes_str(constants[i].value));
    write_object_end(&write);
    config_send(exchange);
}

static void create(struct exchange *exchange, struct draft *draft)
{
    if (!read_draft(exchange, draft))
        return;
    if (is_taken(exchange->world, draft)) {
        config_refuse(exchange, CONFIG_EXISTS, "app already exists");
        return;
    }
    insert(exchange->world, draft);
    answer(exchange, draft);
}

/* An app belongs to the workspace of the token; of several, to the first. */
void config_create_app(struct exchange *exchange)
{
    cleanup(json_freep) struct json *body = config_read_body(exchange);
    struct bytes workspaces = config_caller(exchange)->workspaces;
    struct draft draft = {.workspace = bytes_take_until(&workspaces, ',')};

    if (body == NULL)
        return;
    draft.resource = config_resource(body, "app");
    create(exchange, &draft);
}

void config_create_application(struct exchange *exchange)
{
    cleanup(json_freep) struct json *body = NULL;
    struct draft draft = {.workspace = exchange->params[0], .is_below_workspace = true};

    if (!config_has_parent(exchange, 1))
        return;
    body = config_read_body(exchange);
    if (body == NULL)
        return;
    draft.resource = config_resource(body, "application");
    create(exchange, &draft);
}
