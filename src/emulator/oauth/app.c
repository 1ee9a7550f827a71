/* SPDX-License-Identifier: MIT */

#include "emulator/oauth/app.h"

#include "base/err.h"
#include "emulator/control/control_routes.h"
#include "emulator/frame/exchange.h"
#include "emulator/world/invent.h"
#include "emulator/world/world.h"
#include "segment/redirect_uri.h"
#include "segment/scope.h"
#include "json/json.h"
#include "json/write.h"

enum { DISPLAY_NAME_BYTES = 100, URIS_BYTES = 16384 };

/* --- reading ------------------------------------------------------------------------ */

#define COLUMNS                                                                          \
    "SELECT id, workspace, slug, display_name, client_id, client_secret, scope,"         \
    " redirect_uris, public, reinstall = 'allow', client_secret_post = 'allow' FROM "    \
    "app "

static bool read_row(struct world *world, struct sql_statement *statement,
                     struct arena *arena, struct app *ret_app)
{
    struct bytes *const texts[] = {
        &ret_app->workspace,     &ret_app->slug,          &ret_app->display_name,
        &ret_app->client_id,     &ret_app->client_secret, &ret_app->scope,
        &ret_app->redirect_uris,
    };
    const bool is_there = world_step(world, statement);

    *ret_app = (struct app){.id = 0};
    if (is_there) {
        ret_app->id = sql_i64(statement, 0);
        for (size_t i = 0; i < COUNT(texts); i++) {
            const struct bytes text = sql_bytes(statement, (int)i + 1);

            *texts[i] = bytes_of(arena_copy(arena, text), text.len);
        }
        ret_app->is_public = sql_i64(statement, 8) != 0;
        ret_app->allows_reinstall = sql_i64(statement, 9) != 0;
        ret_app->allows_secret_post = sql_i64(statement, 10) != 0;
    }
    sql_reset(statement);
    return is_there;
}

bool app_find_client(struct world *world, struct bytes client_id, struct arena *arena,
                     struct app *ret_app)
{
    struct sql_statement *statement = world_use(world, COLUMNS "WHERE client_id = ?1");

    sql_bind_text(statement, 1, client_id);
    return read_row(world, statement, arena, ret_app);
}

bool app_find(struct world *world, int64_t id, struct arena *arena, struct app *ret_app)
{
    struct sql_statement *statement = world_use(world, COLUMNS "WHERE id = ?1");

    sql_bind(statement, 1, id);
    return read_row(world, statement, arena, ret_app);
}

static struct json *parse_uris(const struct app *app)
{
    struct json *uris = NULL;
    struct err err = {0};

    if (json_parse(app->redirect_uris, &uris, &err) < 0)
        return NULL;
    return uris;
}

bool app_has_redirect_uri(const struct app *app, struct bytes uri)
{
    cleanup(json_freep) struct json *uris = parse_uris(app);

    for (size_t i = 0; i < json_count(uris); i++) {
        if (bytes_eq(json_string(json_at(uris, i)), uri))
            return true;
    }
    return false;
}

struct bytes app_only_redirect_uri(const struct app *app, struct arena *arena)
{
    cleanup(json_freep) struct json *uris = parse_uris(app);
    const struct bytes uri = json_string(json_at(uris, 0));

    if (json_count(uris) != 1)
        return bytes_of(NULL, 0);
    return bytes_of(arena_copy(arena, uri), uri.len);
}

/* --- controls ----------------------------------------------------------------------- */

static bool find_asked(struct exchange *exchange, struct app *ret_app)
{
    const struct bytes text = exchange_query(exchange, "app");
    int64_t id = 1;

    if ((text.ptr == NULL || bytes_to_i64(text, &id)) &&
        app_find(exchange->world, id, &exchange->arena, ret_app))
        return true;
    exchange_refuse(exchange, 404, "there is no such app");
    return false;
}

static void show(struct exchange *exchange, int64_t id)
{
    struct app app;
    struct write write;

    if (!app_find(exchange->world, id, &exchange->arena, &app))
        return;
    write_init(&write, &exchange->out);
    write_object(&write);
    write_member_text(&write, "name",
                      arena_printf(&exchange->arena, "apps/%lld", (long long)id));
    write_member_string(&write, "workspace", app.workspace);
    write_member_string(&write, "slug", app.slug);
    write_member_string(&write, "display_name", app.display_name);
    write_member_string(&write, "client_id", app.client_id);
    write_member_string(&write, "client_secret", app.client_secret);
    write_member_string(&write, "scope", app.scope);
    write_member_raw(&write, "redirect_uris", app.redirect_uris);
    write_member_bool(&write, "public", app.is_public);
    write_member_text(&write, "reinstall", app.allows_reinstall ? "allow" : "refuse");
    write_member_text(&write, "client_secret_post",
                      app.allows_secret_post ? "allow" : "refuse");
    write_object_end(&write);
    exchange_answer(exchange, 200, "application/json");
}

