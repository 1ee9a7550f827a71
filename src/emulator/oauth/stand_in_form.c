/* SPDX-License-Identifier: MIT */

#include "emulator/oauth/stand_in_form.h"

#include "base/form.h"
#include "base/html.h"
#include "base/secret.h"
#include "emulator/frame/exchange.h"
#include "emulator/pages/page.h"

enum { FIELD_BYTES = 1024 };

struct bytes stand_in_form_field(struct exchange *exchange, const char *name)
{
    cleanup(buf_done) struct buf scratch = {0};
    struct bytes value;

    buf_init(&scratch, FIELD_BYTES);
    if (!form_find(exchange->body, name, &scratch, &value))
        return bytes_of(NULL, 0);
    return bytes_of(arena_copy(&exchange->arena, value), value.len);
}

static bool is_post(const struct exchange *exchange)
{
    return bytes_eq(exchange->method, BYTES("POST"));
}

static bool has_token(struct exchange *exchange, const struct challenge *challenge)
{
    const struct bytes token = stand_in_form_field(exchange, "csrf");

    return !is_post(exchange) || (token.len == challenge->csrf.len &&
                                  secret_eq(token.ptr, challenge->csrf.ptr, token.len));
}

static void show_end(struct exchange *exchange)
{
    static const struct page page = {.title = "This page is over", .section = NULL};

    exchange->status = 410;
    page_begin(exchange, &page);
    html_add(&exchange->out,
             "<h1>This page is over</h1>\n<p>It is good once, for ten minutes, in the "
             "browser where it began. Go back to the app and begin again.</p>\n");
    page_end(exchange);
}

bool stand_in_form_read(struct exchange *exchange, enum challenge_kind kind,
                        const char *name, struct bytes *ret_id,
                        struct challenge *ret_challenge)
{
    *ret_id = is_post(exchange) ? stand_in_form_field(exchange, name)
                                : exchange_query(exchange, name);
    if (challenge_find(exchange, kind, *ret_id, ret_challenge) &&
        has_token(exchange, ret_challenge))
        return true;
    show_end(exchange);
    return false;
}

void stand_in_form_begin(struct exchange *exchange, const char *action, const char *name,
                         struct bytes id, const struct challenge *challenge)
{
    html_addf(&exchange->out,
              "<form method=\"post\" action=\"%s\">\n"
              "<input type=\"hidden\" name=\"%s\" value=\"%b\">"
              "<input type=\"hidden\" name=\"csrf\" value=\"%b\">\n",
              action, name, &id, &challenge->csrf);
}

void stand_in_form_finish(struct exchange *exchange, struct bytes id,
                          enum challenge_kind kind, const struct challenge *next)
{
    const char *verifier;

    challenge_end(exchange, id);
    verifier = challenge_make(exchange, kind, next);
    exchange_redirect(exchange, 302,
                      arena_printf(&exchange->arena, "/oauth2/auth?%.*s&%s=%s",
                                   BYTES_FMT(next->query),
                                   kind == CHALLENGE_LOGIN_VERIFIER ? "login_verifier"
                                                                    : "consent_verifier",
                                   verifier));
    exchange_set_header(exchange, "Cache-Control", "no-store");
}
