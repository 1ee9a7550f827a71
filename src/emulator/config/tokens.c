/* SPDX-License-Identifier: MIT */

/*
 * Personal access tokens (dossier §6.1): what apps were made with, and what tests use.
 *
 * They are made with Basic email:password, and nobody here has a password: any is right
 * for a person of the seed. So these calls do not pass through the bearer check.
 */

#include <stdio.h>

#include "base/base64.h"
#include "emulator/config/answer.h"
#include "emulator/config/config.h"
#include "emulator/config/input.h"
#include "emulator/config/routes.h"
#include "emulator/frame/exchange.h"
#include "emulator/world/invent.h"
#include "emulator/world/world.h"
#include "segment/name.h"
#include "segment/scope.h"
#include "json/json.h"
#include "json/write.h"

enum { CREDENTIALS_BYTES = 1024, MAX_WORKSPACES = 10, LIST_BYTES = 2048 };

#define COLUMNS "rowid, name, description, scope, create_time, workspace"

/* --- who ---------------------------------------------------------------------------- */

/* The email of "Basic base64(email:password)"; empty when it is none. */
static struct bytes read_email(struct exchange *exchange)
{
    const struct bytes scheme = BYTES("Basic ");
    const struct bytes header = exchange->authorization;
    cleanup(buf_done) struct buf text = {0};
    size_t colon;

    buf_init(&text, CREDENTIALS_BYTES);
    if (header.len <= scheme.len ||
        !bytes_eq_nocase(bytes_slice(header, 0, scheme.len), scheme) ||
        !base64_decode(bytes_trim(bytes_slice(header, scheme.len, header.len)), &text))
        return bytes_of(NULL, 0);
    colon = bytes_index(buf_bytes(&text), ':');
    if (colon + 1 >= text.len) /* no colon, or no password */
        return bytes_of(NULL, 0);
    return bytes_of(arena_copy(&exchange->arena, bytes_slice(buf_bytes(&text), 0, colon)),
                    colon);
}

/* The person who asks, within the rate; empty after an answer. */
static struct bytes authenticate(struct exchange *exchange)
{
    const struct bytes email = read_email(exchange);
    const struct bytes none = {0};

    if (email.len == 0 ||
        !config_exists(exchange->world, "SELECT 1 FROM person WHERE email = ?1", email)) {
        config_refuse(exchange, CONFIG_UNAUTHENTICATED, "unauthenticated");
        return none;
    }
    return config_is_within_rate(exchange, email) ? email : none;
}

/* --- reading ------------------------------------------------------------------------ */

static void write_workspaces(struct exchange *exchange, struct bytes slugs,
                             struct write *write)
{
    write_key(write, "workspace_names");
    write_array(write);
    while (slugs.len > 0) {
        const struct bytes slug = bytes_take_until(&slugs, ',');

        write_text(write,
                   arena_printf(&exchange->arena, "workspaces/%.*s", BYTES_FMT(slug)));
    }
    write_array_end(write);
}

static void write_members(struct exchange *exchange, struct sql_statement *row,
                          const char *token, struct write *write)
{
    write_object(write);
    write_member_string(write, "name", sql_bytes(row, 1));
    write_member_string(write, "description", sql_bytes(row, 2));
    write_member_string(write, "scopes", sql_bytes(row, 3));
    write_member_time(write, "create_time", sql_i64(row, 4));
    if (token != NULL)
        write_member_text(write, "token", token);
    write_workspaces(exchange, sql_bytes(row, 5), write);
    write_object_end(write);
}

/* Without the token itself, which is never shown again. */
static void write_token(struct exchange *exchange, struct sql_statement *row,
                        struct write *write)
{
    write_members(exchange, row, NULL, write);
}

void config_list_tokens(struct exchange *exchange)
{
    const struct config_list list = {
        .member = "access_tokens",
        .literal = "SELECT " COLUMNS " FROM token WHERE kind = 'personal'"
                   " AND state = 'live' AND person = ?1 AND rowid > ?2"
                   " ORDER BY rowid LIMIT ?3",
        .of = authenticate(exchange),
        .write_fn = write_token,
    };

    if (list.of.len > 0)
        config_answer_list(exchange, &list);
}

/* "access-tokens/127 owner@acme.test": one's own, and nobody else's. */
static struct bytes key_of(struct exchange *exchange, struct bytes email)
{
    return bytes_str(arena_printf(&exchange->arena, "%.*s %.*s",
                                  BYTES_FMT(config_name(exchange, 1)), BYTES_FMT(email)));
}

static const char the_one[] =
    "SELECT " COLUMNS " FROM token WHERE kind = 'personal' AND state = 'live'"
    " AND name || ' ' || person = ?1";

void config_get_token(struct exchange *exchange)
{
    const struct bytes email = authenticate(exchange);

    if (email.len > 0)
        config_answer_one(exchange, the_one, key_of(exchange, email), write_token);
}

