/* SPDX-License-Identifier: MIT */

/* The page Differences: each call, how sure we are of its answer, and what is not as at
 * Segment. It is the tables of routes themselves, so it cannot forget one. */

#include "base/html.h"
#include "emulator/frame/areas.h"
#include "emulator/frame/exchange.h"
#include "emulator/pages/page.h"

enum { ANCHOR_BYTES = 64 };

/* What a call's answer is, surest first. */
enum kind { KIND_DOCUMENTED, KIND_OBSERVED, KIND_GUESS, KIND_NOT_IMITATED, KIND_N };

static const struct {
    const char *title, *words, *class;
} kinds[KIND_N] = {
    [KIND_DOCUMENTED] = {"Documented", "checked against documents", "is-ok"},
    [KIND_OBSERVED] = {"Observed", "seen in samples", "is-ok"},
    [KIND_GUESS] = {"Guess", "our guess", "is-warn"},
    [KIND_NOT_IMITATED] = {"Not imitated", "not imitated", "muted"},
};

static enum kind kind_of(const struct route *route)
{
    if (route->fn == NULL)
        return KIND_NOT_IMITATED;
    switch (route->fidelity) {
    case FIDELITY_DOCUMENTED:
        return KIND_DOCUMENTED;
    case FIDELITY_OBSERVED:
        return KIND_OBSERVED;
    case FIDELITY_GUESS:
        break;
    }
    return KIND_GUESS;
}

/* "config-api" of "Config API". */
static void print_anchor(const struct area *area, char ret_anchor[ANCHOR_BYTES])
{
    size_t len = 0;

    for (const char *c = area->title; *c != '\0' && len + 1 < ANCHOR_BYTES; c++) {
        const bool is_capital = *c >= 'A' && *c <= 'Z';

        ret_anchor[len++] = *c == ' ' ? '-' : is_capital ? (char)(*c + ('a' - 'A')) : *c;
    }
    ret_anchor[len] = '\0';
}

/* --- how much there is of each ------------------------------------------------------ */

static void show_counts(struct buf *out, const int counts[KIND_N])
{
    for (int i = 0; i < KIND_N; i++)
        html_addf(out,
                  "<td class=\"number\">%d<span class=\"when-folded\"> %s</span></td>",
                  counts[i], kinds[i].words);
    html_add(out, "</tr>\n");
}

static void show_roles(struct buf *out, const struct area *const *areas,
                       int totals[KIND_N])
{
    for (; *areas != NULL; areas++) {
        int counts[KIND_N] = {0};
        char anchor[ANCHOR_BYTES];

        if ((*areas)->is_own)
            continue;
        for (const struct route *route = (*areas)->routes; route->method != NULL; route++)
            counts[kind_of(route)]++;
        for (int i = 0; i < KIND_N; i++)
            totals[i] += counts[i];
        print_anchor(*areas, anchor);
        html_addf(out, "<tr><th scope=\"row\"><a href=\"#%s\">%s</a></th>", anchor,
                  (*areas)->title);
        show_counts(out, counts);
    }
}

static void show_summary(struct buf *out)
{
    int totals[KIND_N] = {0};

    html_add(out, "<table class=\"counts folds\"><thead><tr><th scope=\"col\">Role</th>");
    for (int i = 0; i < KIND_N; i++)
        html_addf(out, "<th scope=\"col\" class=\"number\">%s</th>", kinds[i].title);
    html_add(out, "</tr></thead><tbody>\n");
    show_roles(out, main_areas, totals);
    show_roles(out, public_areas, totals);
    html_add(out, "<tr><th scope=\"row\">All</th>");
    show_counts(out, totals);
    html_add(out, "</tbody></table>\n");
}

/* --- the calls ---------------------------------------------------------------------- */

static void show_route(struct buf *out, const struct route *route)
{
    const enum kind kind = kind_of(route);

    html_addf(out, "<tr><td><code>%s %s</code></td><td class=\"%s\">%s</td><td>",
              route->method, route->path, kinds[kind].class, kinds[kind].words);
    if (route->difference != NULL)
        html_addf(out, "%s", route->difference);
    else if (kind == KIND_NOT_IMITATED)
        html_add(out, "<span class=\"muted\">It answers 501.</span>");
    else
        html_add(out, "<span class=\"muted\">none known</span>");
    html_add(out, "</td></tr>\n");
}

static void show_areas(struct buf *out, const struct area *const *areas)
{
    for (; *areas != NULL; areas++) {
        char anchor[ANCHOR_BYTES];

        if ((*areas)->is_own)
            continue;
        print_anchor(*areas, anchor);
        html_addf(out, "<h2 id=\"%s\">%s</h2>\n", anchor, (*areas)->title);
        html_add(out, "<table class=\"folds differences\"><thead><tr><th "
                      "scope=\"col\">Call</th><th scope=\"col\">How sure</th><th "
                      "scope=\"col\">What differs</th></tr></thead><tbody>\n");
        for (const struct route *route = (*areas)->routes; route->method != NULL; route++)
            show_route(out, route);
        html_add(out,
                 "</tbody></table>\n<p><a href=\"#main\">Back to the roles</a></p>\n");
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
    show_summary(out);
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
