/* SPDX-License-Identifier: MIT */

/* The page Faults (ux §4.5). */

#include "base/err.h"
#include "base/html.h"
#include "base/shell_word.h"
#include "emulator/faults/faults.h"
#include "emulator/faults/faults_row.h"
#include "emulator/frame/areas.h"
#include "emulator/frame/exchange.h"
#include "emulator/pages/input.h"
#include "emulator/pages/page.h"
#include "emulator/pages/posted.h"
#include "emulator/world/world.h"
#include "json/json.h"
#include "json/write.h"

enum { LIST_BYTES = 1 << 22, ROW_BYTES = 8192, TIME_OF_DAY_AT = 11 };

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
    html_add(out, "</td>");
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

static void show_fault(struct buf *out, const struct json *fault)
{
    const struct bytes where = json_string(json_get(fault, "where"));
    const struct bytes method = json_string(json_get(fault, "method"));
    const struct bytes path = json_string(json_get(fault, "path"));
    const int64_t id = json_i64(json_get(fault, "id"));

    html_addf(out, "<tr><td>f%l</td><td>%b <code>%b %b</code></td>", id, &where, &method,
              &path);
    show_what(out, fault);
    html_addf(out, "<td>%d %%, %l fired</td>", (int)json_i64(json_get(fault, "percent")),
              json_i64(json_get(fault, "fired")));
    show_end(out, fault);
    html_addf(out,
              "<td><form method=\"post\"><input type=\"hidden\" name=\"do\" "
              "value=\"remove\"><button class=\"small\" name=\"id\" value=\"%l\" "
              "aria-label=\"Remove f%l\">✕</button></form></td></tr>\n",
              id, id);
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
        html_add(out, "<p class=\"muted\">Segment has a good day: no fault is on.</p>\n");
        return;
    }
    html_addf(out, "<div class=\"row\"><p class=\"is-warn\">● %d active</p>",
              (int)json_count(list));
    html_add(out,
             "<form method=\"post\" class=\"end\"><button name=\"do\" value=\"clear\">"
             "Clear all</button></form></div>\n<table><thead><tr><th scope=\"col\"></th>"
             "<th scope=\"col\">Where</th><th scope=\"col\">What</th><th scope=\"col\">"
             "How often</th><th scope=\"col\">Until</th><th scope=\"col\"></th></tr>"
             "</thead><tbody>\n");
    for (size_t i = 0; i < json_count(list); i++)
        show_fault(out, json_at(list, i));
    html_add(out, "</tbody></table>\n");
}

/* --- the form ----------------------------------------------------------------------- */

static void show_choices(struct exchange *exchange)
{
    struct buf *out = &exchange->out;
    const struct bytes where = posted_field(exchange, "where");
    const struct bytes chosen = posted_field(exchange, "what");

    input_choice_begin(out, "where", BYTES("Where"));
    for (size_t i = 0; fault_wheres[i] != NULL; i++)
        input_option(out, bytes_str(fault_wheres[i]), bytes_str(fault_wheres[i]),
                     bytes_eq(where, bytes_str(fault_wheres[i])));
    input_choice_end(out, BYTES("sink: our deliveries to the receiver"));
    input_choice_begin(out, "what", BYTES("What"));
    for (int i = FAULT_NONE + 1; i < FAULT_N; i++) {
        const struct bytes what = bytes_str(fault_what_text((enum fault_what)i));

        input_option(out, what, what, bytes_eq(chosen, what));
    }
    input_choice_end(out, BYTES(""));
}

static const struct {
    const char *name, *label, *value, *hint;
} fields[] = {
    {"status", "Status", "503", "of what: status"},
    {"body", "Body", "", "JSON or text; empty: the role's own words"},
    {"delay_ms", "Wait, ms", "", "500, or 2000-6000"},
    {"percent", "How often, %", "100", ""},
    {"for", "For", "20s", "a duration; empty: only by count"},
    {"times", "Or next", "", "so many calls"},
    {"method", "Method", "", "empty: any"},
    {"path", "Part of the path", "", "empty: any; of a sink: of the destination's name"},
};

static struct bytes typed(struct exchange *exchange, size_t i)
{
    if (exchange->body.len == 0)
        return bytes_str(fields[i].value);
    return posted_field(exchange, fields[i].name);
}

static void show_form(struct exchange *exchange)
{
    struct buf *out = &exchange->out;

    html_add(out, "<section class=\"panel\"><h2>New</h2>");
    input_form(out, NULL);
    input_hidden(out, "do", BYTES("add"));
    show_choices(exchange);
    for (size_t i = 0; i < COUNT(fields); i++)
        input_show(out, &(struct input){.name = fields[i].name,
                                        .label = bytes_str(fields[i].label),
                                        .value = typed(exchange, i),
                                        .hint = bytes_str(fields[i].hint)});
    html_add(out, "<button>Add</button></form></section>\n");
}

