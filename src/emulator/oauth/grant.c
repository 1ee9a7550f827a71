/* SPDX-License-Identifier: MIT */

#include "emulator/oauth/grant.h"

#include "emulator/faults/faults.h"
#include "emulator/frame/exchange.h"
#include "emulator/oauth/install.h"
#include "emulator/oauth/oauth_error.h"
#include "emulator/world/world.h"
#include "segment/scope.h"

#define CODE_LIFE_MS INT64_C(600000)
#define SHORT_LIFE_MS INT64_C(1000)
#define SLOW_MS INT64_C(5000)
#define DAY_MS INT64_C(86400000)

enum { MAX_CODES = 10000 };

static const char *const names[GRANT_N] = {
    [GRANT_DENY] = "access_denied",        [GRANT_ALLOW] = "allow",
    [GRANT_SERVER_ERROR] = "server_error", [GRANT_SHORT_CODE] = "short_code",
    [GRANT_WRONG_STATE] = "wrong_state",   [GRANT_SLOW] = "slow",
};

const char *grant_answer_name(enum grant_answer answer)
{
    return names[answer];
}

enum grant_answer grant_answer_parse(struct bytes name)
{
    for (size_t i = 0; i < GRANT_N; i++) {
        if (bytes_eq(bytes_str(names[i]), name))
            return (enum grant_answer)i;
    }
    return GRANT_DENY;
}

/* --- may she? ----------------------------------------------------------------------- */

/* 'o' of "owner", 'r' of "read_only"; '-': she is no member. */
static char find_role(struct exchange *exchange, const struct grant *grant)
{
    struct sql_statement *statement = world_use(
        exchange->world, "SELECT role FROM member WHERE email = ?1 AND workspace = ?2");
    char role = '-';

    sql_bind_text(statement, 1, grant->email);
    sql_bind_text(statement, 2, grant->workspace);
    if (world_step(exchange->world, statement) && sql_bytes(statement, 0).len > 0)
        role = sql_bytes(statement, 0).ptr[0];
    sql_reset(statement);
    return role;
}

const char *grant_objection(struct exchange *exchange, const struct ask *ask,
                            const struct grant *grant)
{
    const char role = find_role(exchange, grant);

    if (role == '-')
        return "This person is not a member of this workspace.";
    if (role != 'o')
        return "Only an owner of the workspace may do that, and this person may only "
               "read it.";
    if (!ask->app.is_public && !bytes_eq(ask->app.workspace, grant->workspace))
        return "The app is private: only the workspace that it belongs to may install "
               "it.";
    return NULL;
}

bool grant_needs_source(const struct ask *ask)
{
    return scope_parse(ask->scope).kind == SCOPE_DESTINATION;
}

bool grant_has_source(struct exchange *exchange, const struct ask *ask,
                      const struct grant *grant)
{
    struct sql_statement *statement;
    bool is_there;

    if (!grant_needs_source(ask))
        return true;
    statement = world_use(exchange->world,
                          "SELECT 1 FROM source WHERE name = ?1 AND workspace = ?2");
    sql_bind_text(statement, 1, grant->source);
    sql_bind_text(statement, 2, grant->workspace);
    is_there = world_step(exchange->world, statement);
    sql_reset(statement);
    return is_there;
}

/* --- the code ----------------------------------------------------------------------- */

/* Used ones stay a while, so that a second use is seen. */
static void sweep(struct world *world)
{
    struct sql_statement *statement =
        world_use(world, "DELETE FROM code WHERE expires_at <= ?1 OR rowid <="
                         " (SELECT max(rowid) FROM code) - ?2");

    sql_bind(statement, 1, world_now_ms(world) - DAY_MS);
    sql_bind(statement, 2, MAX_CODES);
    world_run(world, statement);
}

static void make_code(struct exchange *exchange, const struct ask *ask,
                      const struct grant *grant, char ret_code[INVENT_BYTES])
{
    struct world *world = exchange->world;
    const int64_t life_ms =
        grant->answer == GRANT_SHORT_CODE ? SHORT_LIFE_MS : CODE_LIFE_MS;
    struct sql_statement *statement;

    sweep(world);
    invent_token(world, ret_code);
    statement = world_use(
        world, "INSERT INTO code (code, app, redirect_uri, scope, workspace, source,"
               " person, pkce_challenge, pkce_method, expires_at)"
               " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
    sql_bind_text(statement, 1, bytes_str(ret_code));
    sql_bind(statement, 2, ask->app.id);
    sql_bind_text(statement, 3, ask->redirect_uri);
    sql_bind_text(statement, 4, ask->scope);
    sql_bind_text(statement, 5, grant->workspace);
    sql_bind_text(statement, 6,
                  grant_needs_source(ask) ? grant->source : bytes_of(NULL, 0));
    sql_bind_text(statement, 7, grant->email);
    sql_bind_text(statement, 8, ask->pkce_challenge);
    sql_bind_text(statement, 9, ask->pkce_method_text);
    sql_bind(statement, 10, world_now_ms(world) + life_ms);
    world_run(world, statement);
}

/* --- the answer --------------------------------------------------------------------- */

static struct oauth_failure judge(struct exchange *exchange, const struct ask *ask,
                                  const struct grant *grant)
{
    const char *objection = grant_objection(exchange, ask, grant);

    if (grant->answer == GRANT_DENY)
        return (struct oauth_failure){OAUTH_ACCESS_DENIED, "The person said no.", NULL};
    if (grant->answer == GRANT_SERVER_ERROR)
        return (struct oauth_failure){OAUTH_SERVER_ERROR,
                                      "It was asked for on the consent page.", NULL};
    if (objection != NULL)
        return (struct oauth_failure){OAUTH_ACCESS_DENIED, objection, NULL};
    if (!grant_has_source(exchange, ask, grant))
        return (struct oauth_failure){OAUTH_ACCESS_DENIED,
                                      "No source of the workspace was chosen.", NULL};
    if (!ask->app.allows_reinstall &&
        install_exists(exchange->world, ask->app.id, grant->workspace))
        return (struct oauth_failure){
            OAUTH_INVALID_REQUEST,
            "Keep install_name and workspace of the first install, and ask for a new "
            "token with them.",
            "install already exists"};
    return (struct oauth_failure){.hint = NULL};
}

void grant_finish(struct exchange *exchange, const struct ask *ask,
                  const struct grant *grant)
{
    const struct oauth_failure failure = judge(exchange, ask, grant);
    char code[INVENT_BYTES];

    if (failure.hint != NULL) {
        ask_fail(exchange, ask, &failure);
        return;
    }
    make_code(exchange, ask, grant, code);
    ask_grant(exchange, ask, code,
              grant->answer == GRANT_WRONG_STATE ||
                      faults_hits(exchange, FAULT_STATE_CHANGED)
                  ? BYTES("another-state")
                  : ask->state);
    if (grant->answer == GRANT_SLOW)
        exchange_finish_in(exchange, SLOW_MS);
}
