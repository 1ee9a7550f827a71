/* SPDX-License-Identifier: MIT */

#include "emulator/oauth/session.h"

#include "base/hex.h"
#include "emulator/frame/exchange.h"
#include "emulator/world/world.h"
#include "sys/rand.h"

#define BROWSER_COOKIE "oauth2_authentication_csrf"
#define SESSION_COOKIE "oauth2_authentication_session"

#define DAY_S INT64_C(86400)

enum { SESSION_DAYS = 30, MAX_SESSIONS = 1000 };

void session_random(char ret_id[SESSION_ID_LEN + 1])
{
    uint8_t bytes[SESSION_ID_LEN / 2];

    rand_bytes(bytes, sizeof(bytes));
    hex_encode(bytes, sizeof(bytes), ret_id);
}

/* --- cookies ------------------------------------------------------------------------ */

/* What does not look like one of ours is not there. */
static bool is_id(struct bytes text)
{
    uint8_t bytes[SESSION_ID_LEN / 2];

    return hex_decode(text, bytes, sizeof(bytes));
}

static struct bytes find_cookie(struct exchange *exchange, const char *name)
{
    struct bytes header = exchange_header(exchange, "Cookie");

    while (header.len > 0) {
        struct bytes value = bytes_trim(bytes_take_until(&header, ';'));
        const struct bytes key = bytes_take_until(&value, '=');

        if (bytes_eq(key, bytes_str(name)) && is_id(value))
            return value;
    }
    return bytes_of(NULL, 0);
}

static void set_cookie(struct exchange *exchange, const char *name, const char *value,
                       int64_t age_s)
{
    exchange_set_header(
        exchange, "Set-Cookie",
        arena_printf(&exchange->arena,
                     "%s=%s; Path=/; Max-Age=%lld; HttpOnly; SameSite=Lax", name, value,
                     (long long)age_s));
}

struct bytes session_browser(struct exchange *exchange)
{
    return find_cookie(exchange, BROWSER_COOKIE);
}

struct bytes session_mark_browser(struct exchange *exchange)
{
    const struct bytes mark = session_browser(exchange);
    char id[SESSION_ID_LEN + 1];

    if (mark.ptr != NULL)
        return mark;
    session_random(id);
    set_cookie(exchange, BROWSER_COOKIE, id, DAY_S);
    return bytes_str(arena_text(&exchange->arena, id));
}

/* --- who is remembered -------------------------------------------------------------- */

struct bytes session_person(struct exchange *exchange)
{
    struct sql_statement *statement;
    struct bytes email = bytes_of(NULL, 0);
    const struct bytes id = find_cookie(exchange, SESSION_COOKIE);

    if (id.ptr == NULL)
        return email;
    statement = world_use(exchange->world,
                          "SELECT email FROM session WHERE id = ?1 AND expires_at > ?2");
    sql_bind_text(statement, 1, id);
    sql_bind(statement, 2, world_now_ms(exchange->world));
    if (world_step(exchange->world, statement))
        email = bytes_of(arena_copy(&exchange->arena, sql_bytes(statement, 0)),
                         sql_bytes(statement, 0).len);
    sql_reset(statement);
    return email;
}

/* Those that have ended, and the oldest when there are too many. */
static void sweep(struct world *world)
{
    struct sql_statement *statement =
        world_use(world, "DELETE FROM session WHERE expires_at <= ?1 OR rowid <="
                         " (SELECT max(rowid) FROM session) - ?2");

    sql_bind(statement, 1, world_now_ms(world));
    sql_bind(statement, 2, MAX_SESSIONS);
    world_run(world, statement);
}

void session_start(struct exchange *exchange, struct bytes email)
{
    struct world *world = exchange->world;
    struct sql_statement *statement;
    char id[SESSION_ID_LEN + 1];

    sweep(world);
    session_random(id);
    statement = world_use(
        world, "INSERT INTO session (id, email, expires_at) VALUES (?1, ?2, ?3)");
    sql_bind_text(statement, 1, bytes_str(id));
    sql_bind_text(statement, 2, email);
    sql_bind(statement, 3, world_now_ms(world) + SESSION_DAYS * DAY_S * 1000);
    world_run(world, statement);
    set_cookie(exchange, SESSION_COOKIE, id, SESSION_DAYS * DAY_S);
}

void session_end(struct exchange *exchange)
{
    const struct bytes id = find_cookie(exchange, SESSION_COOKIE);
    struct sql_statement *statement;

    if (id.ptr == NULL)
        return;
    statement = world_use(exchange->world, "DELETE FROM session WHERE id = ?1");
    sql_bind_text(statement, 1, id);
    world_run(exchange->world, statement);
    set_cookie(exchange, SESSION_COOKIE, "", 0);
}
