/* SPDX-License-Identifier: MIT */

/* emulator fault: Segment has a bad day, on demand and for a limited time. */

#include "base/err.h"
#include "base/time_text.h"
#include "cli/api.h"
#include "cli/call.h"
#include "cli/columns.h"
#include "cli/commands.h"
#include "cli/emulator_link.h"
#include "json/json.h"
#include "json/write.h"

enum { TEXT_MAX = 1 << 20, PATH_BYTES = 1024 };

#define FAULTS "/_emulator/faults"
#define SCENARIOS "/_emulator/scenarios"

static void print_answer(const struct call *call, const struct json *json)
{
    cleanup(buf_done) struct buf text = {0};

    buf_init(&text, TEXT_MAX);
    json_print(json, /* indented= */ false, &text);
    print_record(&call->out, buf_bytes(&text));
}

/* A list that stands alone, or as the member of this name. */
static const struct json *list_of(const struct json *json, const char *name)
{
    return json_kind(json) == JSON_ARRAY ? json : json_get(json, name);
}

/* --- in words ----------------------------------------------------------------------- */

static void add_delay(const struct json *delay, struct buf *text)
{
    const bool is_range = json_kind(delay) == JSON_ARRAY;
    const int64_t least_ms = json_i64(is_range ? json_at(delay, 0) : delay);
    const int64_t most_ms = is_range ? json_i64(json_at(delay, 1)) : least_ms;

    if (most_ms <= 0)
        return;
    if (text->len > 0)
        buf_add_text(text, " ");
    buf_add_text(text, "after ");
    print_duration(least_ms * 1000, text);
    if (most_ms != least_ms) {
        buf_add_text(text, " to ");
        print_duration(most_ms * 1000, text);
    }
}

/* "status 503 after 2 s". */
static void add_what(const struct json *fault, struct buf *text)
{
    const struct bytes what = json_string(json_get(fault, "what"));

    buf_add(text, what);
    if (bytes_eq(what, BYTES("status")))
        buf_addf(text, " %lld", (long long)json_i64(json_get(fault, "status")));
    add_delay(json_get(fault, "delay_ms"), text);
}

/* "next 3, until 2026-…". */
static void add_end(const struct json *fault, struct buf *text)
{
    const int64_t times = json_i64(json_get(fault, "times"));
    const struct bytes until = json_string(json_get(fault, "until"));

    if (times > 0)
        buf_addf(text, "next %lld", (long long)times);
    if (until.len > 0)
        buf_addf(text, "%suntil %.*s", times > 0 ? ", " : "", BYTES_FMT(until));
}

static void add_calls(const struct json *fault, struct buf *text)
{
    const struct bytes method = json_string(json_get(fault, "method"));
    const struct bytes path = json_string(json_get(fault, "path"));

    buf_add(text, json_string(json_get(fault, "where")));
    if (method.len > 0)
        buf_addf(text, " %.*s", BYTES_FMT(method));
    if (path.len > 0)
        buf_addf(text, " …%.*s…", BYTES_FMT(path));
}

static void add_row(struct columns *columns, const struct json *fault)
{
    static void (*const parts[])(const struct json *, struct buf *) = {add_calls,
                                                                       add_what};
    cleanup(buf_done) struct buf text = {0};

    buf_init(&text, TEXT_MAX);
    columns_add_i64(columns, json_i64(json_get(fault, "id")));
    for (size_t i = 0; i < COUNT(parts); i++) {
        buf_clear(&text);
        parts[i](fault, &text);
        columns_add(columns, buf_bytes(&text));
    }
    buf_clear(&text);
    buf_addf(&text, "%lld %%", (long long)json_i64(json_get(fault, "percent")));
    columns_add(columns, buf_bytes(&text));
    buf_clear(&text);
    add_end(fault, &text);
    columns_add(columns, buf_bytes(&text));
}

/* --- list --------------------------------------------------------------------------- */

static int list(const struct call *call, const struct emulator_link *link,
                struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;
    const struct json *faults;
    struct columns columns;

    if (emulator_link_ask(link, "GET", FAULTS, BYTES(""), &json, err) < 0)
        return -1;
    faults = list_of(json, "faults");
    if (call->wants_json) {
        print_answer(call, json);
        return 0;
    }
    if (json_count(faults) == 0) {
        print_text(&call->out, "No faults: the local Segment does as it should\n");
        return 0;
    }
    columns_init(&columns, "ID WHERE WHAT HOW_OFTEN UNTIL");
    for (size_t i = 0; i < json_count(faults); i++)
        add_row(&columns, json_at(faults, i));
    columns_print(&columns, &call->out);
    columns_done(&columns);
    return 0;
}

