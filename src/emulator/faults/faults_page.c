/* SPDX-License-Identifier: MIT */

/* The page Faults (ux §4.5). */

#include "base/err.h"
#include "base/html.h"
#include "emulator/faults/faults.h"
#include "emulator/faults/faults_command.h"
#include "emulator/faults/faults_form.h"
#include "emulator/frame/areas.h"
#include "emulator/frame/exchange.h"
#include "emulator/pages/page.h"
#include "emulator/pages/posted.h"
#include "emulator/world/world.h"
#include "json/json.h"
#include "json/write.h"

enum { LIST_BYTES = 1 << 22, COMMAND_BYTES = 1 << 18, TIME_OF_DAY_AT = 11 };

/* --- what is on --------------------------------------------------------------------- */

static void show_what(struct buf *out, const struct json *fault)
{
    const struct bytes what = json_string(json_get(fault, "what"));
    const struct json *delay = json_get(fault, "delay_ms");

    html_addf(out, "<td><code>%b</code>", &what);
    if (json_get(fault, "status") != NULL)
        html_addf(out, " %d", (int)json_i64(json_get(fault, "status")));
    if (json_get(fault, "code") != NULL)
        html_addf(out, " code %d", (int)json_i64(json_get(fault, "code")));
    if (json_kind(delay) == JSON_ARRAY)
        html_addf(out, ", wait %l–%l ms", json_i64(json_at(delay, 0)),
                  json_i64(json_at(delay, 1)));
    else if (delay != NULL)
        html_addf(out, ", wait %l ms", json_i64(delay));
}

/* The same fault for a script, when somebody wants to see it. */
static void show_command(struct exchange *exchange, const struct json *fault)
{
    const int64_t id = json_i64(json_get(fault, "id"));
    cleanup(buf_done) struct buf command = {0};
    struct bytes text;

    buf_init(&command, COMMAND_BYTES);
    faults_command(fault, world_now_ms(exchange->world), &command);
    text = buf_bytes(&command);
    html_addf(&exchange->out,
              "<details><summary class=\"hint\">as command</summary><code "
              "id=\"command-%l\">%b</code> <button class=\"small\" "
              "data-copy=\"command-%l\" hidden>Copy</button></details></td>",
              id, &text, id);
}

static void show_end(struct buf *out, const struct json *fault)
{
    const struct bytes until = json_string(json_get(fault, "until"));
    const int64_t left =
        json_i64(json_get(fault, "times")) - json_i64(json_get(fault, "fired"));
    const struct bytes shown = bytes_slice(until, TIME_OF_DAY_AT, until.len > 19 ? 8 : 0);

    html_add(out, "<td>");
    if (json_get(fault, "times") != NULL)
        html_addf(out, "next %l ", left);
    if (until.len > 0)
        html_addf(out, "<time datetime=\"%b\">%b</time>", &until, &shown);
    html_add(out, "</td>");
}

static void show_fault(struct exchange *exchange, const struct json *fault)
{
    struct buf *out = &exchange->out;
    const struct bytes where = json_string(json_get(fault, "where"));
    const struct bytes method = json_string(json_get(fault, "method"));
    const struct bytes path = json_string(json_get(fault, "path"));
    const int64_t id = json_i64(json_get(fault, "id"));

    html_addf(out, "<tr><td>f%l</td><td>%b <code>%b %b</code></td>", id, &where, &method,
              &path);
    show_what(out, fault);
    show_command(exchange, fault);
    html_addf(out, "<td>%d %%, %l fired</td>", (int)json_i64(json_get(fault, "percent")),
              json_i64(json_get(fault, "fired")));
    show_end(out, fault);
    html_addf(out,
              "<td class=\"buttons\"><a class=\"button small\" href=\"/faults?edit=%l"
              "#fault\">Edit<span class=\"unseen\"> f%l</span></a> <form method=\"post\" "
              "action=\"/faults\" class=\"inline\"><input type=\"hidden\" name=\"do\" "
              "value=\"remove\"><button class=\"small\" name=\"id\" value=\"%l\" "
              "aria-label=\"Remove f%l\">✕</button></form></td></tr>\n",
              id, id, id, id);
}

static void show_faults(struct exchange *exchange)
{
    cleanup(buf_done) struct buf text = {0};
    cleanup(json_freep) struct json *list = NULL;
    struct buf *out = &exchange->out;
    struct err err = {0};
    struct write write;

    buf_init(&text, LIST_BYTES);
    write_init(&write, &text);
    faults_write(exchange->world, &write);
    if (json_parse(buf_bytes(&text), &list, &err) < 0 || json_count(list) == 0) {
        html_add(out, "<p class=\"muted\">Segment has a good day: no fault is on. Add "
                      "one below, or play a scenario.</p>\n");
        return;
    }
    html_addf(out, "<div class=\"row\"><p class=\"is-warn\">● %d active</p>",
              (int)json_count(list));
    html_add(
        out,
        "<form method=\"post\" action=\"/faults\" class=\"end\"><button name=\"do\" "
        "value=\"clear\">"
        "Clear all</button></form></div>\n<table class=\"folds\"><thead><tr><td></td>"
        "<th scope=\"col\">Where</th><th scope=\"col\">What</th><th scope=\"col\">"
        "How often</th><th scope=\"col\">Until</th><td></td></tr>"
        "</thead><tbody>\n");
    for (size_t i = 0; i < json_count(list); i++)
        show_fault(exchange, json_at(list, i));
    html_add(out, "</tbody></table>\n");
}

