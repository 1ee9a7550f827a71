/* SPDX-License-Identifier: MIT */

#include "emulator/oauth/bearer.h"

#include "emulator/faults/faults.h"
#include "emulator/frame/exchange.h"
#include "emulator/world/world.h"

enum { TOKEN_BYTES = 512 };

enum api { API_CONFIG, API_PUBLIC };

static struct bytes keep(struct exchange *exchange, struct bytes text)
{
    return bytes_of(arena_copy(&exchange->arena, text), text.len);
}

static void read_row(struct exchange *exchange, struct sql_statement *statement,
                     struct bearer *bearer)
{
    bearer->kind = keep(exchange, sql_bytes(statement, 0));
    bearer->name = keep(exchange, sql_bytes(statement, 1));
    bearer->scope = scope_parse(keep(exchange, sql_bytes(statement, 2)));
    bearer->workspaces = keep(exchange, sql_bytes(statement, 3));
    bearer->source = keep(exchange, sql_bytes(statement, 4));
    bearer->install = sql_i64(statement, 5);
}

static bool look_up(struct exchange *exchange, enum api api, struct bearer *bearer)
{
    struct world *world = exchange->world;
    struct sql_statement *statement = world_use(
        world,
        "SELECT t.kind, coalesce(t.name, 'installs/' || i.id), t.scope, t.workspace,"
        " t.source, coalesce(t.install, 0) FROM token t"
        " LEFT JOIN install i ON i.id = t.install"
        " WHERE t.token = ?1 AND (t.kind = 'public') = ?2 AND t.state = 'live'"
        " AND (t.expires_at IS NULL OR t.expires_at > ?3)"
        " AND (t.install IS NULL OR i.state = 'installed')");
    bool is_good;

    sql_bind_text(statement, 1, bearer->token);
    sql_bind(statement, 2, api == API_PUBLIC);
    sql_bind(statement, 3, world_now_ms(world));
    is_good = world_step(world, statement);
    if (is_good)
        read_row(exchange, statement, bearer);
    sql_reset(statement);
    return is_good;
}

/* Nothing but a refresh makes it good again. */
static void end_life(struct exchange *exchange, struct bytes token)
{
    struct world *world = exchange->world;
    struct sql_statement *statement =
        world_use(world, "UPDATE token SET expires_at = ?1"
                         " WHERE token = ?2 AND kind = 'install'");

    sql_bind(statement, 1, world_now_ms(world));
    sql_bind_text(statement, 2, token);
    world_run(world, statement);
}

/* A good token on a bad day. */
static enum bearer_verdict spoil(struct exchange *exchange, struct bearer *bearer)
{
    if (faults_hits(exchange, FAULT_TOKEN_EXPIRED)) {
        end_life(exchange, bearer->token);
        return BEARER_MALFORMED;
    }
    if (faults_hits(exchange, FAULT_TOKEN_REVOKED))
        return BEARER_MALFORMED;
    if (faults_hits(exchange, FAULT_TOKEN_SCOPE))
        bearer->scope = scope_parse(BYTES(""));
    return BEARER_GOOD;
}

static enum bearer_verdict check(struct exchange *exchange, enum api api,
                                 struct bearer *ret_bearer)
{
    struct bytes header = bytes_trim(exchange->authorization);
    const struct bytes scheme = bytes_take_until(&header, ' ');

    *ret_bearer = (struct bearer){.install = 0};
    if (!bytes_eq_nocase(scheme, BYTES("Bearer")))
        return BEARER_MISSING;
    ret_bearer->token = bytes_trim(header);
    if (ret_bearer->token.len == 0 || ret_bearer->token.len > TOKEN_BYTES ||
        !look_up(exchange, api, ret_bearer))
        return BEARER_MALFORMED;
    return spoil(exchange, ret_bearer);
}

enum bearer_verdict bearer_check(struct exchange *exchange, struct bearer *ret_bearer)
{
    return check(exchange, API_CONFIG, ret_bearer);
}

enum bearer_verdict bearer_check_public(struct exchange *exchange,
                                        struct bearer *ret_bearer)
{
    return check(exchange, API_PUBLIC, ret_bearer);
}
