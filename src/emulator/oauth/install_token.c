/* SPDX-License-Identifier: MIT */

/* A new token for an install that is there (dossier §6.6). */

#include <stdio.h>

#include "emulator/faults/faults.h"
#include "emulator/frame/exchange.h"
#include "emulator/oauth/client_auth.h"
#include "emulator/oauth/install.h"
#include "emulator/oauth/oauth.h"
#include "emulator/world/world.h"
#include "json/write.h"

enum { BODY_BYTES = 4096, NUMBER_BYTES = 32 };

static void answer(struct exchange *exchange, int status, const struct buf *body)
{
    exchange_indented(exchange, status, buf_bytes(body), 1);
    exchange_set_header(exchange, "Cache-Control", "no-store");
}

static void refuse(struct exchange *exchange, int status, const char *why, int code)
{
    cleanup(buf_done) struct buf body = {0};
    struct write write;

    buf_init(&body, BODY_BYTES);
    write_init(&write, &body);
    write_object(&write);
    write_member_text(&write, "error", why);
    write_member_i64(&write, "code", code);
    write_object_end(&write);
    exchange->fidelity = FIDELITY_GUESS;
    answer(exchange, status, &body);
}

static bool is_within_rate(struct exchange *exchange, const struct app *app)
{
    const int64_t wait_ms = faults_take_rate(exchange, app->client_id);
    char seconds[NUMBER_BYTES];

    if (wait_ms == 0)
        return true;
    refuse(exchange, 429, "rate limit exceeded", 8);
    snprintf(seconds, sizeof(seconds), "%lld", (long long)((wait_ms + 999) / 1000));
    exchange_set_header(exchange, "Retry-After", seconds);
    return false;
}

static void give(struct exchange *exchange, const struct install *install)
{
    char token[INVENT_BYTES];
    cleanup(buf_done) struct buf body = {0};
    struct arena *arena = &exchange->arena;
    struct write write;

    install_end_tokens(exchange->world, install->id);
    invent_uuid(exchange->world, token);
    install_add_token(exchange->world, install, bytes_str(token));
    buf_init(&body, BODY_BYTES);
    write_init(&write, &body);
    write_object(&write);
    write_member_text(&write, "access_token", token);
    write_member_text(&write, "token_type", "bearer");
    write_member_i64(&write, "expires_in", INSTALL_TOKEN_LIFE_S);
    write_member_string(&write, "scope", install->scope);
    write_member_text(&write, "app_name",
                      arena_printf(arena, "apps/%lld", (long long)install->app));
    write_member_text(&write, "install_name",
                      arena_printf(arena, "installs/%lld", (long long)install->id));
    write_key(&write, "workspace_names");
    write_array(&write);
    write_text(&write,
               arena_printf(arena, "workspaces/%.*s", BYTES_FMT(install->workspace)));
    write_array_end(&write);
    write_object_end(&write);
    answer(exchange, 200, &body);
}

void oauth_install_token(struct exchange *exchange)
{
    struct install install;
    struct app app;
    int64_t id;

    if (client_auth_check(exchange, &app) != CLIENT_RIGHT)
        refuse(exchange, 401, "unauthenticated", 16);
    else if (!is_within_rate(exchange, &app))
        return;
    else if (!bytes_to_i64(exchange->params[0], &id) ||
             !install_find(exchange->world, id, &exchange->arena, &install) ||
             install.app != app.id)
        refuse(exchange, 404, "install not found", 5);
    else if (install.is_revoked)
        refuse(exchange, 403, "install revoked", 7);
    else
        give(exchange, &install);
}
