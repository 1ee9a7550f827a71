/* SPDX-License-Identifier: MIT */

/* /oauth2/token: a code becomes an install and its first token (dossier §6.5). */

#include "base/form.h"
#include "emulator/faults/faults.h"
#include "emulator/frame/exchange.h"
#include "emulator/oauth/client_auth.h"
#include "emulator/oauth/install.h"
#include "emulator/oauth/oauth.h"
#include "emulator/oauth/oauth_error.h"
#include "emulator/world/world.h"
#include "segment/pkce.h"
#include "segment/scope.h"
#include "json/write.h"

enum { FIELD_BYTES = 8192, EXPIRES_IN_S = INSTALL_TOKEN_LIFE_S - 1 };

/* What an authorization code stands for; texts lie in the arena. */
struct code {
    struct bytes text;
    int64_t app;
    struct bytes redirect_uri; /* empty: the request had none */
    struct bytes scope, workspace, source, person;
    struct bytes pkce_challenge, pkce_method;
    bool is_expired;
    int64_t install; /* 0: not used yet */
};

static bool refuse(struct exchange *exchange, enum oauth_error error, const char *hint)
{
    const struct oauth_failure failure = {.error = error, .hint = hint};

    oauth_error_answer(exchange, &failure);
    return false;
}

/* A field of the form, in the arena; empty when it is absent. */
static struct bytes find(struct exchange *exchange, const char *name)
{
    cleanup(buf_done) struct buf scratch = {0};
    struct bytes value;

    buf_init(&scratch, FIELD_BYTES);
    if (!form_find(exchange->body, name, &scratch, &value))
        return bytes_of(NULL, 0);
    return bytes_of(arena_copy(&exchange->arena, value), value.len);
}

/* --- the request -------------------------------------------------------------------- */

static bool is_form(struct exchange *exchange)
{
    struct bytes type = exchange_header(exchange, "Content-Type");

    return bytes_eq_nocase(bytes_trim(bytes_take_until(&type, ';')),
                           BYTES("application/x-www-form-urlencoded"));
}

static const char *find_repeated(const struct exchange *exchange)
{
    static const char *const names[] = {"grant_type",    "code",      "redirect_uri",
                                        "code_verifier", "client_id", "client_secret"};

    for (size_t i = 0; i < COUNT(names); i++) {
        if (form_count(exchange->body, names[i]) > 1)
            return names[i];
    }
    return NULL;
}

static bool check_form(struct exchange *exchange)
{
    if (exchange->body.len == 0 || !is_form(exchange))
        return refuse(exchange, OAUTH_INVALID_REQUEST,
                      "The body must be a form, application/x-www-form-urlencoded.");
    if (find_repeated(exchange) != NULL)
        return refuse(exchange, OAUTH_INVALID_REQUEST,
                      "A parameter was sent more than once.");
    if (find(exchange, "grant_type").len == 0)
        return refuse(exchange, OAUTH_INVALID_REQUEST, "grant_type is missing.");
    return true;
}

static bool check_client(struct exchange *exchange, struct app *ret_app)
{
    switch (client_auth_check_form(exchange, ret_app)) {
    case CLIENT_RIGHT:
        return true;
    case CLIENT_MISSING:
        return refuse(exchange, OAUTH_INVALID_CLIENT,
                      "Client id and secret must be sent as Authorization: Basic, not in "
                      "the body (unless the app's client_secret_post allows it).");
    case CLIENT_WRONG:
    default:
        return refuse(exchange, OAUTH_INVALID_CLIENT,
                      "There is no client of this id, or the secret is not its.");
    }
}

static bool check_grant_type(struct exchange *exchange)
{
    if (!bytes_eq(find(exchange, "grant_type"), BYTES("authorization_code")))
        return refuse(exchange, OAUTH_UNSUPPORTED_GRANT_TYPE,
                      "grant_type must be authorization_code.");
    if (find(exchange, "code").len == 0)
        return refuse(exchange, OAUTH_INVALID_REQUEST, "code is missing.");
    return true;
}

/* --- the code ----------------------------------------------------------------------- */

static void read_row(struct exchange *exchange, struct sql_statement *statement,
                     struct code *code)
{
    struct bytes *const texts[] = {
        &code->redirect_uri, &code->scope,          &code->workspace,   &code->source,
        &code->person,       &code->pkce_challenge, &code->pkce_method,
    };

    code->app = sql_i64(statement, 0);
    code->is_expired = sql_i64(statement, 1) <= world_now_ms(exchange->world);
    code->install = sql_i64(statement, 2);
    for (size_t i = 0; i < COUNT(texts); i++) {
        const struct bytes text = sql_bytes(statement, (int)i + 3);

        *texts[i] = bytes_of(arena_copy(&exchange->arena, text), text.len);
    }
}

