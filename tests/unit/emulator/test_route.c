/* SPDX-License-Identifier: MIT */

#include "emulator/frame/route.h"

#include <stdio.h>

#include "base/mem.h"
#include "lib/cm.h"

static void handle(struct exchange *exchange)
{
    (void)exchange;
}

static const struct route things[] = {
    {"GET", "/v1/things", handle, FIDELITY_DOCUMENTED, NULL},
    {"POST", "/v1/things", handle, FIDELITY_DOCUMENTED, NULL},
    {"GET", "/v1/things/{}", handle, FIDELITY_OBSERVED, NULL},
    {"POST", "/v1/things/{}:undo", handle, FIDELITY_OBSERVED, NULL},
    {"POST", "/v1/things:all", handle, FIDELITY_OBSERVED, NULL},
    {"GET", "/v1/things/{}/parts/{}", handle, FIDELITY_OBSERVED, NULL},
    {"PATCH", "/v1/things/{}", NULL, FIDELITY_DOCUMENTED, NULL},
    {"GET", "/v1/files/{*}", handle, FIDELITY_OBSERVED, NULL},
    {.method = NULL},
};
static const struct route others[] = {
    {"GET", "/", handle, FIDELITY_GUESS, NULL},
    {.method = NULL},
};
static const struct area v1 = {.title = "v1", .prefix = "/v1/", .routes = things};
static const struct area rest = {.title = "rest", .prefix = "/", .routes = others};
static const struct area *const areas[] = {&v1, &rest, NULL};

static const struct {
    const char *why;
    const char *method;
    const char *path;
    const char *area;
    const char *route;  /* NULL: none */
    const char *params; /* joined by '|' */
    enum route_missing missing;
} cases[] = {
    {"as it stands", "GET", "/v1/things", "v1", "/v1/things", "", ROUTE_NO_PATH},
    {"a slash at the end", "GET", "/v1/things/", "v1", "/v1/things", "", ROUTE_NO_PATH},
    {"doubled slashes", "GET", "//v1///things//7/", "v1", "/v1/things/{}", "7",
     ROUTE_NO_PATH},
    {"HEAD is a GET", "HEAD", "/v1/things", "v1", "/v1/things", "", ROUTE_NO_PATH},
    {"by its method", "POST", "/v1/things", "v1", "/v1/things", "", ROUTE_NO_METHOD},
    {"a hole", "GET", "/v1/things/a b", "v1", "/v1/things/{}", "a b", ROUTE_NO_PATH},
    {"two holes", "GET", "/v1/things/7/parts/8", "v1", "/v1/things/{}/parts/{}", "7|8",
     ROUTE_NO_PATH},
    {"a verb", "POST", "/v1/things/7:undo", "v1", "/v1/things/{}:undo", "7",
     ROUTE_NO_PATH},
    {"a verb on a word", "POST", "/v1/things:all", "v1", "/v1/things:all", "",
     ROUTE_NO_PATH},
    {"a verb alone is no name", "POST", "/v1/things/:undo", "v1", NULL, "",
     ROUTE_NO_PATH},
    {"an unknown verb is no name", "GET", "/v1/things/7:redo", "v1", NULL, "",
     ROUTE_NO_PATH},
    {"the rest", "GET", "/v1/files/a/b/c", "v1", "/v1/files/{*}", "a/b/c", ROUTE_NO_PATH},
    {"another method is known", "DELETE", "/v1/things/7", "v1", NULL, "",
     ROUTE_NO_METHOD},
    {"listed, not imitated", "PATCH", "/v1/things/7", "v1", "/v1/things/{}", "7",
     ROUTE_NOT_IMITATED},
    {"no such path", "GET", "/v1/nothing", "v1", NULL, "", ROUTE_NO_PATH},
    {"longer than a route", "GET", "/v1/things/7/parts", "v1", NULL, "", ROUTE_NO_PATH},
    {"case matters", "GET", "/v1/Things", "v1", NULL, "", ROUTE_NO_PATH},
    {"the prefix without its slash", "GET", "/v1", "v1", NULL, "", ROUTE_NO_PATH},
    {"a longer word is another area", "GET", "/v10", "rest", NULL, "", ROUTE_NO_PATH},
    {"the first page", "GET", "/", "rest", "/", "", ROUTE_NO_PATH},
    {"an absolute URI", "GET", "http://x/v1/things", "rest", NULL, "", ROUTE_NO_PATH},
    {"an asterisk", "OPTIONS", "*", "rest", NULL, "", ROUTE_NO_PATH},
    {"empty", "GET", "", "rest", NULL, "", ROUTE_NO_PATH},
};

static const char *route_of(const struct exchange *exchange)
{
    return exchange->route != NULL ? exchange->route->path : "none";
}

static void join_params(const struct exchange *exchange, char text[256])
{
    size_t len = 0;

    text[0] = '\0';
    for (size_t i = 0; i < exchange->n_params; i++)
        len += (size_t)snprintf(text + len, 256 - len, "%s%.*s", i > 0 ? "|" : "",
                                BYTES_FMT(exchange->params[i]));
}

static void finds_area_route_and_holes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct exchange exchange = {.method = bytes_str(cases[i].method),
                                    .path = bytes_str(cases[i].path)};
        enum route_missing missing = ROUTE_NOT_IMITATED;
        const char *want = cases[i].route != NULL ? cases[i].route : "none";
        char params[256];

        arena_init(&exchange.arena);
        route_find(areas, &exchange, &missing);
        join_params(&exchange, params);
        if (strcmp(exchange.area->title, cases[i].area) != 0 ||
            strcmp(route_of(&exchange), want) != 0 ||
            strcmp(params, cases[i].params) != 0)
            fail_msg("%s: got %s %s (%s), want %s %s (%s)", cases[i].why,
                     exchange.area->title, route_of(&exchange), params, cases[i].area,
                     want, cases[i].params);
        if ((exchange.route == NULL || exchange.route->fn == NULL) &&
            missing != cases[i].missing)
            fail_msg("%s: got reason %d", cases[i].why, (int)missing);
        if (exchange.route != NULL)
            assert_int_equal(exchange.fidelity, exchange.route->fidelity);
        arena_done(&exchange.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_area_route_and_holes),
    };

    return cmocka_run_group_tests_name("route", tests, NULL, NULL);
}