/* --- the page ----------------------------------------------------------------------- */

static void show_scenarios(struct buf *out)
{
    html_add(out, "<section class=\"panel\"><h2>Scenarios</h2>\n<dl>");
    for (size_t i = 0; fault_scenarios[i].name != NULL; i++)
        html_addf(out,
                  "<dt><form method=\"post\" action=\"/faults\"><input type=\"hidden\" "
                  "name=\"do\" "
                  "value=\"play\"><button class=\"small\" name=\"scenario\" value=\"%s\">"
                  "%s</button></form></dt><dd>%s</dd>\n",
                  fault_scenarios[i].name, fault_scenarios[i].title,
                  fault_scenarios[i].expect);
    html_add(out, "</dl></section>\n");
}

/* @fault: what stands in the form, of the fault @id (0: a new one); @trouble: what is
 * wrong with it, or NULL. */
static void show_page(struct exchange *exchange, const struct json *fault, unsigned id,
                      const char *trouble)
{
    struct buf *out = &exchange->out;

    page_begin(exchange, &(struct page){.title = "Faults", .section = "Faults"});
    html_add(out, "<h1>Faults</h1>\n");
    if (trouble != NULL)
        html_addf(out, "<p class=\"note is-error\" role=\"alert\">✖ %s</p>\n", trouble);
    show_faults(exchange);
    html_add(out, "<div class=\"columns\">");
    faults_form_show(exchange, fault, id);
    show_scenarios(out);
    html_add(out, "</div>\n");
    page_end(exchange);
}

static struct json *find_fault(struct exchange *exchange, unsigned id)
{
    cleanup(buf_done) struct buf text = {0};
    struct json *fault = NULL;
    struct err err = {0};
    struct write write;

    buf_init(&text, LIST_BYTES);
    write_init(&write, &text);
    if (!faults_write_one(exchange->world, id, &write) ||
        json_parse(buf_bytes(&text), &fault, &err) < 0)
        return NULL;
    return fault;
}

static unsigned id_of(struct bytes text)
{
    int64_t id = 0;

    if (!bytes_to_i64(text, &id) || id <= 0 || id > UINT32_MAX)
        return 0;
    return (unsigned)id;
}

static void get_page(struct exchange *exchange)
{
    const struct bytes edit = exchange_query(exchange, "edit");
    cleanup(json_freep) struct json *fault = find_fault(exchange, id_of(edit));
    cleanup(json_freep) struct json *blank = faults_form_blank();

    if (edit.len > 0 && fault == NULL)
        show_page(exchange, blank, 0, "That fault has ended. Add it again below.");
    else if (fault != NULL)
        show_page(exchange, fault, id_of(edit), NULL);
    else
        show_page(exchange, blank, 0, NULL);
}

/* --- posts -------------------------------------------------------------------------- */

static void conclude(struct exchange *exchange, int result, const struct err *err)
{
    cleanup(json_freep) struct json *blank = NULL;

    if (result == 0) {
        exchange_redirect(exchange, 303, "/faults");
        return;
    }
    world_abort(exchange->world);
    exchange->status = 400;
    blank = faults_form_blank();
    show_page(exchange, blank, 0, err->text);
}

/* "add" and "change". */
static void post_form(struct exchange *exchange, unsigned id)
{
    cleanup(json_freep) struct json *typed = faults_form_read(exchange);
    cleanup(json_freep) struct json *old = find_fault(exchange, id);
    struct err err = {0};
    int result;

    if (id != 0 && old == NULL) {
        id = 0;
        result = err_set(&err, "That fault has ended. Add it again below.");
    } else if (id != 0) {
        result = faults_set(exchange->world, typed, id, &id, &err);
    } else {
        unsigned new_id;

        result = faults_add(exchange->world, typed, &new_id, &err);
    }
    if (result == 0) {
        exchange_redirect(exchange, 303, "/faults");
        return;
    }
    world_abort(exchange->world);
    exchange->status = 400;
    show_page(exchange, typed, id, err.text);
}

static void post_page(struct exchange *exchange)
{
    const unsigned id = id_of(posted_field(exchange, "id"));
    struct world *world = exchange->world;
    struct err err = {0};
    int result = 0;

    if (posted_is(exchange, "do", "add") || posted_is(exchange, "do", "change")) {
        post_form(exchange, posted_is(exchange, "do", "change") ? id : 0);
        return;
    }
    if (posted_is(exchange, "do", "clear"))
        faults_clear(world);
    else if (posted_is(exchange, "do", "remove"))
        (void)faults_remove(world, id);
    else if (posted_is(exchange, "do", "play"))
        result = faults_play(world, posted_field(exchange, "scenario"), &err);
    conclude(exchange, result, &err);
}

static void missing(struct exchange *exchange, enum route_missing why)
{
    page_refuse(exchange, why == ROUTE_NO_METHOD ? 405 : 404, "there is no such page");
}

static const struct route routes[] = {
    {"GET", "/faults", get_page, FIDELITY_GUESS, NULL},
    {"POST", "/faults", post_page, FIDELITY_GUESS, NULL},
    {.method = NULL},
};

const struct area faults_area = {
    .title = "Faults",
    .prefix = "/faults/",
    .routes = routes,
    .body_bytes = 1 << 18,
    .is_own = true,
    .missing_fn = missing,
};
