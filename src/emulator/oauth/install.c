/* SPDX-License-Identifier: MIT */

#include "emulator/oauth/install.h"

#include "emulator/control/control_routes.h"
#include "emulator/frame/exchange.h"
#include "emulator/world/world.h"
#include "json/write.h"

/* --- installs ----------------------------------------------------------------------- */

bool install_exists(struct world *world, int64_t app, struct bytes workspace)
{
    struct sql_statement *statement =
        world_use(world, "SELECT 1 FROM install WHERE app = ?1 AND workspace = ?2"
                         " AND state = 'installed'");
    bool exists;

    sql_bind(statement, 1, app);
    sql_bind_text(statement, 2, workspace);
    exists = world_step(world, statement);
    sql_reset(statement);
    return exists;
}

bool install_find(struct world *world, int64_t id, struct arena *arena,
                  struct install *ret_install)
{
    struct bytes *const texts[] = {&ret_install->workspace, &ret_install->source,
                                   &ret_install->scope, &ret_install->person};
    struct sql_statement *statement =
        world_use(world, "SELECT app, state <> 'installed', workspace, source, scope,"
                         " person FROM install WHERE id = ?1");
    bool is_there;

    sql_bind(statement, 1, id);
    is_there = world_step(world, statement);
    if (is_there) {
        ret_install->id = id;
        ret_install->app = sql_i64(statement, 0);
        ret_install->is_revoked = sql_i64(statement, 1) != 0;
        for (size_t i = 0; i < COUNT(texts); i++) {
            const struct bytes text = sql_bytes(statement, (int)i + 2);

            *texts[i] = bytes_of(arena_copy(arena, text), text.len);
        }
    }
    sql_reset(statement);
    return is_there;
}

void install_make(struct world *world, struct install *install)
{
    struct sql_statement *statement;

    install->id = world_next(world, "install");
    statement = world_use(world, "INSERT INTO install (id, app, workspace, source, scope,"
                                 " person, state, create_time)"
                                 " VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'installed', ?7)");
    sql_bind(statement, 1, install->id);
    sql_bind(statement, 2, install->app);
    sql_bind_text(statement, 3, install->workspace);
    sql_bind_text(statement, 4, install->source);
    sql_bind_text(statement, 5, install->scope);
    sql_bind_text(statement, 6, install->person);
    sql_bind(statement, 7, world_now_ms(world));
    world_run(world, statement);
}

void install_revoke(struct world *world, int64_t id)
{
    struct sql_statement *statement =
        world_use(world, "UPDATE install SET state = 'revoked' WHERE id = ?1");

    sql_bind(statement, 1, id);
    world_run(world, statement);
    install_end_tokens(world, id);
}

/* --- tokens ------------------------------------------------------------------------- */

void install_add_token(struct world *world, const struct install *install,
                       struct bytes token)
{
    const int64_t now_ms = world_now_ms(world);
    struct sql_statement *statement = world_use(
        world, "INSERT INTO token (token, kind, state, install, scope, workspace, source,"
               " create_time, expires_at)"
               " VALUES (?1, 'install', 'live', ?2, ?3, ?4, ?5, ?6, ?7)");

    sql_bind_text(statement, 1, token);
    sql_bind(statement, 2, install->id);
    sql_bind_text(statement, 3, install->scope);
    sql_bind_text(statement, 4, install->workspace);
    sql_bind_text(statement, 5, install->source);
    sql_bind(statement, 6, now_ms);
    sql_bind(statement, 7, now_ms + INSTALL_TOKEN_LIFE_S * INT64_C(1000));
    world_run(world, statement);
}

/* Nobody asks which they were: an unknown token and a dead one get the same answer. */
void install_end_tokens(struct world *world, int64_t id)
{
    struct sql_statement *statement =
        world_use(world, "DELETE FROM token WHERE install = ?1");

    sql_bind(statement, 1, id);
    world_run(world, statement);
}

/* --- controls ----------------------------------------------------------------------- */

#define COLUMNS                                                                          \
    "SELECT 'installs/' || id, 'apps/' || app, workspace, source, scope, person, state," \
    " create_time FROM install "

static void write_row(struct sql_statement *statement, struct write *write)
{
    static const char *const keys[] = {"name",  "app",    "workspace", "source",
                                       "scope", "person", "state"};

    write_object(write);
    for (size_t i = 0; i < COUNT(keys); i++) {
        if (!sql_is_null(statement, (int)i))
            write_member_string(write, keys[i], sql_bytes(statement, (int)i));
    }
    write_member_time(write, "create_time", sql_i64(statement, (int)COUNT(keys)));
    write_object_end(write);
}

void install_get_all(struct exchange *exchange)
{
    struct sql_statement *statement = world_use(exchange->world, COLUMNS "ORDER BY id");
    struct write write;

    write_init(&write, &exchange->out);
    write_object(&write);
    write_key(&write, "installs");
    write_array(&write);
    while (world_step(exchange->world, statement))
        write_row(statement, &write);
    write_array_end(&write);
    write_object_end(&write);
    exchange_answer(exchange, 200, "application/json");
}

static void show(struct exchange *exchange, int64_t id)
{
    struct sql_statement *statement = world_use(exchange->world, COLUMNS "WHERE id = ?1");
    struct write write;

    write_init(&write, &exchange->out);
    sql_bind(statement, 1, id);
    if (world_step(exchange->world, statement))
        write_row(statement, &write);
    sql_reset(statement);
    exchange_answer(exchange, 200, "application/json");
}

void install_delete(struct exchange *exchange)
{
    struct install install;
    int64_t id;

    if (!bytes_to_i64(exchange->params[0], &id) ||
        !install_find(exchange->world, id, &exchange->arena, &install)) {
        exchange_refuse(exchange, 404, "there is no such install");
        return;
    }
    install_revoke(exchange->world, id);
    show(exchange, id);
}
