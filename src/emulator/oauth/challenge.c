/* SPDX-License-Identifier: MIT */

#include "emulator/oauth/challenge.h"

#include "emulator/frame/exchange.h"
#include "emulator/oauth/session.h"
#include "emulator/world/world.h"

#define LIFE_MS INT64_C(600000)

enum { MAX_CHALLENGES = 2000 };

static const char *const kinds[] = {
    [CHALLENGE_LOGIN] = "login",
    [CHALLENGE_LOGIN_VERIFIER] = "login_verifier",
    [CHALLENGE_CONSENT] = "consent",
    [CHALLENGE_CONSENT_VERIFIER] = "consent_verifier",
};

/* Those that are over, and the oldest when somebody only ever begins. */
static void sweep(struct world *world)
{
    struct sql_statement *statement =
        world_use(world, "DELETE FROM challenge WHERE expires_at <= ?1 OR rowid <="
                         " (SELECT max(rowid) FROM challenge) - ?2");

    sql_bind(statement, 1, world_now_ms(world));
    sql_bind(statement, 2, MAX_CHALLENGES);
    world_run(world, statement);
}

static void insert(struct exchange *exchange, const struct bytes *texts, size_t n_texts)
{
    struct world *world = exchange->world;
    struct sql_statement *statement = world_use(
        world, "INSERT INTO challenge (id, kind, query, email, workspace, source, answer,"
               " csrf, browser, expires_at)"
               " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");

    for (size_t i = 0; i < n_texts; i++)
        sql_bind_text(statement, (int)i + 1, texts[i]);
    sql_bind(statement, (int)n_texts + 1, world_now_ms(world) + LIFE_MS);
    world_run(world, statement);
}

const char *challenge_make(struct exchange *exchange, enum challenge_kind kind,
                           const struct challenge *challenge)
{
    char id[SESSION_ID_LEN + 1], csrf[SESSION_ID_LEN + 1];
    const struct bytes texts[] = {
        bytes_of(id, SESSION_ID_LEN),
        bytes_str(kinds[kind]),
        challenge->query,
        challenge->email,
        challenge->workspace,
        challenge->source,
        challenge->answer,
        bytes_of(csrf, SESSION_ID_LEN),
        session_mark_browser(exchange),
    };

    session_random(id);
    session_random(csrf);
    sweep(exchange->world);
    insert(exchange, texts, COUNT(texts));
    return arena_text(&exchange->arena, id);
}

static void read_row(struct exchange *exchange, struct sql_statement *statement,
                     struct challenge *ret_challenge)
{
    struct bytes *const texts[] = {
        &ret_challenge->query,   &ret_challenge->email,  &ret_challenge->workspace,
        &ret_challenge->source,  &ret_challenge->answer, &ret_challenge->csrf,
        &ret_challenge->browser,
    };

    for (size_t i = 0; i < COUNT(texts); i++) {
        const struct bytes text = sql_bytes(statement, (int)i);

        *texts[i] = bytes_of(arena_copy(&exchange->arena, text), text.len);
    }
}

bool challenge_find(struct exchange *exchange, enum challenge_kind kind, struct bytes id,
                    struct challenge *ret_challenge)
{
    struct world *world = exchange->world;
    struct sql_statement *statement =
        world_use(world, "SELECT query, email, workspace, source, answer, csrf, browser"
                         " FROM challenge WHERE id = ?1 AND kind = ?2 AND browser = ?3"
                         " AND expires_at > ?4");
    bool is_there;

    *ret_challenge = (struct challenge){.query = {NULL, 0}};
    sql_bind_text(statement, 1, id);
    sql_bind_text(statement, 2, bytes_str(kinds[kind]));
    sql_bind_text(statement, 3, session_browser(exchange));
    sql_bind(statement, 4, world_now_ms(world));
    is_there = world_step(world, statement);
    if (is_there)
        read_row(exchange, statement, ret_challenge);
    sql_reset(statement);
    return is_there;
}

void challenge_end(struct exchange *exchange, struct bytes id)
{
    struct sql_statement *statement =
        world_use(exchange->world, "DELETE FROM challenge WHERE id = ?1");

    sql_bind_text(statement, 1, id);
    world_run(exchange->world, statement);
}
