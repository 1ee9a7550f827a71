/* SPDX-License-Identifier: MIT */

#include "emulator/faults/faults_form.h"

#include "base/err.h"
#include "base/html.h"
#include "emulator/faults/faults_command.h"
#include "emulator/faults/faults_row.h"
#include "emulator/frame/exchange.h"
#include "emulator/pages/input.h"
#include "emulator/pages/posted.h"
#include "emulator/world/world.h"
#include "json/json.h"
#include "json/write.h"

enum { TEXT_BYTES = 1 << 20, COMMAND_BYTES = 1 << 18 };

static const struct {
    const char *name, *label, *hint;
} fields[] = {
    {"status", "Status", "of what: status; 200 to 599"},
    {"code", "Code in the body", "of what: status; empty: the one of the status"},
    {"body", "Body", "of what: status; JSON or text, empty: the role's own words"},
    {"delay_ms", "Wait, ms", "500, or 2000-6000; also before another fault"},
    {"after_bytes", "Bytes before the cut", "of what: cut; empty: half of the body"},
    {"percent", "How often, %", ""},
    {"for", "For", "20s, 5m, 1h; empty: only by count"},
    {"times", "Or next", "so many calls"},
    {"method", "Method", "empty: any"},
    {"path", "Part of the path", "empty: any; of a sink: of the destination's name"},
};

/* --- showing ------------------------------------------------------------------------ */

static void print_delay(const struct json *delay, struct buf *text)
{
    for (size_t i = 0; i < json_count(delay); i++) {
        if (i > 0)
            buf_add_char(text, '-');
        json_print(json_at(delay, i), /* indented= */ false, text);
    }
}

static void print_value(const struct json *fault, const char *name, int64_t now_ms,
                        struct buf *text)
{
    const struct json *value = json_get(fault, name);

    if (strcmp(name, "for") == 0)
        faults_command_span(fault, now_ms, text);
    else if (strcmp(name, "times") == 0 && json_kind(value) == JSON_INTEGER)
        buf_addf(text, "%lld", (long long)faults_command_times(fault));
    else if (json_kind(value) == JSON_ARRAY && strcmp(name, "delay_ms") == 0)
        print_delay(value, text);
    else if (json_kind(value) == JSON_STRING)
        buf_add(text, json_string(value));
    else if (value != NULL)
        json_print(value, /* indented= */ false, text);
}

/* "cut", or "duplicate: of sink" when it does not happen everywhere. */
static void show_what(struct buf *out, enum fault_what what, struct bytes chosen)
{
    const struct bytes name = bytes_str(fault_what_text(what));
    cleanup(buf_done) struct buf text = {0};
    size_t n = 0;
    size_t n_wheres = 0;

    buf_init(&text, 256);
    buf_add(&text, name);
    for (; fault_wheres[n_wheres] != NULL; n_wheres++)
        n += fault_fits(fault_wheres[n_wheres], what) ? 1 : 0;
    for (size_t i = 0; i < n_wheres && n < n_wheres - 1; i++) {
        if (fault_fits(fault_wheres[i], what))
            buf_addf(&text, " · %s", fault_wheres[i]);
    }
    input_option(out, name, buf_bytes(&text), bytes_eq(chosen, name));
}

static void show_choices(struct buf *out, const struct json *fault)
{
    const struct bytes where = json_string(json_get(fault, "where"));
    const struct bytes what = json_string(json_get(fault, "what"));

    input_choice_begin(out, "where", BYTES("Where"));
    for (size_t i = 0; fault_wheres[i] != NULL; i++)
        input_option(out, bytes_str(fault_wheres[i]), bytes_str(fault_wheres[i]),
                     bytes_eq(where, bytes_str(fault_wheres[i])));
    input_choice_end(out, BYTES("sink: our deliveries to the receiver"));
    input_choice_begin(out, "what", BYTES("What"));
    for (int i = FAULT_NONE + 1; i < FAULT_N; i++)
        show_what(out, (enum fault_what)i, what);
    input_choice_end(out, BYTES("Where it can happen stands behind it."));
}

static void show_fields(struct exchange *exchange, const struct json *fault)
{
    cleanup(buf_done) struct buf value = {0};

    buf_init(&value, TEXT_BYTES);
    for (size_t i = 0; i < COUNT(fields); i++) {
        buf_clear(&value);
        print_value(fault, fields[i].name, world_now_ms(exchange->world), &value);
        input_show(&exchange->out, &(struct input){.name = fields[i].name,
                                                   .label = bytes_str(fields[i].label),
                                                   .value = buf_bytes(&value),
                                                   .hint = bytes_str(fields[i].hint)});
    }
}

/* The same fault for a script. */
static void show_command(struct exchange *exchange, const struct json *fault)
{
    cleanup(buf_done) struct buf command = {0};
    struct bytes text;

    buf_init(&command, COMMAND_BYTES);
    faults_command(fault, world_now_ms(exchange->world), &command);
    text = buf_bytes(&command);
    html_addf(&exchange->out,
              "<p>As command: <code id=\"command\">%b</code> <button class=\"small\" "
              "data-copy=\"command\" hidden>Copy</button></p>\n",
              &text);
}

void faults_form_show(struct exchange *exchange, const struct json *fault, unsigned id)
{
    struct buf *out = &exchange->out;

    html_add(out, "<section class=\"panel\" id=\"fault\">");
    if (id != 0)
        html_addf(out, "<h2>Change f%d</h2>", (int)id);
    else
        html_add(out, "<h2>New</h2>");
    html_add(out, "<form method=\"post\" action=\"/faults\">\n");
    input_hidden(out, "do", id != 0 ? BYTES("change") : BYTES("add"));
    if (id != 0)
        input_hidden(out, "id", bytes_str(arena_printf(&exchange->arena, "%u", id)));
    html_add(out, "<div class=\"fields\">");
    show_choices(out, fault);
    show_fields(exchange, fault);
    html_addf(out, "</div><div class=\"row\"><button class=\"main\">%s</button>",
              id != 0 ? "Change" : "Add");
    if (id != 0)
        html_add(out, "<a href=\"/faults\">Leave it as it is</a>");
    html_add(out, "</div></form>\n");
    show_command(exchange, fault);
    html_add(out, "</section>\n");
}

/* --- reading ------------------------------------------------------------------------ */

static void write_text_field(struct exchange *exchange, struct write *write,
                             const char *name)
{
    const struct bytes value = bytes_trim(posted_field(exchange, name));

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

static struct json *parse(struct bytes text)
{
    struct json *json = NULL;
    struct err err = {0};

    return json_parse(text, &json, &err) == 0 ? json : json_object();
}

struct json *faults_form_blank(void)
{
    return parse(BYTES("{\"where\":\"sink\",\"what\":\"status\",\"status\":503,"
                       "\"percent\":100,\"for\":\"20s\"}"));
}

struct json *faults_form_read(struct exchange *exchange)
{
    static const char *const texts[] = {"where", "what", "method", "path", "for"};
    static const char *const numbers[] = {"status", "code", "after_bytes", "percent",
                                          "times"};
    cleanup(buf_done) struct buf text = {0};
    struct write write;

    buf_init(&text, TEXT_BYTES);
    write_init(&write, &text);
    write_object(&write);
    for (size_t i = 0; i < COUNT(texts); i++)
        write_text_field(exchange, &write, texts[i]);
    for (size_t i = 0; i < COUNT(numbers); i++)
        write_number_field(exchange, &write, numbers[i]);
    write_delay(exchange, &write);
    write_body(exchange, &write);
    write_object_end(&write);
    return parse(buf_bytes(&text));
}