void config_delete_token(struct exchange *exchange)
{
    const struct bytes email = authenticate(exchange);
    struct sql_statement *row;

    if (email.len == 0)
        return;
    if (!config_exists(exchange->world, the_one, key_of(exchange, email))) {
        config_refuse_missing(exchange);
        return;
    }
    row = world_use(exchange->world,
                    "DELETE FROM token WHERE kind = 'personal' AND name = ?1");
    sql_bind_text(row, 1, config_name(exchange, 1));
    world_run(exchange->world, row);
    config_answer_nothing(exchange);
}

/* --- creating ----------------------------------------------------------------------- */

struct draft {
    struct bytes email, description, scope;
    struct buf workspaces; /* slugs, joined by ',' */
};

static void done(struct draft *draft)
{
    buf_done(&draft->workspaces);
}

/* Has the person the right that she hands on? Who only reads cannot make a token that
 * writes. */
static bool may_give(struct exchange *exchange, const struct draft *draft,
                     struct bytes workspace)
{
    struct sql_statement *row = world_use(
        exchange->world, "SELECT role FROM member WHERE email = ?1 AND workspace = ?2");
    bool may = false;

    sql_bind_text(row, 1, draft->email);
    sql_bind_text(row, 2, workspace);
    if (world_step(exchange->world, row))
        may = scope_parse(draft->scope).kind == SCOPE_READ ||
              bytes_eq(sql_bytes(row, 0), BYTES("owner"));
    sql_reset(row);
    if (!may)
        config_refuse(exchange, CONFIG_DENIED, "insufficient scope");
    return may;
}

static bool read_workspaces(struct exchange *exchange, const struct json *resource,
                            struct draft *draft)
{
    const struct json *names = config_get(resource, "workspace_names");

    if (json_kind(names) != JSON_ARRAY || json_count(names) == 0 ||
        json_count(names) > MAX_WORKSPACES) {
        config_refuse(exchange, CONFIG_INVALID,
                      "access_token.workspace_names must be a list of 1 to %d names",
                      MAX_WORKSPACES);
        return false;
    }
    for (size_t i = 0; i < json_count(names); i++) {
        const struct bytes slug = name_workspace_slug(json_string(json_at(names, i)));

        if (!may_give(exchange, draft, slug))
            return false;
        if (i > 0)
            buf_add_char(&draft->workspaces, ',');
        buf_add(&draft->workspaces, slug);
    }
    return true;
}

static bool read_draft(struct exchange *exchange, const struct json *resource,
                       struct draft *draft)
{
    enum scope_kind kind;

    if (!config_read_text(exchange, resource, "description", &draft->description) ||
        !config_read_text(exchange, resource, "scopes", &draft->scope))
        return false;
    kind = scope_parse(draft->scope).kind;
    if (kind != SCOPE_WORKSPACE && kind != SCOPE_READ) {
        config_refuse(exchange, CONFIG_INVALID,
                      "access_token.scopes must be workspace or workspace:read");
        return false;
    }
    return read_workspaces(exchange, resource, draft);
}

static void insert(struct world *world, const struct draft *draft, const char *name,
                   const char *token)
{
    struct sql_statement *row =
        world_use(world, "INSERT INTO token (token, kind, state, name, scope, workspace,"
                         " description, create_time, person)"
                         " VALUES (?1, 'personal', 'live', ?2, ?3, ?4, ?5, ?6, ?7)");

    sql_bind_text(row, 1, bytes_str(token));
    sql_bind_text(row, 2, bytes_str(name));
    sql_bind_text(row, 3, draft->scope);
    sql_bind_text(row, 4, buf_bytes(&draft->workspaces));
    sql_bind_text(row, 5, draft->description);
    sql_bind(row, 6, world_now_ms(world));
    sql_bind_text(row, 7, draft->email);
    world_run(world, row);
}

static void create(struct exchange *exchange, const struct draft *draft)
{
    struct world *world = exchange->world;
    char token[INVENT_BYTES], name[64];
    struct sql_statement *row;
    struct write write;

    invent_token(world, token);
    snprintf(name, sizeof(name), "access-tokens/%lld",
             (long long)world_next(world, "access_token"));
    insert(world, draft, name, token);
    row = world_use(world, "SELECT " COLUMNS " FROM token WHERE token = ?1");
    sql_bind_text(row, 1, bytes_str(token));
    config_begin(exchange, &write);
    if (world_step(world, row))
        write_members(exchange, row, token, &write);
    sql_reset(row);
    config_send(exchange);
}

void config_create_token(struct exchange *exchange)
{
    cleanup(done) struct draft draft = {0};
    cleanup(json_freep) struct json *body = NULL;

    buf_init(&draft.workspaces, LIST_BYTES);
    draft.email = authenticate(exchange);
    if (draft.email.len == 0)
        return;
    body = config_read_body(exchange);
    if (body != NULL &&
        read_draft(exchange, config_resource(body, "access_token"), &draft))
        create(exchange, &draft);
}