/* --- set ---------------------------------------------------------------------------- */

/* "2s", or "2s..6s". */
static int write_delay(const char *text, struct write *write, struct err *err)
{
    const struct bytes whole = bytes_str(text);
    const size_t dots = bytes_find(whole, BYTES(".."));
    const struct bytes least = bytes_slice(whole, 0, dots);
    const struct bytes most =
        dots < whole.len ? bytes_slice(whole, dots + 2, whole.len) : least;
    int64_t least_ms;
    int64_t most_ms;

    if (!time_text_parse_duration(least, &least_ms) ||
        !time_text_parse_duration(most, &most_ms) || most_ms < least_ms)
        return err_code(err, "PA7003", ERR_USAGE,
                        "--delay wants a time such as 2s, or two such as 2s..6s; not "
                        "`%s`",
                        text);
    write_key(write, "delay_ms");
    write_array(write);
    write_i64(write, least_ms);
    write_i64(write, most_ms);
    write_array_end(write);
    return 0;
}

static void write_number_as(const struct call *call, const char *flag, const char *name,
                            struct write *write)
{
    if (call_has(call, flag))
        write_member_i64(write, name, call_number(call, flag));
}

static void write_number(const struct call *call, const char *name, struct write *write)
{
    write_number_as(call, name, name, write);
}

/* JSON when it is some, else a text. */
static void write_body(const struct call *call, struct write *write)
{
    cleanup(json_freep) struct json *json = NULL;
    const struct bytes text = bytes_str(call_given(call, "body"));
    struct err err = {0};

    if (!call_has(call, "body"))
        return;
    if (json_parse(text, &json, &err) == 0)
        write_member_raw(write, "body", text);
    else
        write_member_string(write, "body", text);
}

static void write_given(const struct call *call, const char *name, struct write *write)
{
    if (call_has(call, name))
        write_member_text(write, name, call_given(call, name));
}

/* What the flags mean when --what does not say. */
static const char *what_of(const struct call *call)
{
    if (call_has(call, "what"))
        return call_given(call, "what");
    if (call_has(call, "status"))
        return "status";
    return call_has(call, "delay") ? "delay" : NULL;
}

static int write_fault(const struct call *call, struct write *write, struct err *err)
{
    const char *what = what_of(call);

    if (what == NULL) {
        err_code(err, "PA7004", ERR_USAGE, "what shall happen is missing");
        return err_help(err, "--status 503, --delay 2s, or --what hang");
    }
    write_object(write);
    write_member_text(write, "where", call_arg(call, 1));
    write_member_text(write, "what", what);
    if (call_has(call, "delay") && write_delay(call_given(call, "delay"), write, err) < 0)
        return -1;
    write_number(call, "status", write);
    write_number(call, "code", write);
    write_number_as(call, "after-bytes", "after_bytes", write);
    write_body(call, write);
    write_number(call, "percent", write);
    write_number(call, "times", write);
    write_given(call, "method", write);
    write_given(call, "path", write);
    write_given(call, "for", write);
    write_object_end(write);
    return 0;
}

static int set(const struct call *call, const struct emulator_link *link, struct err *err)
{
    cleanup(json_freep) struct json *fault = NULL;
    cleanup(buf_done) struct buf body = {0};
    cleanup(buf_done) struct buf text = {0};
    struct write write;

    buf_init(&body, TEXT_MAX);
    buf_init(&text, TEXT_MAX);
    write_init(&write, &body);
    if (write_fault(call, &write, err) < 0 ||
        emulator_link_ask(link, "POST", FAULTS, buf_bytes(&body), &fault, err) < 0)
        return -1;
    if (call->wants_json) {
        print_answer(call, fault);
        return 0;
    }
    buf_addf(&text, "Fault %lld: ", (long long)json_i64(json_get(fault, "id")));
    add_calls(fault, &text);
    buf_add_text(&text, ": ");
    add_what(fault, &text);
    buf_add_text(&text, ", ");
    add_end(fault, &text);
    print_text(&call->out, "%s\n", buf_text(&text));
    call_hint(call, "End it earlier: partnerapp emulator fault clear %lld",
              (long long)json_i64(json_get(fault, "id")));
    return 0;
}

/* --- clear -------------------------------------------------------------------------- */

static int remove_one(const struct emulator_link *link, struct bytes id, struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;
    cleanup(buf_done) struct buf path = {0};

    buf_init(&path, PATH_BYTES);
    buf_add_text(&path, FAULTS "/");
    api_add_segment(&path, id);
    return emulator_link_ask(link, "DELETE", buf_text(&path), BYTES(""), &json, err);
}

