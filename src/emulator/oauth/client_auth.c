/* SPDX-License-Identifier: MIT */

#include "emulator/oauth/client_auth.h"

#include "base/base64.h"
#include "base/form.h"
#include "base/secret.h"
#include "emulator/frame/exchange.h"

enum { CREDENTIALS_BYTES = 4096 };

static bool matches(struct exchange *exchange, struct bytes id, struct bytes secret,
                    struct app *ret_app)
{
    return app_find_client(exchange->world, id, &exchange->arena, ret_app) &&
           secret.len == ret_app->client_secret.len &&
           secret_eq(secret.ptr, ret_app->client_secret.ptr, secret.len);
}

static struct bytes decode(struct exchange *exchange, struct bytes text)
{
    cleanup(buf_done) struct buf decoded = {0};

    buf_init(&decoded, CREDENTIALS_BYTES);
    (void)form_decode(text, &decoded);
    return bytes_of(arena_copy(&exchange->arena, buf_bytes(&decoded)), decoded.len);
}

/* A field of the form, decoded; ptr NULL: it is absent, or longer than any of ours. */
static struct bytes find(struct exchange *exchange, const char *name)
{
    cleanup(buf_done) struct buf scratch = {0};
    struct bytes value;

    buf_init(&scratch, CREDENTIALS_BYTES);
    if (!form_find(exchange->body, name, &scratch, &value))
        return bytes_of(NULL, 0);
    return bytes_of(arena_copy(&exchange->arena, value), value.len);
}

/* An app that may not is told the same with a right secret as with a wrong one. */
static enum client_verdict check_body(struct exchange *exchange, struct app *ret_app)
{
    const struct bytes id = find(exchange, "client_id");
    const struct bytes secret = find(exchange, "client_secret");

    if (secret.ptr == NULL ||
        !app_find_client(exchange->world, id, &exchange->arena, ret_app) ||
        !ret_app->allows_secret_post)
        return CLIENT_MISSING;
    return matches(exchange, id, secret, ret_app) ? CLIENT_RIGHT : CLIENT_WRONG;
}

enum client_verdict client_auth_check_form(struct exchange *exchange, struct app *ret_app)
{
    enum client_verdict verdict = client_auth_check(exchange, ret_app);

    if (exchange->authorization.len == 0)
        verdict = check_body(exchange, ret_app);
    if (verdict != CLIENT_RIGHT)
        *ret_app = (struct app){.id = 0};
    return verdict;
}

enum client_verdict client_auth_check(struct exchange *exchange, struct app *ret_app)
{
    struct bytes header = bytes_trim(exchange->authorization);
    const struct bytes scheme = bytes_take_until(&header, ' ');
    cleanup(buf_done) struct buf text = {0};
    struct bytes id, secret;

    *ret_app = (struct app){.id = 0};
    if (!bytes_eq_nocase(scheme, BYTES("Basic")))
        return CLIENT_MISSING;
    buf_init(&text, CREDENTIALS_BYTES);
    if (!base64_decode(bytes_trim(header), &text))
        return CLIENT_WRONG;
    secret = buf_bytes(&text);
    id = bytes_take_until(&secret, ':');
    if (matches(exchange, id, secret, ret_app) ||
        matches(exchange, decode(exchange, id), decode(exchange, secret), ret_app))
        return CLIENT_RIGHT;
    *ret_app = (struct app){.id = 0};
    return CLIENT_WRONG;
}