/* The same fault for a script. */
static void show_command(struct exchange *exchange)
{
    static const char *const flags[] = {"what", "status", "body",   "delay_ms", "percent",
                                        "for",  "times",  "method", "path"};
    cleanup(buf_done) struct buf command = {0};
    struct bytes text;

    buf_init(&command, ROW_BYTES);
    buf_add_text(&command, "partnerapp emulator fault set ");
    if (exchange->body.len == 0 || posted_field(exchange, "where").len == 0) {
        buf_add_text(&command, "sink --status 503 --for 20s");
    } else {
        shell_word(posted_field(exchange, "where"), &command);
        for (size_t i = 0; i < COUNT(flags); i++) {
            const struct bytes value = posted_field(exchange, flags[i]);

            if (value.len == 0)
                continue;
            buf_addf(&command, " --%s ",
                     strcmp(flags[i], "delay_ms") == 0 ? "delay" : flags[i]);
            shell_word(value, &command);
        }
    }
    text = buf_bytes(&command);
    html_addf(&exchange->out,
              "<p>As command: <code id=\"command\">%b</code> <button class=\"small\" "
              "data-copy=\"command\" hidden>Copy</button></p>\n",
              &text);
}

static void show_scenarios(struct buf *out)
{
    html_add(out, "<section class=\"panel\"><h2>Scenarios</h2>\n<dl>");
    for (size_t i = 0; fault_scenarios[i].name != NULL; i++)
        html_addf(out,
                  "<dt><form method=\"post\"><input type=\"hidden\" name=\"do\" "
                  "value=\"play\"><button class=\"small\" name=\"scenario\" value=\"%s\">"
                  "%s</button></form></dt><dd>%s</dd>\n",
                  fault_scenarios[i].name, fault_scenarios[i].title,
                  fault_scenarios[i].expect);
    html_add(out, "</dl></section>\n");
}

static void show_page(struct exchange *exchange, const char *trouble)
{
    struct buf *out = &exchange->out;

    page_begin(exchange, &(struct page){.title = "Faults", .section = "Faults"});
    html_add(out, "<h1>Faults</h1>\n");
    if (trouble != NULL)
        html_addf(out, "<p class=\"note is-error\" role=\"alert\">%s</p>\n", trouble);
    show_faults(exchange);
    show_command(exchange);
    html_add(out, "<div class=\"columns\">");
    show_form(exchange);
    show_scenarios(out);
    html_add(out, "</div>\n");
    page_end(exchange);
}

static void get_page(struct exchange *exchange)
{
    show_page(exchange, NULL);
}

/* --- posts -------------------------------------------------------------------------- */

static void write_text_field(struct exchange *exchange, struct write *write,
                             const char *name)
{
    const struct bytes value = posted_field(exchange, name);

    if (value.len > 0)
        write_member_string(write, name, value);
}

/* As a number when it is one; else as it is, to be refused in words. */
static void write_number(struct write *write, struct bytes text)
{
    int64_t number;

    if (bytes_to_i64(text, &number))
        write_i64(write, number);
    else
        write_string(write, text);
}

static void write_number_field(struct exchange *exchange, struct write *write,
                               const char *name)
{
    const struct bytes value = bytes_trim(posted_field(exchange, name));

    if (value.len == 0)
        return;
    write_key(write, name);
    write_number(write, value);
}

/* "500", or "2000-6000". */
static void write_delay(struct exchange *exchange, struct write *write)
{
    struct bytes most = bytes_trim(posted_field(exchange, "delay_ms"));
    const struct bytes least = bytes_take_until(&most, '-');

    if (least.len == 0)
        return;
    write_key(write, "delay_ms");
    if (most.len == 0) {
        write_number(write, least);
        return;
    }
    write_array(write);
    write_number(write, least);
    write_number(write, most);
    write_array_end(write);
}

static void write_body(struct exchange *exchange, struct write *write)
{
    cleanup(json_freep) struct json *json = NULL;
    const struct bytes text = bytes_trim(posted_field(exchange, "body"));
    struct err err = {0};

    if (text.len == 0)
        return;
    if (json_parse(text, &json, &err) == 0)
        write_member_raw(write, "body", text);
    else
        write_member_string(write, "body", text);
}

static int add(struct exchange *exchange, struct err *err)
{
    cleanup(buf_done) struct buf text = {0};
    cleanup(json_freep) struct json *json = NULL;
    struct write write;
    unsigned id;

    buf_init(&text, LIST_BYTES);
    write_init(&write, &text);
    write_object(&write);
    write_text_field(exchange, &write, "where");
    write_text_field(exchange, &write, "what");
    write_text_field(exchange, &write, "method");
    write_text_field(exchange, &write, "path");
    write_text_field(exchange, &write, "for");
    write_number_field(exchange, &write, "status");
    write_number_field(exchange, &write, "percent");
    write_number_field(exchange, &write, "times");
    write_delay(exchange, &write);
    write_body(exchange, &write);
    write_object_end(&write);
    if (json_parse(buf_bytes(&text), &json, err) < 0)
        return -1;
    return faults_add(exchange->world, json, &id, err);
}

static void conclude(struct exchange *exchange, int result, const struct err *err)
{
    if (result < 0) {
        world_abort(exchange->world);
        exchange->status = 400;
        show_page(exchange, err->text);
        return;
    }
    exchange_redirect(exchange, 303, "/faults");
}

static void post_page(struct exchange *exchange)
{
    struct world *world = exchange->world;
    struct err err = {0};
    int64_t id = 0;
    int result = 0;

    if (posted_is(exchange, "do", "clear"))
        faults_clear(world);
    else if (posted_is(exchange, "do", "remove") &&
             bytes_to_i64(posted_field(exchange, "id"), &id))
        (void)faults_remove(world, (unsigned)id);
    else if (posted_is(exchange, "do", "play"))
        result = faults_play(world, posted_field(exchange, "scenario"), &err);
    else if (posted_is(exchange, "do", "add"))
        result = add(exchange, &err);
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
