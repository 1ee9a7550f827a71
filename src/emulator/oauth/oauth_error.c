/* SPDX-License-Identifier: MIT */

#include "emulator/oauth/oauth_error.h"

#include "base/accept.h"
#include "base/form.h"
#include "base/html.h"
#include "emulator/frame/exchange.h"
#include "emulator/pages/page.h"
#include "json/write.h"

static const struct {
    int status;
    const char *name, *description;
} errors[] = {
    [OAUTH_SERVER_ERROR] = {500, "server_error",
                            "The authorization server met something that it did not "
                            "expect and could not answer the request"},
    [OAUTH_INVALID_REQUEST] = {400, "invalid_request",
                               "The request is missing a required parameter, has a value "
                               "that is not valid or a parameter more than once, or is "
                               "malformed in another way"},
    [OAUTH_INVALID_CLIENT] = {401, "invalid_client",
                              "Client authentication failed: unknown client, no "
                              "credentials, or a method that is not supported"},
    [OAUTH_INVALID_SCOPE] = {400, "invalid_scope",
                             "The requested scope is invalid, unknown, or malformed"},
    [OAUTH_INVALID_STATE] = {400, "invalid_state",
                             "The state is missing or too easy to guess"},
    [OAUTH_INVALID_GRANT] = {400, "invalid_grant",
                             "The authorization code is invalid, expired, used, revoked, "
                             "or was issued for something else"},
    [OAUTH_UNSUPPORTED_RESPONSE_TYPE] = {400, "unsupported_response_type",
                                         "The authorization server does not support "
                                         "this response type"},
    [OAUTH_UNSUPPORTED_GRANT_TYPE] = {400, "unsupported_grant_type",
                                      "The authorization server does not support this "
                                      "grant type"},
    [OAUTH_ACCESS_DENIED] = {403, "access_denied",
                             "The resource owner or the authorization server denied the "
                             "request"},
    [OAUTH_REQUEST_FORBIDDEN] = {403, "request_forbidden", "The request is not allowed"},
    [OAUTH_NOT_FOUND] = {404, "not_found", "There is nothing at this path"},
};

static const char *describe(const struct oauth_failure *failure)
{
    return failure->description != NULL ? failure->description
                                        : errors[failure->error].description;
}

static void write_body(const struct oauth_failure *failure, struct buf *out)
{
    struct write write;

    write_init(&write, out);
    buf_add_text(out, "{\n\t\"error\": ");
    write_text(&write, errors[failure->error].name);
    buf_add_text(out, ",\n\t\"error_description\": ");
    write.need_comma = false;
    write_text(&write, describe(failure));
    buf_add_text(out, ",\n\t\"error_hint\": ");
    write.need_comma = false;
    write_text(&write, failure->hint);
    buf_addf(out, ",\n\t\"status_code\": %d\n}\n", errors[failure->error].status);
}

static void answer(struct exchange *exchange, const struct oauth_failure *failure,
                   const char *content_type)
{
    exchange_restart(exchange);
    exchange->fidelity = FIDELITY_GUESS;
    exchange_answer(exchange, errors[failure->error].status, content_type);
    exchange_set_header(exchange, "Cache-Control", "no-store");
    exchange_set_header(exchange, "Pragma", "no-cache");
    write_body(failure, &exchange->out);
}

void oauth_error_answer(struct exchange *exchange, const struct oauth_failure *failure)
{
    answer(exchange, failure, "application/json;charset=UTF-8");
    if (failure->error == OAUTH_INVALID_CLIENT)
        exchange_set_header(exchange, "WWW-Authenticate", "Basic");
}

static bool prefers_page(struct exchange *exchange)
{
    const struct bytes accept = exchange_header(exchange, "Accept");

    return accept_quality(accept, BYTES("text/html")) >
           accept_quality(accept, BYTES("application/json"));
}

static void show_page(struct exchange *exchange, const struct oauth_failure *failure)
{
    static const struct page page = {.title = "This request cannot be answered",
                                     .section = NULL};
    struct buf *out = &exchange->out;

    exchange_restart(exchange);
    exchange->fidelity = FIDELITY_GUESS;
    exchange->status = errors[failure->error].status;
    page_begin(exchange, &page);
    html_addf(out,
              "<h1>%s</h1>\n<p>%s.</p>\n<p>%s</p>\n<p>The browser was not sent back to "
              "the app: before client and redirect URI are known to belong together, "
              "that would send people anywhere.</p>\n",
              errors[failure->error].name, describe(failure), failure->hint);
    page_end(exchange);
}

void oauth_error_show(struct exchange *exchange, const struct oauth_failure *failure)
{
    if (prefers_page(exchange))
        show_page(exchange, failure);
    else
        answer(exchange, failure, "application/json");
}

void oauth_error_add(const struct oauth_failure *failure, struct buf *query)
{
    form_add(query, "error", bytes_str(errors[failure->error].name), FORM_SPACE_PLUS);
    form_add(query, "error_description", bytes_str(describe(failure)), FORM_SPACE_PLUS);
    form_add(query, "error_hint", bytes_str(failure->hint), FORM_SPACE_PLUS);
}
