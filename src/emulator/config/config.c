/* SPDX-License-Identifier: MIT */

#include "emulator/config/config.h"

#include <stdio.h>

#include "emulator/config/answer.h"
#include "emulator/config/destinations.h"
#include "emulator/config/input.h"
#include "emulator/faults/faults.h"
#include "emulator/frame/areas.h"
#include "emulator/frame/exchange.h"
#include "emulator/world/world.h"

enum { BODY_BYTES = 8 << 20, SECOND_MS = 1000 };

/* --- who ---------------------------------------------------------------------------- */

const struct bearer *config_caller(const struct exchange *exchange)
{
    return exchange->area_data;
}

bool config_is_within_rate(struct exchange *exchange, struct bytes who)
{
    const int64_t wait_ms = faults_take_rate(exchange, who);
    char seconds[32];

    if (wait_ms == 0)
        return true;
    snprintf(seconds, sizeof(seconds), "%lld",
             (long long)((wait_ms + SECOND_MS - 1) / SECOND_MS));
    config_refuse(exchange, CONFIG_EXHAUSTED, "rate limit exceeded");
    exchange_set_header(exchange, "Retry-After", seconds);
    return false;
}

static bool authenticate(struct exchange *exchange)
{
    struct bearer *bearer = arena_new(&exchange->arena, struct bearer);

    exchange->area_data = bearer;
    switch (bearer_check(exchange, bearer)) {
    case BEARER_GOOD:
        return config_is_within_rate(exchange, bearer->token);
    case BEARER_MISSING:
        config_refuse(exchange, CONFIG_UNAUTHENTICATED, "unauthenticated");
        return false;
    case BEARER_MALFORMED:
        break;
    }
    config_refuse(exchange, CONFIG_UNAUTHENTICATED, "malformed token");
    return false;
}

/* --- what --------------------------------------------------------------------------- */

static const char *const collections[] = {
    "workspaces", "catalog", "filters", "apps", "access-tokens", "installs", "install",
};

/* The nth word of the path after /v1beta/; empty when there are fewer. */
static struct bytes word(const struct exchange *exchange, size_t n)
{
    const struct bytes prefix = BYTES("/v1beta/");
    struct bytes rest =
        bytes_slice(exchange->route_path, prefix.len, exchange->route_path.len);

    while (n-- > 0)
        bytes_take_until(&rest, '/');
    return bytes_take_until(&rest, '/');
}

static bool word_is(const struct exchange *exchange, size_t n, const char *text)
{
    return bytes_eq(word(exchange, n), bytes_str(text));
}

static bool is_known(const struct exchange *exchange)
{
    for (size_t i = 0; i < COUNT(collections); i++) {
        if (word_is(exchange, 0, collections[i]))
            return true;
    }
    return false;
}

/* Calls whose credentials are Basic, and checked by their handlers. */
static bool wants_basic(const struct exchange *exchange)
{
    return word_is(exchange, 0, "access-tokens") || word_is(exchange, 0, "installs") ||
           word_is(exchange, 0, "install");
}

static bool is_read(const struct exchange *exchange)
{
    return bytes_eq(exchange->method, BYTES("GET")) ||
           bytes_eq(exchange->method, BYTES("HEAD"));
}

/* About the destination itself, or what is below it. Who creates one says which in the
 * body; a body that cannot be read is no reason to doubt the scope. */
static void ask_about_destination(struct exchange *exchange,
                                  struct scope_question *question)
{
    question->slug = word(exchange, 5);
    if (question->slug.len == 0 && !question->is_write)
        return; /* a list */
    question->area = SCOPE_AREA_DESTINATION;
    question->source = config_name(exchange, 2);
    if (word(exchange, 6).len > 0)
        question->area = SCOPE_AREA_BELOW;
    if (question->slug.len == 0)
        question->slug = config_destinations_wanted(exchange);
    if (question->slug.len == 0)
        question->slug = config_caller(exchange)->scope.slug;
}

static struct scope_question ask(struct exchange *exchange)
{
    struct scope_question question = {.is_write = !is_read(exchange)};

    if (word_is(exchange, 0, "catalog"))
        question.area = SCOPE_AREA_CATALOG;
    if (word_is(exchange, 0, "filters")) { /* a preview changes nothing */
        question.area = SCOPE_AREA_CATALOG;
        question.is_write = false;
    }
    if (word_is(exchange, 0, "workspaces"))
        question.workspace = word(exchange, 1);
    if (word_is(exchange, 2, "sources") && word_is(exchange, 4, "destinations"))
        ask_about_destination(exchange, &question);
    return question;
}

/* A personal token may be for several workspaces. */
static bool is_allowed(struct exchange *exchange)
{
    const struct bearer *caller = config_caller(exchange);
    const struct scope_question question = ask(exchange);
    struct bytes workspaces = caller->workspaces;

    while (workspaces.len > 0) {
        if (scope_allows(&caller->scope, bytes_take_until(&workspaces, ','),
                         caller->source, &question))
            return true;
    }
    config_refuse(exchange, CONFIG_DENIED, "insufficient scope");
    return false;
}

/* --- the area ----------------------------------------------------------------------- */

/* The documents print a workspace's name bare as well: /v1beta/acme/sources is
 * /v1beta/workspaces/acme/sources. */
static void follow_bare_name(struct exchange *exchange)
{
    const struct bytes prefix = BYTES("/v1beta/");
    const struct bytes path = exchange->route_path;
    enum route_missing why;

    if (exchange->route != NULL || is_known(exchange) ||
        !config_exists(exchange->world, "SELECT 1 FROM workspace WHERE slug = ?1",
                       word(exchange, 0)))
        return;
    exchange->path =
        bytes_str(arena_printf(&exchange->arena, "/v1beta/workspaces/%.*s",
                               BYTES_FMT(bytes_slice(path, prefix.len, path.len))));
    route_find(main_areas, exchange, &why);
}

static bool before(struct exchange *exchange)
{
    follow_bare_name(exchange);
    if (!is_known(exchange) || wants_basic(exchange))
        return true;
    return authenticate(exchange) && (exchange->route == NULL || is_allowed(exchange));
}

static void missing(struct exchange *exchange, enum route_missing why)
{
    if (!is_known(exchange)) {
        exchange_answer(exchange, 503, "text/plain");
        buf_add_text(&exchange->out,
                     "upstream connect error or disconnect/reset before headers");
        exchange->fidelity = FIDELITY_DOCUMENTED;
    } else if (why == ROUTE_NOT_IMITATED || exchange->route != NULL) {
        config_refuse(exchange, CONFIG_UNIMPLEMENTED, "not implemented");
    } else {
        config_refuse_missing(exchange);
        exchange->fidelity = FIDELITY_DOCUMENTED;
    }
}

const struct area config_area = {
    .title = "Config API",
    .prefix = "/v1beta/",
    .routes = config_routes,
    .body_bytes = BODY_BYTES,
    .before_fn = before,
    .missing_fn = missing,
};