/* All those of a place: "sink". */
static int remove_where(const struct emulator_link *link, struct bytes where,
                        long long *ret_n, struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;
    const struct json *faults;
    char id[24];

    if (emulator_link_ask(link, "GET", FAULTS, BYTES(""), &json, err) < 0)
        return -1;
    faults = list_of(json, "faults");
    for (size_t i = 0; i < json_count(faults); i++) {
        const struct json *fault = json_at(faults, i);

        if (!bytes_eq(json_string(json_get(fault, "where")), where))
            continue;
        snprintf(id, sizeof(id), "%lld", (long long)json_i64(json_get(fault, "id")));
        if (remove_one(link, bytes_str(id), err) < 0)
            return -1;
        ++*ret_n;
    }
    return 0;
}

static int clear_all(const struct emulator_link *link, struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;

    return emulator_link_ask(link, "DELETE", FAULTS, BYTES(""), &json, err);
}

static int clear(const struct call *call, const struct emulator_link *link,
                 struct err *err)
{
    const char *which = call_arg(call, 1);
    int64_t id;
    long long n = 0;
    int answer;

    if (which == NULL) {
        answer = clear_all(link, err);
    } else if (bytes_to_i64(bytes_str(which), &id)) {
        answer = remove_one(link, bytes_str(which), err);
    } else {
        answer = remove_where(link, bytes_str(which), &n, err);
        if (answer == 0 && n == 0)
            return err_code(err, "PA8011", ERR_NOT_FOUND,
                            "the local Segment has no fault `%s`", which);
    }
    if (answer == 0 && !call->wants_json)
        print_text(&call->out, "Cleared: %s\n", which != NULL ? which : "all faults");
    if (answer == 0 && call->wants_json)
        print_record(&call->out, BYTES("{}"));
    return answer;
}

/* --- scenarios ---------------------------------------------------------------------- */

static int play(const struct call *call, const struct emulator_link *link,
                struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;
    cleanup(buf_done) struct buf path = {0};
    struct bytes expectation;

    buf_init(&path, PATH_BYTES);
    buf_add_text(&path, SCENARIOS "/");
    api_add_segment(&path, bytes_str(call_arg(call, 1)));
    if (emulator_link_ask(link, "POST", buf_text(&path), BYTES(""), &json, err) < 0)
        return -1;
    if (call->wants_json) {
        print_answer(call, json);
        return 0;
    }
    print_text(&call->out, "Plays: %s\n", call_arg(call, 1));
    expectation = json_string(json_get(json, "expect"));
    if (expectation.len > 0)
        print_text(&call->out, "Expect: %.*s\n", BYTES_FMT(expectation));
    return 0;
}

static int scenarios(const struct call *call, const struct emulator_link *link,
                     struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;
    const struct json *rows;
    struct columns columns;

    if (emulator_link_ask(link, "GET", SCENARIOS, BYTES(""), &json, err) < 0)
        return -1;
    if (call->wants_json) {
        print_answer(call, json);
        return 0;
    }
    rows = list_of(json, "scenarios");
    columns_init(&columns, "NAME EXPECT");
    for (size_t i = 0; i < json_count(rows); i++) {
        columns_add(&columns, json_string(json_get(json_at(rows, i), "name")));
        columns_add(&columns, json_string(json_get(json_at(rows, i), "expect")));
    }
    columns_print(&columns, &call->out);
    columns_done(&columns);
    return 0;
}

/* --- which -------------------------------------------------------------------------- */

static const struct {
    const char *verb;
    size_t min_args, max_args;
    int (*fn)(const struct call *call, const struct emulator_link *link, struct err *err);
} verbs[] = {
    {"list", 1, 1, list},           {"set", 2, 2, set},
    {"clear", 1, 2, clear},         {"play", 2, 2, play},
    {"scenarios", 1, 1, scenarios},
};

int emulator_fault_run(struct call *call, struct err *err)
{
    const char *verb = call_arg(call, 0) != NULL ? call_arg(call, 0) : "list";
    const size_t n_args = call->n_args > 0 ? call->n_args : 1;
    struct emulator_link link;

    for (size_t i = 0; i < COUNT(verbs); i++) {
        if (strcmp(verbs[i].verb, verb) != 0 || n_args < verbs[i].min_args ||
            n_args > verbs[i].max_args)
            continue;
        if (emulator_link_open(&link, call, err) < 0)
            return -1;
        return verbs[i].fn(call, &link, err);
    }
    err_code(err, "PA7004", ERR_USAGE,
             "partnerapp emulator fault wants list, set WHERE, clear [ID|WHERE], play "
             "SCENARIO or scenarios");
    return err_help(err, "partnerapp emulator fault -h");
}