void app_get(struct exchange *exchange)
{
    struct app app;

    if (find_asked(exchange, &app))
        show(exchange, app.id);
}

static const char *check_uris(const struct json *uris)
{
    if (json_kind(uris) != JSON_ARRAY || json_count(uris) > REDIRECT_URIS)
        return "redirect_uris is a list of at most five addresses";
    for (size_t i = 0; i < json_count(uris); i++) {
        if (!redirect_uri_is_allowed(json_string(json_at(uris, i))))
            return "a redirect URI is https, or http on localhost, and has no fragment";
    }
    return NULL;
}

static const char *check_display_name(const struct json *name)
{
    const size_t len = json_string(name).len;

    return len > 0 && len <= DISPLAY_NAME_BYTES
               ? NULL
               : "display_name is a text of at most 100 bytes";
}

static const char *check_scope(const struct json *scope)
{
    return scope_parse(json_string(scope)).kind != SCOPE_NONE
               ? NULL
               : "scope is destination/<slug>, workspace:read or workspace";
}

static const char *check_public(const struct json *is_public)
{
    return json_kind(is_public) == JSON_BOOL ? NULL : "public is true or false";
}

static bool is_permission(const struct json *json)
{
    const struct bytes word = json_string(json);

    return bytes_eq(word, BYTES("allow")) || bytes_eq(word, BYTES("refuse"));
}

static const char *check_reinstall(const struct json *reinstall)
{
    return is_permission(reinstall) ? NULL : "reinstall is refuse or allow";
}

static const char *check_secret_post(const struct json *secret_post)
{
    return is_permission(secret_post) ? NULL : "client_secret_post is refuse or allow";
}

static const struct {
    const char *key;
    const char *(*check)(const struct json *value); /* NULL: fine; else what it is */
    const char *literal;                            /* ?1: the value, ?2: the app */
} members[] = {
    {"redirect_uris", check_uris, "UPDATE app SET redirect_uris = ?1 WHERE id = ?2"},
    {"display_name", check_display_name,
     "UPDATE app SET display_name = ?1 WHERE id = ?2"},
    {"scope", check_scope, "UPDATE app SET scope = ?1 WHERE id = ?2"},
    {"public", check_public, "UPDATE app SET public = (?1 = 'true') WHERE id = ?2"},
    {"reinstall", check_reinstall, "UPDATE app SET reinstall = ?1 WHERE id = ?2"},
    {"client_secret_post", check_secret_post,
     "UPDATE app SET client_secret_post = ?1 WHERE id = ?2"},
};

static void set_member(struct world *world, size_t i, const struct json *value,
                       int64_t id)
{
    struct sql_statement *statement = world_use(world, members[i].literal);
    cleanup(buf_done) struct buf text = {0};

    buf_init(&text, URIS_BYTES);
    if (json_kind(value) == JSON_STRING)
        buf_add(&text, json_string(value));
    else
        json_print(value, /* indented= */ false, &text);
    sql_bind_text(statement, 1, buf_bytes(&text));
    sql_bind(statement, 2, id);
    world_run(world, statement);
}

static bool check_members(struct exchange *exchange, const struct json *body)
{
    for (size_t i = 0; i < COUNT(members); i++) {
        const struct json *value = json_get(body, members[i].key);
        const char *why = value != NULL ? members[i].check(value) : NULL;

        if (why != NULL) {
            exchange_refuse(exchange, 400, "%s", why);
            return false;
        }
    }
    return true;
}

void app_put(struct exchange *exchange)
{
    cleanup(json_freep) struct json *body = exchange_read_object(exchange);
    struct app app;

    if (body == NULL || !find_asked(exchange, &app) || !check_members(exchange, body))
        return;
    for (size_t i = 0; i < COUNT(members); i++) {
        const struct json *value = json_get(body, members[i].key);

        if (value != NULL)
            set_member(exchange->world, i, value, app.id);
    }
    show(exchange, app.id);
}

void app_regenerate_secret(struct exchange *exchange)
{
    char secret[INVENT_BYTES];
    struct sql_statement *statement;
    struct app app;

    if (!find_asked(exchange, &app))
        return;
    invent_secret(exchange->world, secret);
    statement =
        world_use(exchange->world, "UPDATE app SET client_secret = ?1 WHERE id = ?2");
    sql_bind_text(statement, 1, bytes_str(secret));
    sql_bind(statement, 2, app.id);
    world_run(exchange->world, statement);
    show(exchange, app.id);
}
