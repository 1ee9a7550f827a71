/* SPDX-License-Identifier: MIT */

/* Test: the eight events, and a colour for each (dossier §3.10). */

#include "base/err.h"
#include "base/html.h"
#include "emulator/developer/developer.h"
#include "emulator/developer/suite_run.h"
#include "emulator/developer/trial.h"
#include "emulator/pages/duration.h"
#include "emulator/pages/input.h"
#include "emulator/pages/page.h"
#include "emulator/pages/page_routes.h"
#include "emulator/pages/posted.h"
#include "emulator/world/world.h"
#include "json/json.h"

static const struct {
    const char *class, *mark, *word;
} looks[] = {
    [SUITE_RED] = {"is-error", "✖", "failed"},
    [SUITE_YELLOW] = {"is-warn", "▲", "not supported"},
    [SUITE_GREEN] = {"is-ok", "✔", "success"},
};

/* --- showing ------------------------------------------------------------------------ */

static void show_result(struct buf *out, size_t i, const struct suite_result *result)
{
    html_addf(out, "<tr><td class=\"number\">%d</td><th scope=\"row\">%s</th>",
              (int)i + 1, suite_event(i).name);
    if (result == NULL) {
        html_add(out, "<td class=\"muted\">not run</td><td></td><td></td></tr>\n");
        return;
    }
    html_addf(out,
              "<td class=\"%s\">%s %s <span class=\"unseen\">(%s)</span></td>"
              "<td><bdi>%s</bdi></td><td class=\"number\">",
              looks[result->color].class, looks[result->color].mark,
              looks[result->color].word, suite_color_text(result->color),
              result->message);
    duration_show(out, result->duration_us);
    html_add(out, "</td></tr>\n");
}

static void show_banner(struct buf *out, const struct suite_run *run)
{
    if (run->n_red == 0)
        html_add(out,
                 "<p class=\"note is-ok\" role=\"status\">✔ All Tests Passed!</p>\n");
    else
        html_addf(out,
                  "<p class=\"note is-error\" role=\"status\">✖ %d of %d tests failed"
                  "</p>\n",
                  (int)run->n_red, (int)run->n_results);
    html_addf(out, "<p>Success: %d", (int)run->n_green);
    if (run->n_green + run->n_red < run->n_results)
        html_addf(out, " · Not supported: %d",
                  (int)(run->n_results - run->n_green - run->n_red));
    if (run->n_red > 0)
        html_addf(out, " · Failed: %d", (int)run->n_red);
    html_add(out, "</p>\n");
}

static void show_table(struct buf *out, const struct suite_run *run)
{
    html_add(out, "<table class=\"folds\"><thead><tr><th scope=\"col\" class=\"number\">#"
                  "</th><th scope=\"col\">Test</th><th scope=\"col\">Result</th><th "
                  "scope=\"col\">Message</th><th scope=\"col\" class=\"number\">Time</th>"
                  "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < SUITE_EVENTS; i++)
        show_result(out, i, run != NULL ? &run->results[i] : NULL);
    html_add(out, "</tbody></table>\n");
}

static void show(struct exchange *exchange, const struct app *app, const char *why,
                 const struct suite_run *run)
{
    struct buf *out = &exchange->out;

    developer_begin(exchange, app, "Test", why);
    input_form(out, NULL);
    input_show(out,
               &(struct input){.name = "api_key",
                               .label = BYTES("API key"),
                               .value = exchange->body.len > 0
                                            ? posted_field(exchange, "api_key")
                                            : BYTES("abcd1234"),
                               .hint = BYTES("Goes to the component with each of the "
                                             "eight events.")});
    html_add(out, "<button class=\"main\">Test</button></form>\n<h2>Tests</h2>\n");
    if (run != NULL)
        show_banner(out, run);
    show_table(out, run);
    page_end(exchange);
}

/* --- running ------------------------------------------------------------------------ */

void developer_get_test(struct exchange *exchange)
{
    struct app app;

    if (developer_find(exchange, &app))
        show(exchange, &app, NULL, NULL);
}

/* The checklist (developer_publish.c) asks how the last one ended. */
static void remember(struct exchange *exchange, const struct app *app,
                     const struct suite_run *run)
{
    world_set(exchange->world,
              arena_printf(&exchange->arena, "suite:%lld", (long long)app->id),
              run->n_red == 0 ? BYTES("passed") : BYTES("failed"));
}

static void show_run(struct exchange *exchange, void *arg, const struct suite_run *run)
{
    remember(exchange, arg, run);
    show(exchange, arg, NULL, run);
}

void developer_post_test(struct exchange *exchange)
{
    struct app *app = arena_new(&exchange->arena, struct app);
    cleanup(json_freep) struct json *over = json_object();
    struct target target;
    struct err err = {0};

    if (!developer_find(exchange, app))
        return;
    json_set_string(over, "api_key", posted_field(exchange, "api_key"));
    if (trial_target(exchange, app->id, over, &target, &err) < 0)
        show(exchange, app, err.text, NULL);
    else
        suite_run_start(exchange, &target, show_run, app);
}
