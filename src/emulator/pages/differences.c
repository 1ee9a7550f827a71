/* SPDX-License-Identifier: MIT */

/* The page Differences: each call, how sure we are of its answer, and what is not as at
 * Segment. It is the tables of routes themselves, so it cannot forget one. */

#include "base/html.h"
#include "emulator/frame/areas.h"
#include "emulator/frame/exchange.h"
#include "emulator/pages/page.h"

static void show_fidelity(struct buf *out, const struct route *route)
{
    static const char *const words[] = {
        [FIDELITY_GUESS] = "our guess",
        [FIDELITY_OBSERVED] = "seen in samples",
        [FIDELITY_DOCUMENTED] = "checked against documents",
    };

    if (route->fn == NULL)
        html_add(out, "<span class=\"is-warn\">not imitated</span>");
    else
        html_addf(out, "%s", words[route->fidelity]);
}

static void show_routes(struct buf *out, const struct area *area)
{
    html_addf(out,
              "<h2>%s</h2>\n<table><thead><tr><th scope=\"col\">Call</th>"
              "<th scope=\"col\">How sure</th><th scope=\"col\">What differs</th></tr>"
              "</thead><tbody>\n",
              area->title);
    for (const struct route *route = area->routes; route->method != NULL; route++) {
        html_addf(out, "<tr><td><code>%s %s</code></td><td>", route->method, route->path);
        show_fidelity(out, route);
        html_addf(out, "</td><td>%s</td></tr>\n",
                  route->difference != NULL ? route->difference : "");
    }
    html_add(out, "</tbody></table>\n");
}

static void show_areas(struct buf *out, const struct area *const *areas)
{
    for (; *areas != NULL; areas++) {
        if (!(*areas)->is_own)
            show_routes(out, *areas);
    }
}

static void get_differences(struct exchange *exchange)
{
    struct buf *out = &exchange->out;

    page_begin(exchange,
               &(struct page){.title = "Differences", .section = "Differences"});
    html_add(out,
             "<h1>Differences</h1>\n<p>This is not Segment. Each answer says in "
             "<code>X-Emulator-Fidelity</code> how sure we are that Segment gives the "
             "same: <em>documented</em>, <em>observed</em> in published samples, or our "
             "<em>guess</em>. Calls that are not imitated answer 501.</p>\n");
    show_areas(out, main_areas);
    show_areas(out, public_areas);
    page_end(exchange);
}

static void missing(struct exchange *exchange, enum route_missing why)
{
    page_refuse(exchange, why == ROUTE_NO_METHOD ? 405 : 404, "there is no such page");
}

static const struct route routes[] = {
    {"GET", "/differences", get_differences, FIDELITY_GUESS, NULL},
    {.method = NULL},
};

const struct area differences_area = {
    .title = "Differences",
    .prefix = "/differences/",
    .routes = routes,
    .body_bytes = 1 << 16,
    .is_own = true,
    .missing_fn = missing,
};