static bool find_code(struct exchange *exchange, struct code *ret_code)
{
    struct sql_statement *statement = world_use(
        exchange->world,
        "SELECT app, expires_at, coalesce(install, 0), redirect_uri, scope, workspace,"
        " source, person, pkce_challenge, pkce_method FROM code WHERE code = ?1");
    bool is_there;

    *ret_code = (struct code){.text = find(exchange, "code")};
    sql_bind_text(statement, 1, ret_code->text);
    is_there = world_step(exchange->world, statement);
    if (is_there)
        read_row(exchange, statement, ret_code);
    sql_reset(statement);
    return is_there;
}

/* Who has it a second time may have stolen it, or was stolen from: all of it ends. */
static bool refuse_used(struct exchange *exchange, const struct code *code)
{
    install_revoke(exchange->world, code->install);
    return refuse(exchange, OAUTH_INVALID_GRANT,
                  "The code was used before; the tokens that it was exchanged for are "
                  "revoked.");
}

static bool has_proof(struct exchange *exchange, const struct code *code)
{
    return pkce_proves(pkce_parse(code->pkce_method, code->pkce_challenge),
                       code->pkce_challenge, find(exchange, "code_verifier"));
}

static bool check_code(struct exchange *exchange, const struct app *app,
                       const struct code *code)
{
    if (code->app != app->id)
        return refuse(exchange, OAUTH_INVALID_REQUEST,
                      "The code was issued to another client.");
    if (code->install != 0 || faults_hits(exchange, FAULT_CODE_USED))
        return refuse_used(exchange, code);
    if (code->is_expired)
        return refuse(exchange, OAUTH_INVALID_GRANT, "The code has expired.");
    if (code->redirect_uri.len > 0 &&
        !bytes_eq(code->redirect_uri, find(exchange, "redirect_uri")))
        return refuse(exchange, OAUTH_INVALID_REQUEST,
                      "redirect_uri must be sent again, the same as in the authorization "
                      "request.");
    if (!has_proof(exchange, code))
        return refuse(exchange, OAUTH_INVALID_GRANT,
                      "code_verifier does not prove the code_challenge.");
    if (!app->allows_reinstall &&
        install_exists(exchange->world, code->app, code->workspace))
        return refuse(exchange, OAUTH_INVALID_GRANT,
                      "install already exists: another code for this workspace was "
                      "exchanged first.");
    return true;
}

/* --- the answer --------------------------------------------------------------------- */

static void spend(struct world *world, const struct code *code, int64_t install)
{
    struct sql_statement *statement =
        world_use(world, "UPDATE code SET install = ?1 WHERE code = ?2");

    sql_bind(statement, 1, install);
    sql_bind_text(statement, 2, code->text);
    world_run(world, statement);
}

static void write_list(struct write *write, const char *key, struct bytes text)
{
    write_key(write, key);
    write_array(write);
    write_string(write, text);
    write_array_end(write);
}

static void answer(struct exchange *exchange, const struct install *install,
                   const char *token)
{
    struct arena *arena = &exchange->arena;
    const char *workspace =
        arena_printf(arena, "workspaces/%.*s", BYTES_FMT(install->workspace));
    struct write write;

    write_init(&write, &exchange->out);
    write_object(&write);
    write_member_text(&write, "access_token", token);
    write_member_i64(&write, "expires_in", EXPIRES_IN_S);
    write_member_string(&write, "scope", install->scope);
    write_member_text(&write, "token_type", "bearer");
    write_member_text(&write, "app_name",
                      arena_printf(arena, "apps/%lld", (long long)install->app));
    write_member_text(&write, "install_name",
                      arena_printf(arena, "installs/%lld", (long long)install->id));
    write_list(&write, "workspace_names", bytes_str(workspace));
    if (install->source.len > 0)
        write_list(&write, "source_names", install->source);
    write_object_end(&write);
    exchange_answer(exchange, 200, "application/json;charset=UTF-8");
    exchange_set_header(exchange, "Cache-Control", "no-store");
    exchange_set_header(exchange, "Pragma", "no-cache");
}

static void give(struct exchange *exchange, const struct code *code)
{
    char token[INVENT_BYTES];
    struct install install = {
        .app = code->app,
        .workspace = code->workspace,
        .source = code->source,
        .scope = code->scope,
        .person = code->person,
    };

    install_make(exchange->world, &install);
    spend(exchange->world, code, install.id);
    invent_token(exchange->world, token);
    install_add_token(exchange->world, &install, bytes_str(token));
    answer(exchange, &install, token);
}

void oauth_token(struct exchange *exchange)
{
    struct app app;
    struct code code;

    if (!check_form(exchange) || !check_client(exchange, &app) ||
        !check_grant_type(exchange))
        return;
    if (!find_code(exchange, &code))
        (void)refuse(exchange, OAUTH_INVALID_GRANT, "There is no such code.");
    else if (check_code(exchange, &app, &code))
        give(exchange, &code);
}
